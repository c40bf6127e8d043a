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
  head -c 1000003 /dev/urandom >block # a length that no buffer divides
  for _ in {1..68}; do cat block; done | head -c "${BIG:-67108864}" >big
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

# ends_as_process_1 SIGNAL: the consumer is process 1, as in a container
ends_as_process_1() {
  local user=() init
  [ $EUID = 0 ] || user=(--user --map-current-user)
  requires 'a PID namespace: make doctor' unshare "${user[@]}" --pid --fork true
  start consumer unshare "${user[@]}" --pid --fork \
    "${PAIR}_consumer" "$NAME" >out
  await consumer "$WAITING"
  init=$(program consumer)
  init=$(tr -d ' ' <"/proc/$init/task/$init/children")
  kill -s "$1" "$init"
  finish consumer $((128 + $(kill -l "$1")))
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

# knows_limit NAME PATTERN: NAME is as long as can be. It carries, and so does
# one a byte shorter; of one a byte longer both halves say PATTERN
knows_limit() {
  local half
  printf x >one
  for NAME in "${1%?}" "$1"; do
    transfer one consumer
  done
  for half in producer consumer; do
    run --separate-stderr -2 try "${PAIR}_$half" "${1}0" </dev/null
    [[ $stderr =~ ^${PAIR}_$half:\ $2$ && -z $output ]] ||
      fail "expected: $2" "actual: $stderr $output"
  done
}

# refuses_others HALF WHAT: an object of another user. Root sees whose it is. A
# container's root has no CAP_IPC_OWNER (15), so no access to a SysV object
refuses_others() {
  local owner="${PAIR}_$1: $NAME: not a $2" access caps
  access=$owner
  [[ $PAIR != sysv_* ]] ||
    access="${PAIR}_$1: (msg|sem|shm)get $NAME: Permission denied"
  caps=0x$(awk '/^CapEff/ { print $2 }' /proc/self/status)
  if ((caps >> 15 & 1)); then
    run -1 try "${PAIR}_$1" "$NAME" <<<text
    [ "$output" = "$owner" ] || fail "expected: $owner" "actual: $output"
  fi
  run -1 try setpriv --bounding-set=-ipc_owner "${PAIR}_$1" "$NAME" <<<text
  [[ $output =~ ^$access$ ]] || fail "expected: $access" "actual: $output"
}

# helps: both halves print usage on standard output when asked
helps() {
  local half
  for half in producer consumer; do
    run --separate-stderr -0 try "${PAIR}_$half" --help
    [[ $output == "usage: ${PAIR}_$half"* && -z $stderr ]]
  done
}

# wants_descriptors COMMAND...: with 0, 1 or 2 closed none begins. What it opens
# would get that number, and be read as input or overwritten by a message
wants_descriptors() {
  local command fd
  for command; do
    for fd in 0 1 2; do
      run -1 try sh -c "exec $command $fd>&-"
      [[ $fd = 2 || $output = *": standard descriptor $fd: "* ]] ||
        fail "$command $fd>&-: $output"
    done
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

# What follows is for the pairs that meet, and of which each notices the other's
# end; a chapter whose pair does so in another way has its own

# begin_idle: the two have met, and the producer waits for more input
begin_idle() {
  mkfifo idle
  exec {hold}<>idle
  start_consumer >out
  await consumer "$WAITING"
  start_producer <idle
  printf 'a line\n' >idle
  await_file out
}
end_idle() {
  exec {hold}>&-
  rm idle
}

# Each half dies in mid-transfer, in each order
notices_each_death() {
  for first in consumer producer; do
    for sig in KILL TERM; do
      survives consumer $sig $first 1 "${PAIR}_producer: .*consumer has gone"
      survives producer $sig $first 1 "${PAIR}_consumer: .*producer has gone"
    done
  done
}

# The consumer dies while the producer waits for input
notices_death_while_idle() {
  for sig in KILL TERM; do
    begin_idle
    send $sig consumer
    finish producer 1 "^${PAIR}_producer: $NAME: the consumer has gone$"
    finish consumer $((128 + $(kill -l $sig)))
    end_idle
    rm out
  done
}

# all_stopped PID: each of its threads; the first to run stops the others
all_stopped() {
  ! grep -h '^State:' "/proc/$1/task/"*/status | grep -qv 'T (stopped)'
}

# A killed half that is stopped sees nothing of the other's end
both_killed() {
  for first in consumer producer; do
    begin_endless $first
    for half in consumer producer; do
      send STOP $half
      until all_stopped "$(program $half)"; do :; done
    done
    send KILL consumer
    send KILL producer
    finish consumer 137
    finish producer 137
    printf next >next
    transfer next $first
  done
}

# As Ctrl-C does; which of the two has ended first, the other may still tell
both_interrupted() {
  for first in consumer producer; do
    begin_endless $first
    kill -s "$1" "$(program consumer)" "$(program producer)"
    for half in consumer producer; do
      status=0
      wait "${pid[$half]}" || status=$?
      [ $status = 1 ] || [ $status = $((128 + $(kill -l "$1"))) ]
    done
    [ "$(objects)" = "$(cat .before)" ]
  done
}

# refuses_a_second HALF: while one waits
refuses_a_second() {
  "start_$1" </dev/null >out
  await "$1" "$WAITING"
  run -1 try "${PAIR}_$1" "$NAME" </dev/null
  [ "$output" = "${PAIR}_$1: $NAME: another $1 is at work" ]
  send TERM "$1"
  finish "$1" 143
}

# Neither waits for the other to say that it waits
starts_at_once() {
  for _ in {1..8}; do
    start_producer <<<text
    start_consumer >out
    finish producer 0 'sent 5 bytes in 1 message'
    finish consumer 0 'received 5 bytes in 1 message'
    [ "$(cat out)" = text ]
    # One of the two was first, never both
    [ "$(cat producer.err consumer.err | grep -c waiting)" = 1 ]
  done
}

# Each line typed is a message of its own
keeps_messages_apart() {
  begin_idle
  printf 'another' >idle
  end_idle
  finish producer 0 'sent 14 bytes in 2 messages'
  finish consumer 0 'received 14 bytes in 2 messages'
  [ "$(cat out)" = $'a line\nanother' ]
}

# Stopped and continued, which interrupts some system calls
survives_a_stop() {
  begin_idle
  for half in consumer producer; do
    send STOP $half
    send CONT $half
  done
  end_idle
  finish producer 0 'sent 7 bytes'
  finish consumer 0 'received 7 bytes'
  start_consumer >out
  await consumer "$WAITING"
  send STOP consumer
  send CONT consumer
  start_producer <<<text
  finish consumer 0
  finish producer 0
}

# uses_default PAIR NAME: what they meet at when none is given
uses_default() {
  PAIR=$1
  start_producer() { start producer "${PAIR}_producer"; }
  start_consumer() { start consumer "${PAIR}_consumer"; }
  printf hello >input
  transfer input consumer
  grep -qxF "$1_consumer: waiting on $2" consumer.err
}
