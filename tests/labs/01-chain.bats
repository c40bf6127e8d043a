# 01-chain.bats - task 2 of 01-pipes/lab: run a | b | c as a shell does
load lab

# The line with the statuses is the last one on standard error
expect_statuses() { # "STATUS..."
  local line
  line=$(tail -n 1 "$ended.err")
  [ "$line" = "status $1" ] ||
    happens "last line of standard error: status $1" \
      "last line of standard error: ${line:-nothing}"
}
upper() {
  go echo hello '|' tr a-z A-Z
  expect_out HELLO
  expect_status 0
  expect_statuses '0 0'
}

# bats test_tags=points:1,hint:1
@test "the second command reads what the first one writes" {
  upper
}
# bats test_tags=points:1,hint:1
@test "one command needs no pipe, and reads the standard input" {
  echo hello >input
  go tr a-z A-Z <input
  expect_out HELLO
  expect_statuses 0
}
# bats test_tags=points:2,hint:2
@test "six commands move more bytes than their pipes hold" {
  seq 300000 >numbers
  go cat '|' cat '|' cat '|' cat '|' cat '|' cat <numbers
  expect_out_is numbers
  expect_statuses '0 0 0 0 0 0'
}
# bats test_tags=points:1,hint:3
@test "SIGPIPE ends each command whose reader has exited" {
  go yes '|' cat '|' head -n 1
  expect_out y
  expect_statuses '141 141 0'
}
# bats test_tags=points:1,hint:4
@test "no command has a descriptor of a pipe but 0 and 1" {
  # Its 0, 1, 2, and 3, which is the folder
  go ls /proc/self/fd '|' cat '|' cat
  expect_out $'0\n1\n2\n3'
  go true '|' ls /proc/self/fd '|' cat
  expect_out $'0\n1\n2\n3'
  go true '|' true '|' ls /proc/self/fd
  expect_out $'0\n1\n2\n3'
}
# bats test_tags=points:1,hint:5
@test "it prints the status of each command, and exits with the last" {
  go sh -c 'exit 3' '|' sh -c 'kill -KILL $$' '|' sh -c 'exit 5'
  expect_status 5
  expect_statuses '3 137 5'
  go true '|' sh -c 'kill -KILL $$'
  expect_status 137
  expect_statuses '0 137'
}
# bats test_tags=points:2,hint:6
@test "each status stands at its command, whichever command ends first" {
  slow_first() {
    go sh -c '(:); (:); exit 3' '|' sh -c 'exit 4'
    expect_status 4
    expect_statuses '3 4'
  }
  slow_last() {
    go sh -c 'exit 3' '|' sh -c '(:); (:); exit 4'
    expect_status 4
    expect_statuses '3 4'
  }
  delayed exit_group slow_first
  delayed exit_group slow_last
}
# bats test_tags=points:1,hint:9
@test "it sleeps while its commands run" {
  begin main echo hello '|' sh -c 'cat; kill -STOP $$; exit 3'
  asleep_all main
  resume main
  end main
  expect_statuses '0 3'
}
# bats test_tags=points:1,hint:7
@test "a command that does not exist has status 127, the others run" {
  go true '|' ./no-such-command '|' wc -c
  expect_out 0
  expect_statuses '0 127 0'
}
# bats test_tags=points:1,hint:2
@test "its commands work together whichever call is late" {
  each_call read,write,close,wait4,waitid,dup2,execve upper
}
# bats test_tags=points:1,hint:8
@test "it fails if there is no pipe or no process, and has no memory error" {
  in_valgrind upper
  expect_no_memory_error
  failing '/^(pipe2?|socketpair)$' EMFILE go true '|' true
  expect_failure
  expect_err
  failing '/^(clone3?|v?fork)$' EAGAIN go true '|' true
  expect_failure
  expect_err
}
