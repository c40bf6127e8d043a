# 05-ticket.bats - task ticket of 05-shm/lab: each number once
load lab
load 05

# expect_tickets LAST NAME...: each of 1 to LAST once in what these have printed
expect_tickets() {
  local last=$1 doubled missing
  shift
  sort -n "${@/%/.out}" >tickets
  seq "$last" >numbers
  cmp -s tickets numbers || {
    doubled=$(uniq -d tickets | head -n 3 | paste -sd' ')
    missing=$(diff <(sort tickets) <(sort numbers) | sed -n 's/^> //p' |
      head -n 3 | paste -sd' ')
    happens "each ticket from 1 to $last once" "$(wc -l <tickets) tickets,\
 printed twice: ${doubled:-none}, missing: ${missing:-none}$(said)"
  }
}
tidy() {
  go remove "$1"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "tickets are numbered from 1, over several runs" {
  go take /q 3
  expect_status 0
  expect_out $'1\n2\n3'
  go take /q 1
  expect_out 4
  go show /q
  expect_status 0
  expect_out 4
  tidy /q
}
# bats test_tags=points:1,hint:2
@test "each name has tickets of its own, and starts again after remove" {
  go take /q 2
  expect_out $'1\n2'
  go take /other 1
  expect_out 1
  tidy /q
  go take /q 1
  expect_out 1
  go take /other 1
  expect_out 2
  tidy /q
  tidy /other
}
# bats test_tags=points:1,hint:3
@test "show and remove of a name that does not exist fail, and make nothing" {
  go take /q 1
  expect_out 1
  tidy /q
  go show /q
  expect_failure
  expect_err
  expect_out ''
  go remove /q
  expect_failure
  expect_err
}
# bats test_tags=points:1,hint:4
@test "processes that take tickets at the same time never get the same one" {
  local names=(a b c d) name
  for name in "${names[@]}"; do begin "$name" take /q 10000; done
  for name in "${names[@]}"; do
    end "$name"
    expect_status 0
  done
  expect_tickets 40000 "${names[@]}"
  tidy /q
}
# bats test_tags=points:1,hint:4
@test "no ticket is taken twice between two instructions of a process" {
  needs_strace
  local PATIENCE=15 # each step is two switches, and a process
  local fd WITH=', one each time that it reads a line'
  local WRAP=(bash -c 'while read -r _; do "$@" </dev/null || exit; done' bash)
  ${CC:-cc} "$ROOT/tests/labs/05-step.c" -o step
  mkfifo -m 666 in.quick
  exec {fd}<>in.quick
  begin quick take /q 1 <in.quick
  asleep_all quick
  WRAP=(./step "$(program quick)" in.quick now 500 sent)
  WITH=', while others take tickets between its instructions'
  go take /q 5
  expect_status 0
  exec {fd}>&-
  end quick
  expect_status 0
  rm in.quick
  WITH='' WRAP=()
  ended=main
  expect_tickets $((5 + $(<sent))) main quick
  tidy /q
}
# bats test_tags=points:2,hint:5
@test "two that start at once both work, whichever makes the memory" {
  both_start() {
    begin_slow slow take "$object" 2
    begin quick take "$object" 3
    settles quick
    go_on slow
    end quick
    expect_status 0
    end slow
    expect_status 0
    expect_tickets 5 slow quick
    go remove "$object"
    expect_status 0
  }
  each_stop both_start
}
# bats test_tags=points:1,hint:6
@test "a killed process loses at most one ticket, and blocks no other" {
  local full read shown lines
  mkfifo full
  exec {full}<>full
  exec {read}<full
  rm full
  STDOUT=/proc/self/fd/$full begin main take /q 100000
  asleep_all main # nobody reads
  killed main
  exec {full}>&-
  lines=$(wc -l <&"$read")
  go show /q
  shown=$(<main.out)
  [[ $shown == "$lines" || $shown == "$((lines + 1))" ]] || happens \
    "after a process was killed that wrote $lines tickets: $lines or 1 more" \
    "tickets taken: ${shown:-unknown}$(said)"
  go take /q 1
  expect_out "$((shown + 1))"
  tidy /q
}
# bats test_tags=points:1,hint:7
@test "it fails if there is no memory for it, or if it cannot print" {
  go take /q 1
  expect_out 1
  STDOUT=/dev/full go take /q 1
  expect_failure
  expect_err
  without_memory /q go take /q 1
  expect_failure
  expect_err
  tidy /q
}
# bats test_tags=points:1,hint:8
@test "it has no memory error" {
  in_valgrind go take /q 2
  expect_no_memory_error
  expect_out $'1\n2'
  tidy /q
}
