# 01-numbered.bats - task 3 of 01-pipes/lab: a command between two pipes
load lab

two_lines() {
  printf 'a\nb\n' >input
  go cat <input
  expect_out $'1: a\n2: b'
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it numbers the lines that a command prints" {
  two_lines
}
# bats test_tags=points:1,hint:2
@test "a command may read to the end before it writes" {
  printf 'b\na\n' >input
  go sort <input
  expect_out $'1: a\n2: b'
}
# bats test_tags=points:2,hint:3
@test "input and output may be larger than both pipes" {
  seq 200000 >input
  awk '{ print NR ": " $0 }' input >expected
  go cat <input
  expect_out_is expected
  expect_status 0
}
# bats test_tags=points:1,hint:4
@test "it exits as the command has, also if that ends later" {
  two_lines
  go sh -c 'cat; exit 3' <input
  expect_out $'1: a\n2: b'
  expect_status 3
  go sh -c 'cat; kill -KILL $$' <input
  expect_status 137
  # This command ends its output, and exits later
  begin main sh -c 'cat; exec >&-; kill -STOP $$; exit 3' <input
  asleep_all main
  resume main
  end main
  expect_status 3
}
# bats test_tags=points:1,hint:6
@test "a command that has closed its output gets all its input" {
  seq 200000 >input
  begin main sh -c 'exec >&-; kill -STOP $$; cat >copy' <input
  asleep_all main
  resume main
  end main
  expect_status 0
  cmp -s input copy || happens "the command reads $(wc -c <input) bytes" \
    "it reads $(wc -c <copy) bytes"
}
# bats test_tags=points:2,hint:5
@test "a command that reads only a part of a long input ends it well" {
  seq 200000 >input
  go head -n 1 <input
  expect_out '1: 1'
  expect_status 0
  go true <input
  expect_out ''
  expect_status 0
}
# bats test_tags=points:2,hint:6
@test "when the command has ended, it ends, though more input could come" {
  mkfifo typed
  exec {keyboard}<>typed
  echo one >&$keyboard
  begin main head -n 1 <typed
  end main
  expect_no_process
  exec {keyboard}>&-
  rm typed
  expect_out '1: one'
  expect_status 0
}
# bats test_tags=points:1,hint:7
@test "a line may be long, and the last one may have no newline" {
  { head -c 100000 /dev/zero | tr '\0' x && printf '\nend'; } >input
  { printf '1: ' && head -n 1 input && echo '2: end'; } >expected
  go cat <input
  expect_out_is expected
}
# bats test_tags=points:1,hint:8
@test "the command has no descriptor but 0, 1 and 2" {
  go sh -c 'ls /proc/self/fd' </dev/null # 3 is the folder
  expect_out $'1: 0\n2: 1\n3: 2\n4: 3'
}
# bats test_tags=points:1,hint:1
@test "it does not matter which process is late" {
  each_call read,write,close,wait4,waitid,dup2,execve,poll two_lines
}
# bats test_tags=points:1,hint:9
@test "it fails if it cannot write, or start a command, and has no memory error" {
  two_lines
  STDOUT=/dev/full go sh -c 'cat; exec timeout 0.3 tail -f /dev/null >/dev/null' <input
  expect_failure
  expect_err
  expect_no_process
  go ./no-such-command <input
  expect_status 127
  expect_err
  in_valgrind two_lines
  expect_no_memory_error
}
