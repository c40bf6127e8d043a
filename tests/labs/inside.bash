# shellcheck shell=bash
# inside.bash - for tasks that run a command when there is a place for it. Each
# command writes the name that the test has given it to log, and stays

is_inside() { grep -qx "$1" log 2>/dev/null; } # NAME
expect_inside() { # NAME...: its command runs, within the patience
  local name id why
  for name; do
    ! in_time "$name" is_inside "$name" || continue
    why='it has ended'
    id=$(program "$name" 2>/dev/null) || id=''
    [ -z "$id" ] || why=$(waits "$id")
    happens 'its command runs' "its command does not run: $why$(said)"
  done
}
# one_place ARGUMENT...: of two that hold starts with these arguments one waits
one_place() {
  hold one "$@"
  expect_inside one
  hold other "$@"
  expect_waits other
  let_go one
  expect_inside other
  let_go other
}
expect_waits() { # NAME: the program itself runs, and sleeps
  ended=$1
  until_runs "$1"
  asleep_all "$1"
  ! is_inside "$1" || happens 'it waits' 'its command runs'
}
