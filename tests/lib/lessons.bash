# shellcheck shell=bash
# lessons.bash - what the tests of every lesson need

# lesson PROGRAM [ARGUMENT...]: run it. It ends well, with $output and $stderr
# for the test to look at; or with 77, because this machine forbids what it
# shows: then the test is skipped, with the reason that the program gives
lesson() {
  run --separate-stderr try "$@"
  [ "$status" != 77 ] || requires "${stderr//$'\n'/ }" false
  [ "$status" = 0 ] ||
    fail "expected: $* ends with 0" "actual: $status" "$output" "$stderr"
}

# prints REGEX...: each matches a whole line of $output, in this order; other
# lines may stand between. prints_only: no other line may
prints() {
  local line want=("$@")
  while IFS= read -r line; do
    if [ ${#want[@]} -gt 0 ] && [[ $line =~ ^(${want[0]})$ ]]; then
      want=("${want[@]:1}")
    fi
  done <<<"$output"
  [ ${#want[@]} = 0 ] ||
    fail "expected, after what stands before it: ${want[0]}" "actual: $output"
}
prints_only() {
  prints "$@" || return
  [ "$(wc -l <<<"$output")" = $# ] ||
    fail "expected: $# lines" "actual: $output"
}

# misuse PROGRAM ARGUMENT...: usage on standard error, status 2, nothing else
misuse() {
  run --separate-stderr -2 try "$@" </dev/null
  [[ $stderr == *"usage: $1"* && -z $output ]] ||
    fail "expected of $*: its usage" "actual: $stderr $output"
}

# too_long WHAT PROGRAM ARGUMENT...: says WHAT, status 2, nothing else
too_long() {
  local what=$1
  shift
  run --separate-stderr -2 try "$@" </dev/null
  [[ $stderr == "$1: $what" && -z $output ]] ||
    fail "expected: $1: $what" "actual: $stderr $output"
}

# full PROGRAM [ARGUMENT...]: to a full standard output it fails and says so
full() {
  run --separate-stderr try sh -c '"$@" >/dev/full' sh "$@"
  [ "$status" != 77 ] || requires "${stderr//$'\n'/ }" false
  [[ $status == 1 && $stderr == *"$1: "*'No space left on device'* ]] ||
    fail "expected: $* fails on /dev/full" "actual: $status $stderr"
}

may_forbid() {
  requires 'a user namespace with a writable /proc/sys: make doctor' unshare \
    --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces'
}

# forbidden PROGRAM [ARGUMENT...]: where a sysctl allows no user namespaces, and
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
