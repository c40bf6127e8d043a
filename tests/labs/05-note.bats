# 05-note.bats - task note of 05-shm/lab: a line, edited by one at a time
load lab
load 05

# An editor reads its new line from a pipe, so the test says when it goes on
declare -gA input
editor() { # NAME COMMAND... which begins it
  local fd
  mkfifo "in.$1"
  exec {fd}<>"in.$1"
  input[$1]=$fd
  "${@:2}" <"in.$1"
  rm "in.$1"
}
edits() { # NAME /NOTE
  editor "$1" begin "$1" edit "$2"
}
answer() { # NAME LINE
  echo "$2" >&"${input[$1]}"
  end "$1"
  expect_status 0
}
expect_line() { # NAME LINE: within the patience, it prints this line
  in_time "$1" [ -s "$1.out" ] || true
  [[ -s $1.out && $(<"$1.out") == "$2" ]] || happens \
    "it prints the line '$2'" "it has printed '$(<"$1.out")'$(why_not "$1")"
}
why_not() { # NAME
  local id
  id=$(program "$1" 2>/dev/null) || id=''
  [ -z "$id" ] || echo ": $(waits "$id")"
  [ -n "$id" ] || echo ", and has ended$(said)"
}
expect_waits() { # NAME
  asleep_all "$1"
  [ ! -s "$1.out" ] ||
    happens 'it waits until the other one is done' 'it has printed the note'
}
shows() { # /NOTE LINE
  go show "$1"
  expect_status 0
  expect_out "$2"
}
tidy() {
  go remove "$1"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "edit prints the note, and replaces it by the line that it reads" {
  go edit /n <<<'buy milk'
  expect_status 0
  expect_out ''
  shows /n 'buy milk'
  go edit /n <<<'done'
  expect_status 0
  expect_out 'buy milk'
  go edit /other <<<'another note'
  expect_out ''
  shows /n 'done'
  tidy /n
  tidy /other
}
# bats test_tags=points:2,hint:2
@test "while one process edits, another edit and show sleep" {
  edits first /n
  expect_line first ''
  edits second /n
  expect_waits second
  begin reader show /n
  expect_waits reader
  answer first one
  expect_line second one
  answer second two
  end reader
  expect_status 0
  ended=reader
  [[ $(<reader.out) == one || $(<reader.out) == two ]] ||
    happens 'show prints one or two' "show prints '$(<reader.out)'"
  shows /n two
  tidy /n
}
# bats test_tags=points:2,hint:3
@test "an editor that is killed changes nothing, and the next one gets in" {
  local n
  go edit /n <<<'long and whole'
  expect_out ''
  for n in 1 2; do
    edits "dead$n" /n
    expect_line "dead$n" 'long and whole'
    printf half >&"${input[dead$n]}"
    asleep_all "dead$n"
    edits "next$n" /n
    expect_waits "next$n"
    killed "dead$n"
    expect_line "next$n" 'long and whole'
    answer "next$n" 'long and whole'
  done
  shows /n 'long and whole'
  tidy /n
}
# bats test_tags=points:1,hint:3
@test "an editor that is killed while it waits holds up no other" {
  edits first /n
  expect_line first ''
  edits dead /n
  expect_waits dead
  edits second /n
  expect_waits second
  killed dead
  answer first one
  expect_line second one
  answer second two
  shows /n two
  tidy /n
}
# bats test_tags=points:2,hint:4
@test "two that start at once take turns, whichever makes the memory" {
  both_edit() {
    editor slow begin_slow slow edit "$object"
    edits quick "$object"
    settles quick
    go_on slow
    local one=slow two=quick
    while [[ ! -s slow.out && ! -s quick.out && -e /proc/${pid[quick]} &&
      -e /proc/${pid[slow]} ]]; do
      a_moment
    done
    [ ! -s quick.out ] || one=quick two=slow
    expect_line $one ''
    expect_waits $two
    answer $one one
    expect_line $two one
    answer $two two
    go remove "$object"
    expect_status 0
  }
  each_stop both_edit
}
# bats test_tags=points:1,hint:5
@test "without a whole line of its own length, the note stays as it is" {
  local long
  long=$(printf 'x%.0s' {1..150})
  go edit /n <<<"$long"
  expect_status 0
  shows /n "$long"
  for bad in '' 'no newline' "$(printf 'y%.0s' {1..3000})"$'\n'; do
    printf %s "$bad" >bad
    go edit /n <bad
    expect_failure
    expect_err
    expect_out "$long"
  done
  shows /n "$long"
  tidy /n
}
# bats test_tags=points:1,hint:6
@test "show and remove of a note that does not exist fail, and make nothing" {
  go edit /n <<<one
  expect_status 0
  tidy /n
  go show /n
  expect_failure
  expect_err
  go remove /n
  expect_failure
  expect_err
  go edit /n <<<two
  expect_out ''
  tidy /n
}
# bats test_tags=points:1,hint:6
@test "it fails without memory or output, and has no memory error" {
  go edit /n <<<one
  expect_status 0
  in_valgrind go edit /n <<<two
  expect_no_memory_error
  expect_out one
  without_memory /n go edit /n <<<three
  expect_failure
  expect_err
  STDOUT=/dev/full go show /n
  expect_failure
  expect_err
  shows /n two
  tidy /n
}
