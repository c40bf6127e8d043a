# 01-capture.bats - task 1 of 01-pipes/lab: count what a command prints
load lab

# bats test_tags=points:1,hint:1
@test "it counts the bytes that a command prints" {
  go echo hello
  expect_status 0
  expect_out '6 bytes, status 0'
}
# bats test_tags=points:1,hint:2
@test "it counts more bytes than a pipe holds" {
  go head -c 10000000 /dev/zero
  expect_status 0
  expect_out '10000000 bytes, status 0'
}
# bats test_tags=points:2,hint:3
@test "it counts all bytes, however slowly its command or it itself runs" {
  counts_three() {
    go sh -c 'printf a; printf b; printf c'
    expect_out '3 bytes, status 0'
  }
  delayed write counts_three
  each_call read,write,close,wait4,waitid,dup2,execve counts_three
}
# bats test_tags=points:1,hint:4
@test "it prints the exit status, 128 + N for signal N" {
  go sh -c 'echo hello; exit 3'
  expect_out '6 bytes, status 3'
  go sh -c 'kill -KILL $$'
  expect_out '0 bytes, status 137'
}
# bats test_tags=points:1,hint:9
@test "it sleeps while its command neither writes nor exits" {
  begin main sh -c 'echo hello; exec >&-; kill -STOP $$; exit 3'
  asleep_all main
  resume main
  end main
  expect_out '6 bytes, status 3'
}
# bats test_tags=points:1,hint:5
@test "a command that does not exist has status 127, and a message" {
  go ./no-such-command
  expect_out '0 bytes, status 127'
  expect_err
}
# bats test_tags=points:1,hint:6
@test "the command has no descriptor of the pipe but its standard output" {
  go ls /proc/self/fd # its 0, 1, 2, and 3, which is the folder
  expect_out '8 bytes, status 0'
}
# bats test_tags=points:1,hint:3
@test "a process that the command leaves behind counts, too" {
  go sh -c '(head -c 100000 /dev/zero) & echo hello'
  expect_out '100006 bytes, status 0'
}
# bats test_tags=points:1,hint:7
@test "it fails if it cannot write its line" {
  go echo hello
  expect_out '6 bytes, status 0'
  STDOUT=/dev/full go echo hello
  expect_failure
  expect_err
}
# bats test_tags=points:1,hint:8
@test "it has no memory error" {
  in_valgrind go echo hello
  expect_no_memory_error
  expect_out '6 bytes, status 0'
}
# bats test_tags=points:1,hint:7
@test "it fails if there is no pipe or no process for it" {
  go echo hello
  expect_out '6 bytes, status 0'
  failing '/^(pipe2?|socketpair)$' EMFILE go echo hello
  expect_failure
  expect_err
  failing '/^(clone3?|v?fork)$' EAGAIN go echo hello
  expect_failure
  expect_err
}
