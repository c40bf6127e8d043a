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
expect_waits() { # NAME: the program itself runs, and sleeps
  ended=$1
  until_runs "$1"
  asleep_all "$1"
  ! is_inside "$1" || happens 'it waits' 'its command runs'
}
