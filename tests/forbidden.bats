# forbidden.bats - what programs say where the machine forbids namespaces: a
# sysctl, the seccomp filter of a container
load lib/helper
load lib/lessons

MAN='unshare(2), user_namespaces(7), seccomp(2)'
# What needs a namespace; unprivileged must not be root, see there
NEED_NAMESPACES=(undo_at_unshare persist enter limits pid_namespace
  pid_namespace_fixed 'ipc_sandbox true' isolation_matrix
  'container_modes.sh unshare' 'two_hosts.sh /dev/null')

everywhere() {
  local chapter=08-ipc-namespace
  PATH=$BUILD/$chapter/robust:$BUILD/$chapter/lessons:$BUILD/$chapter/tools:$PATH
  PATH=$ROOT/06-sockets/lessons:$ROOT/$chapter/lessons:$PATH
}
traced() {
  everywhere
  needs_strace
}

# forbidden PROGRAM [OPERAND...]: where a sysctl allows no user namespaces, and
# the privilege is missing, it ends with 77 and the remedy; after that it works
forbidden() {
  local be=(--map-root-user) drop=(setpriv --bounding-set=-sys_admin)
  [ $EUID = 0 ] || be=(--map-current-user --keep-caps) drop=("${no_caps[@]}")
  may_forbid
  # shellcheck disable=SC2016 # the inner shell's
  run --separate-stderr try unshare --user "${be[@]}" sh -c '
    echo 0 >/proc/sys/user/max_user_namespaces
    "$@" >out 2>refused
    echo "status $?"
    sed -n "s/.*: as root: //p" refused | sh >out
    exec "$@" >out' sh "${drop[@]}" "$@"
  [[ $status = 0 && $output == 'status 77' && $(cat refused) == \
    "${1##*/}: "*'No space left on device: as root: '* ]] ||
    fail "expected of $1: 77, the cause, and a remedy that works" \
      "actual: $output, $(cat refused) Afterwards: $status $stderr"
}

# As the seccomp filter of a container does: unshare and setns give EPERM, also
# where they would change nothing
filtered() {
  try strace -f -qq -o trace -e inject=unshare,setns:error=EPERM "$@" </dev/null
}
@test "where a sysctl allows no namespaces, each program that needs them prints a remedy that works" {
  everywhere
  local command
  for command in "${NEED_NAMESPACES[@]}"; do
    # shellcheck disable=SC2086 # the words of command
    forbidden $command
  done
  [ $EUID = 0 ] || forbidden unprivileged
}
@test "where seccomp refuses unshare, each program that needs it names what a container needs" {
  traced
  local command
  for command in "${NEED_NAMESPACES[@]}" unprivileged ns_producer; do
    # shellcheck disable=SC2086 # the words of command
    run --separate-stderr -77 filtered $command
    [[ $stderr == *'--privileged'* && $stderr == *': Operation not permitted'* ]] ||
      fail "expected of $command: the cause and the remedy" "actual: $stderr"
  done
}
@test "where seccomp refuses unshare, chapter 08's demo prints the remedy and continues" {
  traced
  run -0 filtered "$ROOT/08-ipc-namespace/demo.sh"
  [[ $output == *'$ unshare --fork sh'*'Operation not permitted'*'# Checked: all three are gone'* &&
    $output == *$'\nNot on this machine: '*--privileged* ]] || fail "$output"
}
@test "where seccomp refuses unshare, make doctor names what a container needs" {
  traced
  run filtered "$ROOT/tests/tools/doctor"
  grep -qx 'missing  user namespaces, .*: seccomp refuses it: a container needs --privileged' \
    <<<"$output" || fail "$output"
}
@test "where seccomp refuses setns, a file that is not an IPC namespace is still recognised" {
  traced
  local name
  for name in /proc/self/ns/uts ./trace /; do
    run -1 filtered ns_consumer $name
    [ "$output" = "ns_consumer: $name: not an IPC namespace" ]
  done
  run -1 filtered ns_consumer /proc/self/ns/ipc
  [[ $output == *'setns /proc/self/ns/ipc: '*': Operation not permitted' ]]
}
