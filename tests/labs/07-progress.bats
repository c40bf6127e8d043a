# 07-progress.bats - task progress of 07-signals/lab: a copy that reports
load lab
load 07

# typing [TEXT]: it copies what is typed, and has copied TEXT
typing() {
  keyboard
  begin main <&"$typed"
  exec {typed}<&-
  [ -z "${1-}" ] || printf %s "$1" >&"$keys"
  [ -z "${1-}" ] || expect_lines main.out "$1"
}
# without_reader FILE: its output is a pipe, from $drain, that nobody reads yet
without_reader() {
  local both
  mkfifo pipe
  exec {both}<>pipe
  exec {drain}<pipe
  rm pipe
  STDOUT=/dev/fd/$both begin main <"$1"
  fills_pipe
  exec {both}>&-
}
fills_pipe() { # until there is no more room: $held bytes are in the pipe
  itself main
  in_time "$ended" holds_much || happens 'it fills the pipe' 'it does not'
  asleep_all main
  holds_much
}
holds_much() { # FIONREAD. Writes of any size fill more than half of a pipe
  held=$(perl -e 'ioctl STDIN, 0x541b, $n = " " x 4 or die;
    print unpack "i", $n' <&"$drain") && [ "$held" -ge 32768 ]
}

# bats test_tags=points:1,hint:1
@test "it copies its input, and says at the end how much it was" {
  seq 20000 >input
  go <input
  expect_out_is input
  expect_status 0
  expect_lines main.err '108894 bytes, end'
  go </dev/null
  expect_lines main.err '0 bytes, end'
  expect_status 0
}
# bats test_tags=points:1,hint:2
@test "it reports on each SIGUSR1 while it waits for input, and goes on" {
  typing hello
  gets main USR1
  expect_lines main.err '5 bytes'
  gets main USR1
  expect_lines main.err $'5 bytes\n5 bytes'
  printf %s ', world' >&"$keys"
  expect_lines main.out 'hello, world'
  gets main USR1
  expect_lines main.err $'5 bytes\n5 bytes\n12 bytes'
  exec {keys}>&-
  end main
  expect_status 0
  expect_lines main.err $'5 bytes\n5 bytes\n12 bytes\n12 bytes, end'
}
# bats test_tags=points:1,hint:3
@test "on SIGTERM it ends with a last report and exit status 0" {
  typing hello
  gets main TERM
  end main
  expect_status 0
  expect_lines main.err '5 bytes, stopped'
}
# bats test_tags=points:2,hint:5
@test "it reports and ends while its output is full, and counts what is written" {
  local expected
  head -c 200000 /dev/zero >input
  without_reader input
  gets main USR1
  expected="$held bytes"
  expect_lines main.err "$expected"
  head -c 6000 <&"$drain" >first
  fills_pipe
  gets main USR1
  expected+=$'\n'"$((held + 6000)) bytes"
  expect_lines main.err "$expected"
  gets main TERM
  end main
  expect_status 0
  expect_lines main.err \
    "$expected"$'\n'"$(cat first - <&"$drain" | wc -c) bytes, stopped"
}
has_reported() { # more than 0 bytes
  kill -s USR1 "$it"
  grep -qx '[1-9][0-9]* bytes' main.err
}
# bats test_tags=points:1,hint:6
@test "it reports and ends while input and output are always ready" {
  STDOUT=/dev/null begin main </dev/zero
  itself main
  in_time "$ended" is_prepared ||
    happens 'it blocks or catches SIGUSR1' "it does not$(died)"
  in_time "$ended" has_reported ||
    happens 'after SIGUSR1, in main.err: N bytes' "$(head -c 200 main.err)$(died)"
  gets main TERM
  end main
  expect_status 0
  expect_line main.err '[1-9][0-9]* bytes, stopped'
}
# bats test_tags=points:1,hint:4
@test "a hundred signals do not harm the copy" {
  local i
  seq 40000 >input
  without_reader input
  for ((i = 0; i < 50; i++)); do kill -s USR1 "$it" || break; done
  head -c 6000 <&"$drain" >copy # now there is room for a part of a write
  fills_pipe
  for ((i = 0; i < 50; i++)); do kill -s USR1 "$it" || break; done
  cat <&"$drain" >>copy
  end main
  expect_status 0
  cmp input copy || happens 'the copy is the input' "$(cmp input copy 2>&1)"
  expect_line main.err '228894 bytes, end'
}
# bats test_tags=points:2,hint:4
@test "a signal is not lost just before a call that waits" {
  in_gap() {
    typing hello
    asleep_all main
    if [ -e gap ]; then expect_line main.err '[05] bytes'; fi
    gets main TERM
    end main
    expect_line main.err '5 bytes, stopped'
  }
  each_gap 4 'signal 10' in_gap
}
# bats test_tags=points:1,hint:7
@test "a late return from write does not make the last count wrong" {
  local WRAP WITH=', where write returns late'
  needs_strace
  WRAP=(strace -f -qq -o /dev/null -e inject=write:delay_exit=700000:when=1)
  typing hello
  gets main TERM
  end main
  expect_status 0
  expect_lines main.err '5 bytes, stopped'
}
# bats test_tags=points:1,hint:8
@test "it sleeps while there is nothing to do, and fails if it cannot write" {
  typing hello
  asleep_all main
  exec {keys}>&-
  end main
  expect_status 0
  seq 3 >input
  in_valgrind go <input
  expect_no_memory_error
  expect_out_is input
  STDOUT=/dev/full go <input
  expect_failure
  expect_err
}
