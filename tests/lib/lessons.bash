# shellcheck shell=bash
# lessons.bash - what the tests of every lesson need

# lesson PROGRAM [OPERAND...]: run it. It ends well, with $output and $stderr
# for the test to look at; or with 77, because this machine forbids what it
# shows: then the test is skipped, with the reason that the program gives
lesson() {
  run --separate-stderr try "$@"
  [ "$status" != 77 ] || forbids "$stderr"
  [ "$status" = 0 ] ||
    fail "expected: $* ends with 0" "actual: $status" "$output" "$stderr"
}

# prints REGEX...: each matches a whole line of $output, in this order; other
# lines may stand between. prints_only: no other line may
prints() {
  local line want=("$@")
  while IFS= read -r line; do
    if [ ${#want[@]} -gt 0 ] && [[ $line =~ ^(${want[0]})$ ]]; then
      want=("${want[@]:1}")
    fi
  done <<<"$output"
  [ ${#want[@]} = 0 ] ||
    fail "expected, after what stands before it: ${want[0]}" "actual: $output"
}
prints_only() {
  prints "$@" || return
  [ "$(wc -l <<<"$output")" = $# ] ||
    fail "expected: $# lines" "actual: $output"
}

# misuse PROGRAM OPERAND...: usage on standard error, status 2, nothing else
misuse() {
  run --separate-stderr -2 try "$@" </dev/null
  [[ $stderr == *"usage: ${1##*/} "* && -z $output ]] ||
    fail "expected of $*: its usage" "actual: $stderr $output"
}

# full PROGRAM [OPERAND...]: to a full standard output it fails and says so
full() {
  run --separate-stderr try sh -c '"$@" >/dev/full' sh "$@"
  [ "$status" != 77 ] || forbids "$stderr"
  [[ $status == 1 && $stderr == *"$1: "*'No space left on device'* ]] ||
    fail "expected: $* fails on /dev/full" "actual: $status $stderr"
}

may_forbid() {
  requires 'a user namespace with a writable /proc/sys: make doctor' unshare \
    --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces'
}
