# shellcheck shell=bash
# 08.bash - what the tests of 08-ipc-namespace/lab share: the namespaces that
# the machine must allow, and System V objects by perl, which has their calls
load lab

# shellcheck disable=SC2034 # what helper.bash prints
MAN='ipc_namespaces(7), user_namespaces(7)'
REMEDY='make doctor names a sysctl; no chroot, a container needs --privileged'

# Runs a command as the student's program runs: as the same user, confined
as_program() {
  try "$ROOT/tests/labs/confined" "$@" </dev/null
}
# needs_namespaces [OPTION... COMMAND...]: and what else unshare(1) must be able
# to do. Tried once for all tests of the file
needs_namespaces() {
  [ -e "$BATS_FILE_TMPDIR/namespaces" ] || {
    requires 'namespaces of its own for each test: make doctor' \
      [ "$ISOLATION" = namespaces ]
    requires "an IPC namespace in a user namespace${1:+ with mounts}: $REMEDY" \
      as_program unshare --user --map-current-user --ipc "${@:-true}"
  }
  : >"$BATS_FILE_TMPDIR/namespaces"
}
# outside COMMAND...: makes objects, as the user of the program. They must stay
outside() {
  as_program "$@"
  objects >.before # what the leak check expects to find
}
# What ran readlink /proc/self/ns/ipc has not run it in the test's namespace
expect_not_outside() {
  [ "$(<"$ended.out")" != "$(readlink /proc/self/ns/ipc)" ] ||
    happens 'the command does not run in the namespace outside' \
      'the command ran in the namespace outside'
}
# hold NAME ARGUMENT... CODE: runs the program in the background. Its command is
# a shell that runs CODE, prints "in", and stays until let_go NAME
declare -gA gate
hold() {
  local fd
  exec {fd}<> <(:) # a pipe, both its ends
  gate[$1]=$fd
  begin "${@:1:$#-1}" sh -c "${*: -1}; echo in; read -r line; exit 0" <&"$fd"
}
expect_inside() { # NAME: its command runs, within the patience
  local why='it has ended'
  ! in_time "$1" is_inside "$1" || return 0
  ! kill -0 "${pid[$1]}" 2>/dev/null || why=$(waits "$(program "$1")")
  happens 'its command runs, and stays' \
    "its command does not run, or has ended: $why$(said)"
}
is_inside() {
  local lines
  mapfile -t lines <"$1.out"
  [ "${lines[*]: -1}" = in ]
}
let_go() { # NAME...: each of them ends, with exit status 0
  local name
  for name; do echo >&"${gate[$name]}"; done
  for name; do
    end "$name"
    expect_status 0
  done
}
