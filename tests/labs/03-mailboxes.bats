# 03-mailboxes.bats - task mailboxes of 03-msgqueues/lab: types as addresses
load lab
load 03

file() { : >"$1" && chmod 666 "$1"; }
sent() { # FILE BOX LINE...: each line is sent
  printf '%s\n' "${@:3}" >lines
  go send "$1" "$2" <lines
  expect_status 0
}
received() { # FILE BOX LINE...: these are the next ones of the box
  go recv "$1" "$2" $(($# - 2))
  expect_out "$(printf '%s\n' "${@:3}")"
  expect_status 0
}
tidy() {
  go remove "${1-file}"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "what is sent to a box is received from it, in order" {
  file file
  sent file 7 one two three
  received file 7 one two
  received file 7 three
  tidy
}
# bats test_tags=points:1,hint:2
@test "each box has its own messages, and those of the others stay in order" {
  file file
  sent file 1 a b
  sent file 2 x
  sent file 1 c
  sent file 3 p
  received file 3 p
  received file 2 x
  received file 1 a b c
  tidy
}
# bats test_tags=points:1,hint:3
@test "the boxes 0 and 999 are boxes as all others" {
  file file
  sent file 999 last
  sent file 1 second
  sent file 0 first
  received file 0 first
  received file 999 last
  received file 1 second
  tidy
}
# bats test_tags=points:1,hint:4
@test "a text arrives as it was sent, and memory is used without an error" {
  file file
  { printf '%s\n' '%s 100%' '' '  x ' && head -c 1000 /dev/zero | tr '\0' y; } >text
  in_valgrind go send file 5 <text
  expect_no_memory_error
  expect_status 0
  go recv file 5 4
  echo >>text
  expect_out_is text
  tidy
}
# bats test_tags=points:1,hint:4
@test "a line of more than 1000 bytes is refused" {
  file file
  sent file 5 short
  head -c 1001 /dev/zero | tr '\0' y >long
  go send file 5 <long
  expect_failure
  expect_err
  received file 5 short
  tidy
}
# bats test_tags=points:1,hint:5
@test "a message takes no more room than its text: 1000 short ones fit" {
  file file
  seq 100000001 100001000 >numbers
  go send file 5 <numbers
  expect_status 0
  go recv file 5 1000
  expect_out_is numbers
  tidy
}
# bats test_tags=points:1,hint:6
@test "a receiver waits for its next message, and prints each at once" {
  file file
  sent file 3 other
  begin receiver recv file 4 2
  asleep_all receiver
  sent file 4 one
  shows receiver one
  asleep_all receiver
  sent file 4 two
  end receiver
  expect_out $'one\ntwo'
  expect_status 0
  received file 3 other
  tidy
}
# bats test_tags=points:1,hint:6
@test "a sender waits while the queue is full, and loses nothing" {
  file file
  seq -f "%01000.0f" 24 >lines
  begin sender send file 4 <lines
  asleep_all sender
  go recv file 4 24
  expect_out_is lines
  end sender
  expect_status 0
  tidy
}
# bats test_tags=points:1,hint:7
@test "a receiver and a sender may be the first ones, at the same instant" {
  needs_strace
  local WITH=', where each msgget but the first one starts late'
  local WRAP=(strace -f -qq -o /dev/null
    -e inject=msgget:delay_enter=700000:when=2+)
  file file
  begin receiver recv file 4 2
  sent file 4 one two
  end receiver
  expect_status 0
  expect_out $'one\ntwo'
  WRAP=() WITH=''
  tidy
}
# bats test_tags=points:1,hint:1
@test "two files have nothing to do with each other, and without one it fails" {
  file file
  file another
  sent file 4 one
  sent another 4 two
  received another 4 two
  received file 4 one
  echo three >lines
  go send missing 4 <lines
  expect_failure
  expect_err
  tidy
  tidy another
}
# bats test_tags=points:1,hint:8
@test "remove ends a waiting receiver, and a failure is reported" {
  file file
  sent file 4 one
  STDOUT=/dev/full go recv file 4 1
  expect_failure
  expect_err
  begin receiver recv file 4 1
  asleep_all receiver
  tidy
  end receiver
  expect_failure
  expect_err
}
