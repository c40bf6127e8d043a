# shellcheck shell=bash
# pairs.bash - what holds for every pair, as functions that a chapter's tests
# call. They work on PAIR (such as fifo) and NAME (its operand), and start the
# halves by start_producer and start_consumer, which a chapter may redefine.

start_producer() { start producer "${PAIR}_producer" "$NAME"; }
start_consumer() { start consumer "${PAIR}_consumer" "$NAME"; }
WAITING=': waiting on ' # what the first half says before the second starts

# The inputs that break naive programs, and one of 64 MiB (BIG takes another)
make_inputs() {
  : >empty
  printf x >one
  printf '\0\0a\0\n\0' >nul
  printf 'two lines\nno final newline' >nonl
  head -c "${BIG:-67108864}" /dev/urandom >big
}

# transfer INPUT FIRST: FIRST (producer or consumer) waits, then the other
# starts; both succeed, say what they moved, and the bytes are the same
transfer() {
  local bytes
  bytes=$(stat -c %s "$1")
  if [ "$2" = consumer ]; then
    start_consumer >out
    await consumer "$WAITING"
    start_producer <"$1"
  else
    start_producer <"$1"
    await producer "$WAITING|: sent "
    start_consumer >out
  fi
  finish producer 0 "${PAIR}_producer: sent $bytes bytes? in [0-9]+ messages?"
  finish consumer 0 "${PAIR}_consumer: received $bytes bytes? in "
  cmp "$1" out
}

# carries_everything FIRST: each input arrives unchanged. The 64 MiB go once,
# when the consumer is first; in the other order the last input is shorter
carries_everything() {
  local input
  [ "$1" = consumer ] || local BIG=${BIG:-1000001}
  make_inputs
  for input in empty one nul nonl big; do
    transfer $input "$1" # no "|| fail": that would switch set -e off in it
  done
}

# begin_endless FIRST: a transfer without end, caught in the middle. The
# consumer's output goes to a cat(1) that tells when it has seen 100 kB (ENOUGH)
begin_endless() {
  mkfifo mid
  if [ "$1" = consumer ]; then
    start_consumer > >(midway)
    await consumer "$WAITING"
    start_producer </dev/zero
  else
    start_producer </dev/zero
    await producer "$WAITING|: sent "
    start_consumer > >(midway)
  fi
  read -r -t "$LIMIT" _ <mid
  rm mid
}
midway() {
  exec 3>&-
  head -c "${ENOUGH:-100000}" >/dev/null
  echo reached >mid
  exec cat >/dev/null
}

# survives VICTIM SIGNAL FIRST [STATUS [PATTERN]]: VICTIM (producer or consumer)
# gets SIGNAL in mid-transfer; the other ends with STATUS (1) and one line that
# matches PATTERN, and the next run finds a clean place
survives() {
  local survivor=consumer status=$((128 + $(kill -l "$2")))
  [ "$1" = producer ] || survivor=producer
  begin_endless "$3"
  local victim
  victim=$(program "$1")
  kill -s "$2" "$victim"
  finish $survivor "${4:-1}" "${5:-${PAIR}_$survivor: }"
  finish "$1" $status
  head -c 5000 /dev/urandom >next
  transfer next "$3"
}

# gives_up_cleanly HALF SIGNAL: it waits alone, gets SIGNAL, leaves nothing
gives_up_cleanly() {
  "start_$1" </dev/null >out
  await "$1" "$WAITING"
  send "$2" "$1"
  finish "$1" $((128 + $(kill -l "$2")))
}

# recovers HALF FIRST: HALF is killed while it waits alone; the next pair runs
recovers() {
  "start_$1" </dev/null >out
  await "$1" "$WAITING"
  send KILL "$1"
  finish "$1" 137
  head -c 5000 /dev/urandom >next
  transfer next "$2"
}

# fails_on_full_output FIRST: the consumer to /dev/full fails and says so
fails_on_full_output() {
  head -c 5000 /dev/zero >input
  if [ "$1" = consumer ]; then
    start_consumer >/dev/full
    await consumer "$WAITING"
    start_producer <input
  else
    start_producer <input
    await producer "$WAITING|: sent "
    start_consumer >/dev/full
  fi
  finish consumer 1 'No space left on device'
  wait "${pid[producer]}" || true
  try "${PAIR}_producer" --help >/dev/full 2>/dev/null && fail 'producer --help'
  try "${PAIR}_consumer" --help >/dev/full 2>/dev/null && fail 'consumer --help'
  return 0
}

# refuses OPERAND...: both halves: usage on standard error, 2, nothing else
refuses() {
  local half
  for half in producer consumer; do
    run --separate-stderr -2 try "${PAIR}_$half" "$@" </dev/null
    [[ $stderr == *"usage: ${PAIR}_$half"* && -z $output ]] ||
      fail "expected: usage of ${PAIR}_$half" "actual: $stderr $output"
  done
}

# helps: both halves print usage on standard output when asked
helps() {
  local half
  for half in producer consumer; do
    run --separate-stderr -0 try "${PAIR}_$half" --help
    [[ $output == "usage: ${PAIR}_$half"* && -z $stderr ]]
  done
}

# two_at_once FIRST NAME2: two transfers at the same time do not mix
two_at_once() {
  head -c 1000000 /dev/urandom >input
  mkdir other
  cp input other/input
  (
    cd other || exit
    NAME=$2
    printf '\0' >>input
    transfer input "$1"
  ) 3>&- &
  local twin=$!
  transfer input "$1"
  wait $twin
}
