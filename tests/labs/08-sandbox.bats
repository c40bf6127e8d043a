# 08-sandbox.bats - task sandbox of 08-ipc-namespace/lab: all is hidden but one
# object
load 08

boxes() { # the object that is let in, and another one
  needs_namespaces --mount --pid --fork --keep-caps mount -t tmpfs x /dev/shm
  outside sh -c 'echo hello >/dev/shm/box; echo secret >/dev/shm/other'
}
reads() {
  go box cat /dev/shm/box
  expect_out hello
  expect_status 0
}
expect_hidden() { # the other object
  go box ls -A /dev/shm
  expect_out box
}
# Where the machine refuses a call, the command sees nothing more than else
refused() { # CALL
  failing "$1" EPERM go box ls -A /dev/shm
  [ "$(<main.out)" = box ] || { # a design that does without it
    expect_failure
    expect_err
    expect_out ''
  }
}
parent_of_one() { # NAME: the process of the program that has a child by now
  local id child=''
  for id in $(family "${pid[$1]}"); do
    [ "$(<"/proc/$id/comm")" = "${PROGRAM##*/}" ] || continue
    read -r child _ < <(children "$id") || true # no newline
    [ -z "$child" ] || { echo "$id" && return; }
  done
  return 1
}
expect_all_end() { # NAME was killed
  local i left
  ended=$1
  for ((i = 0; i < PATIENCE * 10; i++)); do
    left=$(processes)
    [ -n "$left" ] || break
    a_moment 0.1
  done
  [ -z "$left" ] ||
    happens 'when sandbox was killed, nothing that it started runs on' \
      "still there: $left"
  wait "${pid[$1]}" 2>/dev/null || true
}

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status, 128 + N for signal N" {
  boxes
  go box sh -c 'echo hello; exit 3'
  expect_out hello
  expect_status 3
  go box sh -c 'echo hello; kill -TERM $$; echo not ended'
  expect_out hello
  expect_status 143
}
# bats test_tags=points:2,hint:2
@test "the object that is let in is the same memory inside and outside" {
  boxes
  reads
  go box perl -e 'open($f, "+<", "/dev/shm/box") && print {$f} "there" or die;
    close($f); print "written\n"'
  expect_out written
  expect_hidden
  [ "$(</dev/shm/box)" = there ] ||
    happens 'outside, the object contains what the command has written: there' \
      "it contains: $(</dev/shm/box)"
}
# bats test_tags=points:1,hint:3
@test "no other object in /dev/shm is seen inside, and none outside" {
  boxes
  go box sh -c 'ls -A /dev/shm; echo mine >/dev/shm/mine; cat /dev/shm/mine'
  expect_out $'box\nmine'
  [ ! -e /dev/shm/mine ] ||
    happens 'what the command makes is not seen outside' '/dev/shm/mine is'
  go box ls -A /dev/shm
  expect_out box
  go box ls /proc/self/fd # and 3, which is the folder
  expect_out $'0\n1\n2\n3'
}
# bats test_tags=points:1,hint:4
@test "System V objects of the outside are not found inside, and stay" {
  boxes
  outside perl -e 'msgget(0x6e01, 01600)'
  go box perl -e 'print defined msgget(0x6e01, 0) ? "found" : "none", "\n";
    defined msgget(0x6e02, 01600) && print "made\n"'
  expect_out $'none\nmade'
}
# bats test_tags=points:1,hint:5
@test "the command has the user and the group that it has outside" {
  boxes
  local ids
  ids=$(as_program sh -c 'id -u; id -g')
  go box sh -c 'id -u; id -g'
  expect_out "$ids"
  expect_hidden
}
# bats test_tags=points:2,hint:6
@test "when the command has ended, so has all that it has started" {
  boxes
  go box sh -c 'setsid tail -f /dev/null & tail -f /dev/null & echo started'
  expect_out started
  expect_status 0
  expect_no_process
}
# bats test_tags=points:2,hint:7
@test "when sandbox is killed, all in it ends, however early that is" {
  boxes
  needs_strace
  local id='' i WRAP=() WITH=''
  hold main box 'setsid tail -f /dev/null & :'
  expect_inside main
  send KILL main
  expect_all_end main
  # Killed when it has a child, but each prctl of that is late
  WRAP=(strace -f -qq -o /dev/null -e inject=prctl:delay_enter=300000)
  WITH=', killed as soon as it has a child, whose calls of prctl are late'
  hold main box :
  for ((i = 0; i < PATIENCE * 100 && ${#id} == 0; i++)); do
    id=$(parent_of_one main 2>/dev/null) || a_moment 0.01
  done
  [ -n "$id" ] || happens 'it starts a child' 'it has none'
  kill -KILL "$id"
  expect_all_end main
}
# bats test_tags=points:1,hint:8
@test "processes that lose their parent leave no zombies" {
  boxes
  local id zombies=''
  hold main box 'for i in 1 2 3; do (true &); done'
  expect_inside main
  asleep_all main
  for id in $(family "$(program main)"); do
    ! grep -qs '^State:.Z' "/proc/$id/status" || zombies+=" $id"
  done
  [ -z "$zombies" ] ||
    happens 'a process that has ended is waited for' "zombies:$zombies"
  let_go main
  expect_hidden
}
# bats test_tags=points:1,hint:9
@test "without the object, or if a call fails, no command runs unprotected" {
  boxes
  reads
  go nothing echo hello
  expect_failure
  expect_err
  expect_out ''
  refused unshare
  refused mount
  failing '/^(clone3?|v?fork)$' EAGAIN go box echo hello
  expect_failure
  expect_err
  expect_out ''
}
# bats test_tags=points:1,hint:10
@test "a command that does not exist has status 127, and no memory error" {
  boxes
  go box ./no-such-command
  expect_status 127
  expect_err
  reads
  # It may have failed there: valgrind does not know each call
  in_valgrind go box ./no-such-command
  expect_no_memory_error
}
# bats test_tags=points:1,hint:1
@test "it works whichever call is late" {
  boxes
  delayed '/^(unshare|mount|clone3?|v?fork|wait.*|prctl|write|execve)$' reads
  each_call '/^(clone3?|v?fork|wait.*)$' reads
  expect_hidden
}
