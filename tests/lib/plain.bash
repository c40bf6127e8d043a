# shellcheck shell=bash
# plain.bash - what the tests of every plain pair need

# pair PAIR [OPERAND...]: the pair that this test is about
pair() {
  PAIR=$1
  producer=("$1_producer" "${@:2}") consumer=("$1_consumer" "${@:2}")
}
start_producer() { start producer "${producer[@]}"; }
start_consumer() { start consumer "${consumer[@]}"; }

# asleep NAME: until that program is blocked in a system call
asleep() {
  local state=''
  until [[ $state == *S* ]]; do
    state=$(grep -s '^State:' "/proc/$(program "$1")/status") || return
  done
}

# The inputs that break naive programs. No buffer's size divides the long ones
make_inputs() {
  : >empty
  printf x >one
  printf '\0\0a\0\n\0' >nul
  printf 'two lines\nno final newline' >nonl
  head -c 1000003 /dev/urandom >block
  cat block block block block block >big
}

# transfer INPUT FIRST: FIRST (producer or consumer) starts, then the other
# does; both exit with 0, and the output is the same as INPUT. A listener must
# have said that it is ready: READY=1
transfer() {
  if [ "$2" = consumer ]; then
    start_consumer >out
    [ -z "${READY-}" ] || await consumer ': ready'
    start_producer <"$1"
  else
    start_producer <"$1"
    [ -z "${READY-}" ] || await producer ': ready'
    start_consumer >out
  fi
  finish producer 0 "^${PAIR}_producer: "
  finish consumer 0 "${PAIR}_consumer: [a-z ]+: [0-9]+$"
  cmp "$1" out
}
carries() {
  local input
  make_inputs
  for input in empty one nul nonl block big; do
    transfer $input "$1" # no "|| fail": that would switch set -e off in it
  done
}

# refuses_usage: with an operand too few and one too many
refuses_usage() {
  local half few
  for half in producer consumer; do
    local -n command=$half
    few=("${command[@]:0:${#command[@]}-1}")
    [ ${#command[@]} -gt 1 ] || few=("${command[@]}" extra)
    for operands in few many; do
      [ $operands = few ] || few=("${command[@]}" extra)
      run --separate-stderr -2 try "${few[@]}" </dev/null
      [[ $stderr == "${PAIR}_$half: usage: ${PAIR}_$half "* && -z $output ]] ||
        fail "expected of ${few[*]}: usage" "actual: $stderr $output"
    done
  done
}

# full_output: the consumer's standard output is full
full_output() {
  local input=${1:-/etc/passwd}
  start_consumer >/dev/full
  [ -z "${READY-}" ] || await consumer ': ready'
  start_producer <"$input"
  finish consumer 1 'No space left on device'
  send KILL producer 2>/dev/null || true
  wait "${pid[producer]}" || true
}
