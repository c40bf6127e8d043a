# 07-supervise.bats - task supervise of 07-signals/lab: workers that fail
load lab
load 07

tail=$(command -v tail) # a search for it would be several calls of execve
runs_on='echo "$WORKER"; exec tail -f /dev/null'
fails='echo "$WORKER"; exit 1'
lines() { # until so many workers have written a line
  ended=main
  in_time "$ended" has_so_many "$1" ||
    happens "$1 starts of a worker" "$(wc -l <main.out) starts$(died)"
}
has_so_many() { [ "$(wc -l <main.out)" -ge "$1" ]; }
all_ended() { # PID...: they are zombies, or gone
  local id
  for id; do
    ! grep -qs '^State:.[^Z]' "/proc/$id/status" || return 1
  done
}
none_started() { [ -z "$(started)" ]; }
ends_by_term() {
  gets main TERM
  end main
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it runs the workers, and those that fail again, until they succeed" {
  local worker
  go 3 5 sh -c 'echo "$WORKER" >>"runs.$WORKER"
    [ "$(wc -l <"runs.$WORKER")" -ge "$WORKER" ]'
  expect_status 0
  for worker in 1 2 3; do
    [ "$(wc -l <"runs.$worker")" = $worker ] ||
      happens "worker $worker, which succeeds in run $worker, runs $worker times" \
        "it runs $(wc -l <"runs.$worker") times"
  done
}
# bats test_tags=points:2,hint:2
@test "it waits twice as long after each failure, and gives up after the fifth" {
  local waits
  go 2 20 bash -c 'echo "$WORKER $EPOCHREALTIME"; [ "$WORKER" = 2 ] &&
    echo >>runs && [ "$(wc -l <runs)" = 3 ]'
  expect_status 1
  expect_line main.err '.*worker 1: given up'
  waits=$(awk '$1 == 1 { sub("[.,]", "", $2)
    if (++n > 1) printf " %d", ($2 - last + 999) / 1000
    last = $2 } END { print "", n - 1 }' main.out)
  awk '{ exit !(NF == 5 && $1 >= 19 && $2 >= 39 && $3 >= 79 && $4 >= 159) }' \
    <<<"$waits" ||
    happens '4 waits, of at least 20, 40, 80 and 160 ms' \
      "waits and their number:$waits"
  [ "$(grep -c '^2' main.out)" = 3 ] ||
    happens 'worker 2, which succeeds in run 3, runs 3 times' \
      "$(grep -c '^2' main.out) times"
}
# bats test_tags=points:2,hint:3
@test "all workers that end at once are noticed, and started again" {
  local workers
  begin main 5 1 sh -c "$runs_on"
  lines 5
  stops main
  mapfile -t workers < <(started)
  [ ${#workers[@]} = 5 ] ||
    happens '5 workers run' "${#workers[@]} of its children run"
  kill -KILL "${workers[@]}"
  in_time "$ended" all_ended "${workers[@]}"
  gets main CONT
  lines 10
  [ "$(sort main.out | tr -d '\n')" = 1122334455 ] ||
    happens 'each worker is started twice' "starts: $(sort main.out | tr '\n' ' ')"
  ends_by_term
}
# bats test_tags=points:1,hint:4
@test "a wait for one worker delays nothing else, and no zombie is left" {
  keyboard
  begin main 2 60000 sh -c 'echo; [ "$WORKER" = 1 ] || read -r line; exit 1' \
    <&"$typed"
  lines 2
  itself main
  echo >&"$keys"
  in_time "$ended" none_started || happens 'no worker is left, no zombie either' \
    "workers and zombies: $(started | wc -l)"
  asleep_all main
  ends_by_term
}
# bats test_tags=points:1,hint:5
@test "SIGHUP starts at once what waits, and forgets its failures" {
  local i
  begin main 1 60000 sh -c "$fails"
  itself main
  for i in 1 2 3 4 5 6; do
    lines $i
    in_time "$ended" none_started
    gets main HUP
  done
  lines 7
  ends_by_term
}
# bats test_tags=points:1,hint:6
@test "SIGHUP leaves alone what runs" {
  begin main 2 60000 sh -c "$runs_on"
  lines 2
  gets main HUP
  asleep_all main
  [ "$(started | wc -l) $(wc -l <main.out)" = '2 2' ] ||
    happens 'both workers run on' \
      "$(started | wc -l) run, after $(wc -l <main.out) starts"
  ends_by_term
}
# bats test_tags=points:1,hint:6
@test "SIGTERM is passed on, and it ends when its workers have ended" {
  keyboard
  begin main 2 1 sh -c 'trap "kill \$!; echo bye; read -r line; exit 3" TERM
    tail -f /dev/null & echo on; wait' <&"$typed"
  lines 2
  gets main TERM
  expect_lines main.out $'on\non\nbye\nbye'
  asleep_all main # its workers still run
  printf '\n\n' >&"$keys"
  end main
  expect_status 0
  expect_out $'on\non\nbye\nbye'
  expect_no_process
}
# bats test_tags=points:2,hint:7
@test "nothing is missed that happens just before a call that waits" {
  fails_twice() {
    go 1 100 sh -c 'timeout 0.1 tail -f /dev/null; echo >>runs
      [ "$(wc -l <runs)" = 3 ]'
    expect_status 0
  }
  is_ended() {
    begin main 1 60000 "$tail" -f /dev/null
    in_time "$ended" [ -e gap ] || gets main TERM
    end main
    expect_status 0
  }
  each_gap 4 child fails_twice
  rm -r gap.?
  each_gap 3 'time 300' fails_twice
  rm -r gap.?
  each_gap 1 'signal 15' is_ended
}
# bats test_tags=points:1,hint:8
@test "SIGTERM reaches a worker that is being started" {
  local WRAP WITH=', where a new child is slow'
  needs_strace
  WRAP=(strace -f -qq -o /dev/null
    -e 'inject=rt_sigprocmask,execve:delay_enter=200000'
    -e inject=set_robust_list:delay_exit=200000) # the first call of a child
  begin main 1 60000 "$tail" -f /dev/null
  itself main
  in_time "$ended" has_child || happens 'it starts a worker' 'it does not'
  ends_by_term
}
has_child() { [ -n "$(children "$it")" ]; }
# bats test_tags=points:1,hint:8
@test "a worker has no signal blocked or ignored, and no descriptor more" {
  go 1 1 ls /proc/self/fd # 3 is the folder
  expect_out $'0\n1\n2\n3'
  go 1 1 grep -E '^Sig(Blk|Ign)' /proc/self/status # a shell unblocks all
  expect_inherited main.out
  expect_status 0
}
# bats test_tags=points:1,hint:9
@test "what cannot be started is said, and it has no memory error" {
  go 1 1 true
  expect_status 0
  go 1 1 ./no-such-command
  expect_status 1
  expect_err
  failing '/^(clone3?|v?fork)$' EAGAIN go 1 1 true
  expect_failure
  expect_err
  in_valgrind go 2 1 sh -c '[ "$WORKER" = 2 ]'
  expect_no_memory_error
}
