# 07-limit.bats - task limit of 07-signals/lab: a command with a time limit
load lab
load 07

# What it runs, and what runs on until a signal comes. By its path: a search for
# it would be several calls of execve
forever=("$(command -v tail)" -f /dev/null)
expect_none_left() { # soon: a killed process needs a moment to end
  local i
  for ((i = 0; i < 50; i++)); do
    [ -n "$(processes)" ] || return 0
    a_moment
  done
  expect_no_process
}
runs_command() { # NAME
  itself "$1"
  in_time "$ended" has_started || happens 'it runs its command' 'it does not'
}
has_started() { [ -n "$(started)" ]; }

# bats test_tags=points:1,hint:1
@test "a command that ends in time has its input, its output and its status" {
  echo hello >input
  go 9 cat <input
  expect_out hello
  expect_status 0
  go 9.5 sh -c 'echo there; exit 3'
  expect_out there
  expect_status 3
  go 9 sh -c 'kill -KILL $$'
  expect_status 137
  go 9 ./no-such-command
  expect_status 127
  expect_err
}
# bats test_tags=points:1,hint:2
@test "a command whose time is up gets SIGTERM, and the status is 124" {
  go 0.8 sh -c 'trap "echo bye; exit 0" TERM; tail -f /dev/null & wait'
  expect_out bye
  expect_status 124
  go 0.1 "${forever[@]}"
  expect_status 124
}
# bats test_tags=points:1,hint:3
@test "a command that ignores SIGTERM is killed when the time is up twice" {
  go 0.3 sh -c 'trap "" TERM; exec tail -f /dev/null'
  expect_status 124
}
# bats test_tags=points:2,hint:4
@test "when the time is up, no process of the command is left" {
  begin many 0.4 sh -c 'for i in 1 2 3; do tail -f /dev/null & done; wait'
  begin deaf 0.4 sh -c '(trap "" TERM; exec tail -f /dev/null) &
    exec tail -f /dev/null'
  end many
  expect_status 124
  end deaf
  expect_status 124
  expect_none_left
}
# bats test_tags=points:1,hint:5
@test "it sleeps while the command runs, and passes SIGTERM and SIGINT on" {
  begin term 19 sh -c 'tail -f /dev/null & exec tail -f /dev/null'
  runs_command term
  asleep_all term
  begin int 19 "${forever[@]}"
  gets term TERM
  end term
  expect_status 143
  runs_command int
  gets int INT
  end int
  expect_status 130
  expect_none_left
}
# bats test_tags=points:1,hint:6
@test "that the command ends just before a call that waits is not missed" {
  in_gap() {
    go 9 sh -c 'timeout 0.2 tail -f /dev/null; exit 3'
    expect_status 3
  }
  each_gap 3 child in_gap
}
# bats test_tags=points:1,hint:6
@test "that the time is up just before a call that waits is not missed" {
  in_gap() {
    go 0.2 "${forever[@]}"
    expect_status 124
  }
  each_gap 3 'time 400' in_gap
}
# bats test_tags=points:1,hint:7
@test "a command that has ended in time is in time, however late it is noticed" {
  in_gap() {
    go 0.4 sh -c 'exit 3'
    expect_status 3
  }
  each_gap 3 'time 600' in_gap
}
# bats test_tags=points:1,hint:8
@test "the command has no signal blocked or ignored, and no descriptor more" {
  go 9 ls /proc/self/fd # 3 is the folder
  expect_out $'0\n1\n2\n3'
  go 9 grep -E '^Sig(Blk|Ign)' /proc/self/status # a shell unblocks all
  expect_inherited main.out
  expect_status 0
}
# bats test_tags=points:1,hint:8
@test "a SIGTERM is not lost while the command is being started" {
  local WRAP WITH=', where setpgid and execve are delayed'
  needs_strace
  WRAP=(strace -f -qq -o /dev/null -e 'inject=setpgid,execve:delay_enter=350000')
  begin main 3 "${forever[@]}"
  itself main
  in_time "$ended" has_child || happens 'it starts a child' 'it does not'
  gets main TERM
  end main
  expect_status 143
  expect_none_left
}
has_child() { [ -n "$(children "$it")" ]; }
# bats test_tags=points:1,hint:9
@test "it fails if there is no process for it, and has no memory error" {
  go 9 sh -c 'exit 3'
  expect_status 3
  in_valgrind go 20 sh -c 'exit 3' # which may not know pidfd_open
  expect_no_memory_error
  failing '/^(clone3?|v?fork)$' EAGAIN go 9 true
  expect_failure
  expect_err
}
