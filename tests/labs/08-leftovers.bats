# 08-leftovers.bats - task leftovers of 08-ipc-namespace/lab: what a command
# leaves in an IPC namespace
load 08

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status, 128 + N for signal N" {
  needs_namespaces
  go sh -c 'echo hello; exit 3'
  expect_out hello
  expect_status 3
  go sh -c 'echo hello; kill -TERM $$'
  expect_out hello
  expect_status 143
}
# bats test_tags=points:1,hint:2
@test "it lists a queue, a set and a segment that the command leaves" {
  needs_namespaces
  go perl -e 'print "made\n" if defined msgget(0x6e01, 01600) &&
    defined semget(0x6e02, 7, 01600) && defined shmget(0x6e03, 1000, 01600)'
  expect_out 'made
queue 0x00006e01 0
set 0x00006e02 7
segment 0x00006e03 1000'
  expect_status 0
  # valgrind does not know that MSG_STAT_ANY and its like fill in a struct
  VALGRIND_OPTS=--undef-value-errors=no \
    in_valgrind go perl -e 'msgget($_, 01600) for 0x6e01, 0x6e02'
  expect_no_memory_error
  expect_out 'queue 0x00006e01 0
queue 0x00006e02 0'
}
# bats test_tags=points:1,hint:2
@test "it lists what is there at the end of the command, however late that is" {
  needs_namespaces
  one_left() {
    go perl -e '$id = msgget(0x6e01, 01600); msgget(0x6e02, 01600);
      msgctl($id, 0, 0) or die "$!\n"'
    expect_out 'queue 0x00006e02 0'
  }
  one_left
  delayed '/^(execve|msgget|msgctl|ipc|exit_group)$' one_left
  each_call '/^(unshare|clone3?|v?fork|wait.*)$' one_left
}
# bats test_tags=points:1,hint:3
@test "objects outside are neither found by the command nor listed" {
  needs_namespaces
  outside perl -e 'msgget(0x6e01, 01600)'
  go perl -e 'print defined msgget(0x6e01, 0) ? "found" : "none", "\n";
    shmget(0x6e01, 5, 01600)'
  expect_out 'none
segment 0x00006e01 5'
}
# bats test_tags=points:2,hint:4
@test "the command has the user and the group that it has outside" {
  needs_namespaces
  local ids
  ids=$(as_program sh -c 'id -u; id -g')
  same_ids() {
    go sh -c 'id -u; id -g'
    expect_out "$ids"
    expect_status 0
  }
  same_ids
  delayed write same_ids
  go readlink /proc/self/ns/ipc
  expect_not_outside
}
# bats test_tags=points:1,hint:5
@test "it lists any number of objects, sorted by key" {
  needs_namespaces
  seq 300 | awk '{ printf "queue 0x%08x 0\n", $1 }' >list
  go perl -e 'for (reverse 1 .. 300) { msgget($_, 01600) // die "$!\n" }'
  expect_out_is list
}
# bats test_tags=points:1,hint:6
@test "keys are sorted as numbers without a sign, and messages counted" {
  needs_namespaces
  # Perl takes the key for a number with a sign
  go perl -e '$id = msgget(-16, 01600); msgget(0x7fffffff, 01600);
    msgget(0, 0600); semget(-2147483647, 1, 01600); semget(2, 10, 01600);
    msgsnd($id, pack("l! a*", 1, "text"), 0) or die "$!\n" for 1 .. 3'
  expect_out 'queue 0x00000000 0
queue 0x7fffffff 0
queue 0xfffffff0 3
set 0x00000002 10
set 0x80000001 1'
}
# bats test_tags=points:1,hint:7
@test "a command that does not exist has status 127, and a message" {
  needs_namespaces
  go echo hello
  expect_out hello
  go ./no-such-command
  expect_status 127
  expect_err
  expect_out ''
}
# bats test_tags=points:1,hint:8
@test "if a call fails it says so, and runs nothing outside a namespace" {
  needs_namespaces
  STDOUT=/dev/full go perl -e 'msgget(0x6e01, 01600)'
  expect_failure
  expect_err
  failing unshare EPERM go readlink /proc/self/ns/ipc
  expect_not_outside
  failing '/^(clone3?|v?fork)$' EAGAIN go echo hello
  expect_failure
  expect_err
  go echo hello
  expect_out hello
}
