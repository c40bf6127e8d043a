# 02-turns.bats - task turns of 02-fifos/lab: two processes that print in turn
load lab
load 02

# Both halves write to log
open_log() {
  exec {both}> >(exec cat >log)
  logger=$!
}
half() { # NAME first|second [LINE...]: a half of the pair box with these lines
  local name=$1 role=$2
  shift 2
  : >"$name.in"
  [ $# = 0 ] || printf '%s\n' "$@" >"$name.in"
  STDOUT=/dev/fd/$both begin "$name" "$role" box <"$name.in"
}
# typing NAME first|second: a half whose lines the test writes to ${typed[NAME]}
declare -gA typed
typing() {
  local fd
  mkfifo "typed.$1"
  exec {fd}<>"typed.$1"
  typed[$1]=$fd
  STDOUT=/dev/fd/$both begin "$1" "$2" box <"typed.$1"
  rm "typed.$1"
}
type_line() { echo "$2" >&"${typed[$1]}"; } # NAME LINE
# waits_first NAME: it makes its FIFOs. A peer that starts now does so after it
waits_first() {
  in_time "$1" has_fifo ||
    happens 'it makes a FIFO, and waits for its peer' "there is no FIFO$(said)"
}
has_fifo() {
  local file
  for file in *; do
    [ ! -p "$file" ] || return 0
  done
  return 1
}
end_typing() { # NAME
  local fd=${typed[$1]}
  exec {fd}>&-
}
# They end well, and the log is TEXT
expect_turns() { # TEXT NAME...
  local text=$1 name
  shift
  for name; do
    end "$name"
    expect_status 0
  done
  exec {both}>&-
  wait "$logger"
  [ "$(<log)" = "$text" ] || happens "the lines $text" "$(head -n 20 log)"
}
expect_logged() { # NAME TEXT: it is printed, and NAME runs on
  in_time "$1" has_written log "$2" ||
    happens "the lines $2" "the lines $(<log)$(said)"
}
other_half() { if [ "$1" = first ]; then echo second; else echo first; fi; }
expect_no_fifo() {
  local left
  left=$(find . -type p)
  [ -z "$left" ] || happens 'its FIFOs are removed' "these are left: $left"
}

# bats test_tags=points:2,hint:1
@test "two halves print their lines in turn, whichever starts first" {
  local start lines
  for start in first second; do
    open_log
    lines=(1 2 3)
    [ $start = second ] || lines=(a b c)
    half early $start "${lines[@]}"
    asleep_all early
    lines=(a b c)
    [ $start = second ] || lines=(1 2 3)
    half late "$(other_half $start)" "${lines[@]}"
    expect_turns $'a\n1\nb\n2\nc\n3' early late
    expect_no_fifo
  done
}
# bats test_tags=points:1,hint:2
@test "a half that waits for its peer leaves no FIFO if a signal ends it" {
  local case role signal
  open_log
  for case in 'first INT' 'second TERM'; do
    read -r role signal <<<"$case"
    half "$role" "$role" x
    waits_first "$role"
    asleep_all "$role"
    send "$signal" "$role"
    end "$role"
    expect_failure
    expect_no_fifo
  done
  exec {both}>&-
}
# bats test_tags=points:2,hint:3
@test "the turns do not depend on which half is late" {
  # In the first copy that is delayed, the first half is; in the next one, the
  # second half; and so on
  in_turn() {
    local late=first
    ((COPY % 2)) || late=second
    open_log
    half $late $late a b c
    plainly half "$(other_half $late)" "$(other_half $late)" a b c
    expect_turns $'a\na\nb\nb\nc\nc' "$late" "$(other_half $late)"
    expect_no_fifo
  }
  each_call openat,unlink,unlinkat in_turn
  # Both want to make the first FIFO at the same time
  local WITH=', where both halves are delayed before they make a FIFO'
  local WRAP=(strace -f -qq -o /dev/null
    -e 'inject=mknod,mknodat:delay_enter=400000:when=1')
  open_log
  half first first a
  half second second 1
  expect_turns $'a\n1' first second
}
# bats test_tags=points:1,hint:4
@test "a line is printed before the peer has its turn" {
  local letters numbers
  mapfile -t letters < <(seq -f a%g 500)
  mapfile -t numbers < <(seq 500)
  open_log
  half first first "${letters[@]}"
  waits_first first
  half second second "${numbers[@]}"
  expect_turns "$(paste -d '\n' <(seq -f a%g 500) <(seq 500))" first second
  open_log
  delayed write half late first a b
  waits_first late
  half quick second 1 2
  expect_turns $'a\n1\nb\n2' late quick
}
# bats test_tags=points:1,hint:5
@test "a half that has no more lines leaves the turns to its peer" {
  open_log
  half first first a b c
  waits_first first
  half second second 1
  expect_turns $'a\n1\nb\nc' first second
  open_log
  half first first
  waits_first first
  half second second 1 2
  expect_turns $'1\n2' first second
  open_log
  half first first
  waits_first first
  half second second
  expect_turns '' first second
  open_log
  STDOUT=/dev/fd/$both begin first first box < <(printf a) # no newline
  waits_first first
  half second second 1
  expect_turns $'a\n1' first second
}
# bats test_tags=points:2,hint:6
@test "if a half is killed, its peer fails, and does not go on" {
  local dead left turn
  for dead in 'first second' 'second second' 'first first'; do
    read -r dead turn <<<"$dead"
    left=$(other_half "$dead")
    open_log
    typing first first
    waits_first first
    typing second second
    type_line first a
    expect_logged first a
    [ "$turn" = second ] || type_line second 1
    [ "$turn" = second ] || expect_logged second $'a\n1'
    asleep_all "$left"
    killed "$dead"
    # It need not notice before it hands over its turn
    [ "$turn" != "$left" ] || type_line "$left" x
    end "$left"
    expect_failure
    expect_err
    expect_no_fifo
    exec {both}>&-
  done
}
# bats test_tags=points:1,hint:7
@test "when a pair has met, its name is free for another pair" {
  open_log
  typing first first
  waits_first first
  typing second second
  type_line first a
  expect_logged first a
  expect_no_fifo
  half another.first first b
  waits_first another.first
  half another.second second b
  end another.first
  expect_status 0
  end another.second
  expect_status 0
  expect_logged first $'a\nb\nb'
  type_line second 1
  expect_logged second $'a\nb\nb\n1'
  end_typing first
  end_typing second
  expect_turns $'a\nb\nb\n1' first second
}
# bats test_tags=points:1,hint:7
@test "a half that has met its peer removes no FIFO of another pair" {
  open_log
  typing first first
  waits_first first
  typing second second
  type_line first a
  expect_logged first a
  type_line second 1
  expect_logged second $'a\n1'
  half another.first first b
  waits_first another.first
  asleep_all another.first
  send TERM second
  end second
  end_typing first
  end first
  half another.second second b
  expect_turns $'a\n1\nb\nb' another.first another.second
}
# bats test_tags=points:1,hint:8
@test "if a half cannot print, both fail; and there is no memory error" {
  open_log
  in_valgrind half first first a b
  waits_first first
  in_valgrind half second second 1 2
  end first
  expect_no_memory_error
  end second
  expect_no_memory_error
  expect_logged second $'a\n1\nb\n2'
  half second second 1
  waits_first second
  STDOUT=/dev/full begin first first box <first.in
  end first
  expect_failure
  expect_err
  end second
  expect_failure
  exec {both}>&-
}
