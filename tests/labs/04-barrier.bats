# 04-barrier.bats - task barrier of 04-semaphores/lab: rounds of N processes
load lab
load 04

# The command of the tests: it writes to log, and waits in a FIFO gate.R.P
STEP='echo "$1 $2 begins $PPID" >>log
[ ! -p "gate.$1.$2" ] || read -r line <"gate.$1.$2"
echo "$1 $2 ends" >>log'
steps() { begin main "$1" "$2" sh -c "$STEP" sh; } # N ROUNDS
close_gate() { # ROUND PROCESS, before this process comes there
  local fd
  mkfifo -m 666 "gate.$1.$2"
  exec {fd}<>"gate.$1.$2"
  gate[$1.$2]=$fd
}
open_gate() {
  echo >&"${gate[$1.$2]}"
  rm "gate.$1.$2"
}
until_log() { # LINE...: each of them begins a line of log
  local line
  ended=main
  for line; do
    within_patience grep -q "^$line" log ||
      happens "a line in log: $line" "only: $(cut -d' ' -f1-3 log |
        tail -n 12 | tr '\n' ',')$(said)"
  done
}
# expect_order N: nothing of a round began before all N ended the one before
expect_order() {
  local bad
  bad=$(awk -v n="$1" '$3 == "ends" { ended[$1]++ }
    $3 == "begins" && $1 > 1 && ended[$1 - 1] < n {
      printf "process %d begins round %d when %d of %d have ended round %d",
        $2, $1, ended[$1 - 1], n, $1 - 1
      exit
    }' log)
  [ -z "$bad" ] ||
    happens 'no round begins before all have ended the last' "$bad"
}
# expect_lines N ROUNDS: the output of echo, by round, each process once
expect_lines() {
  local round process
  for ((round = 1; round <= $2; round++)); do
    for ((process = 1; process <= $1; process++)); do
      echo "$round $process"
    done
  done >expected
  # The lines of a round may stand in any order
  sort -n -k 1,1 -s "$ended.out" | cmp -s - "$ended.out" ||
    happens 'round after round' "$(head -c 300 "$ended.out")"
  sort -n -k 1,1 -k 2,2 "$ended.out" >sorted
  cmp -s expected sorted ||
    happens "sorted, the lines $(tr '\n' ',' <expected)" \
      "$(head -c 300 sorted | tr '\n' ',')$(said)"
}

# bats test_tags=points:1,hint:1
@test "each of N processes runs the command once a round" {
  go 4 3 echo
  expect_status 0
  expect_lines 4 3
  go 1 2 echo
  expect_status 0
  expect_lines 1 2
}
# bats test_tags=points:1,hint:1
@test "the same N processes run the commands of all rounds" {
  steps 3 3
  end main
  expect_status 0
  expect_order 3
  # With the id of the process that ran the command
  [ "$(grep begins log | cut -d' ' -f2,4 | sort -u | wc -l)" = 3 ] &&
    [ "$(grep begins log | cut -d' ' -f4 | sort -u | wc -l)" = 3 ] ||
    happens 'three parents, one for each process' \
      "round, process, parent: $(grep begins log | tr '\n' ',')"
}
# bats test_tags=points:2,hint:2
@test "all sleep until the last command of the round has ended" {
  close_gate 1 1
  close_gate 2 3
  steps 3 3
  until_log '1 1 begins' '1 2 ends' '1 3 ends'
  expect_order 3
  asleep_all main
  expect_order 3
  open_gate 1 1
  until_log '2 3 begins' '2 1 ends' '2 2 ends'
  asleep_all main
  expect_order 3
  open_gate 2 3
  end main
  expect_status 0
  until_log '3 1 ends' '3 2 ends' '3 3 ends'
  expect_order 3
}
# bats test_tags=points:2,hint:3
@test "nobody passes twice while another one is stopped on its way" {
  local round id
  close_gate 1 1
  close_gate 2 1
  steps 3 4
  for round in 1 2; do
    until_log "$round 2 ends" "$round 3 ends"
    asleep_all main
    # The process that has run the command of process 2
    id=$(sed -n "s/^$round 2 begins //p" log)
    kill -STOP "$id"
    open_gate $round 1
    asleep_all main
    kill -CONT "$id"
    expect_order 3
  done
  end main
  expect_status 0
  expect_order 3
}
# bats test_tags=points:1,hint:4
@test "a command that fails ends no round early, but is not forgotten" {
  go 3 2 sh -c 'echo "$1 $2"; [ "$1 $2" != "1 2" ]' sh
  expect_lines 3 2
  expect_failure
  go 2 2 ./no-such-command
  expect_failure
  expect_err
}
# bats test_tags=points:2,hint:5
@test "no call that comes late lets a round begin too early" {
  in_order() {
    delay "$1" go 3 3 echo
    expect_status 0
    expect_lines 3 3
  }
  local start=clone,clone3,fork,vfork wait=futex,semop,semtimedop
  each_of in_order $start:2 $start:3 $wait:1 $wait:2 $wait:3
}
# bats test_tags=points:1,hint:6
@test "if there is no process for it, it fails and leaves none" {
  go 3 1 echo
  expect_lines 3 1
  failing '/^(clone3?|v?fork)$' EAGAIN:delay_enter=300000:when=2 \
    go 3 1 tail -f /dev/null
  expect_failure
  expect_err
  expect_no_process
}
# bats test_tags=points:1,hint:7
@test "it has no memory error" {
  in_valgrind go 2 2 echo
  expect_no_memory_error
  expect_status 0
  expect_lines 2 2
}
