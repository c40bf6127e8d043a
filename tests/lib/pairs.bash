# shellcheck shell=bash
# pairs.bash - what the tests of several pairs do, of plain and of robust ones.
# FIRST is the half that starts first, HALF any half: producer or consumer

# pair PAIR [NAME]: the pair that this test is about, and the operand of both
# halves. For ADDRESS a half gets what the other one printed when it was ready
pair() {
  PAIR=$1 NAME=${2-}
  producer=("$1_producer" "${@:2}") consumer=("$1_consumer" "${@:2}")
}
start_producer() {
  start producer "${producer[@]/ADDRESS/$(address consumer)}"
}
start_consumer() {
  start consumer "${consumer[@]/ADDRESS/$(address producer)}"
}
WAITING=': waiting on '             # of a robust half
STARTED=': (waiting|ready)( on|:) ' # or of a plain one
address() { sed -nE "s/.*$STARTED(pid )?//p" "$1.err" 2>/dev/null; }

# await_start HALF: it says that it waits, or that it has sent all. A plain half
# that says nothing has started when it is asleep, or has ended
await_start() {
  if [[ $programs == */robust || -n ${READY-} ]]; then
    await "$1" "$STARTED|: sent "
  else
    asleep "$1"
  fi
}
# asleep NAME: until that program is blocked in a system call, or has ended
asleep() {
  local state=''
  until [[ $state == State:?S* ]]; do
    # timeout(1), too, has ended then
    grep -qs '^State:.[^Z]' "/proc/${pid[$1]}/status" || return 0
    state=$(grep -s '^State:' "/proc/$(program "$1")/status") || true
  done
}
# start_both FIRST INPUT OUTPUT
start_both() {
  if [ "$1" = consumer ]; then
    start_consumer >"$3"
    await_start consumer
    start_producer <"$2"
  else
    start_producer <"$2"
    await_start producer
    start_consumer >"$3"
  fi
}
# The inputs that break naive programs, and one of 5 MB (BIG)
make_inputs() {
  : >empty
  printf x >one
  printf '\0\0a\0\n\0' >nul
  printf 'two lines\nno final newline' >nonl
  head -c 1000003 /dev/urandom >block # a length that no buffer divides
  cat block{,,,}{,,,}{,,,}{,} | head -c "${BIG:-5000000}" >big
}
# transfer INPUT FIRST: both succeed, print what they moved; the copy is equal
transfer() {
  local moved="[a-z]+ [a-z]+: [0-9]+" unit='(message|read|write)s?'
  [[ $programs != */robust ]] ||
    moved="(sent|received) $(stat -c %s "$1") bytes? in [0-9]+ $unit"
  start_both "$2" "$1" out
  finish producer 0 "${PAIR}_producer: $moved$"
  finish consumer 0 "${PAIR}_consumer: $moved"
  cmp "$1" out
}
carries_everything() { # FIRST; the robust pairs carry 64 MiB, too
  local input
  [ "$programs $1" != "$chapter/robust consumer" ] || : "${BIG:=67108864}"
  make_inputs
  for input in empty one nul nonl block big; do
    transfer $input "$1" # no "|| fail": that would switch set -e off in it
  done
}
# begin_idle FIRST: a line has arrived, and the producer waits for more input,
# which goes to the FIFO idle, until end_idle
begin_idle() {
  mkfifo idle
  exec {hold}<>idle
  printf 'a line\n' >idle
  : >out
  start_both "$1" idle out
  await_file out 7
}
end_idle() {
  exec {hold}>&-
  rm idle
}
# continue_traced NAME: SIGCONT for the program below strace(1)
continue_traced() {
  local id
  id=$(program "$1")
  kill -s CONT "$(tr -d ' ' <"/proc/$id/task/$id/children")"
}
# begin_endless FIRST: a transfer without end, caught in the middle. The
# consumer's output goes to a program that reports when it has seen 100 kB
begin_endless() {
  mkfifo middle sink
  { head -c "${ENOUGH:-100000}" && echo reached >middle && exec cat; } \
    <sink >/dev/null 3>&- &
  start_both "$1" /dev/zero sink
  read -r -t "$LIMIT" _ <middle
  rm middle sink
}
# end HALF SIGNAL: it gets SIGNAL and is ended by it
end() {
  send "$2" "$1"
  finish "$1" $((128 + $(kill -l "$2")))
}
# survives VICTIM SIGNAL FIRST [STATUS [PATTERN]]: VICTIM gets SIGNAL in
# mid-transfer; the other half ends with STATUS (1) and a line that matches
# PATTERN, and the next pair finds a clean place
survives() {
  local survivor=consumer
  [ "$1" = producer ] || survivor=producer
  begin_endless "$3"
  send "$2" "$1"
  finish $survivor "${4:-1}" "${5:-${PAIR}_$survivor: }"
  finish "$1" $((128 + $(kill -l "$2")))
  head -c 5000 /dev/urandom >next
  transfer next "$3"
}
# ends_alone HALF SIGNAL [INPUT]: it waits alone, and SIGNAL ends it
ends_alone() {
  "start_$1" <"${3:-/dev/null}" >out
  await_start "$1"
  end "$1" "$2"
}
# recovers HALF FIRST [INPUT]: it is killed while it waits; the next pair works
recovers() {
  ends_alone "$1" KILL "${3:-/dev/null}"
  head -c 5000 /dev/urandom >next
  transfer next "$2"
}

# full_output FIRST: the consumer to /dev/full fails, and so says. The producer
# may have sent everything by then
full_output() {
  head -c 5000 /dev/zero >input
  start_both "$1" input /dev/full
  finish consumer 1 'No space left on device'
  [[ $programs == */robust ]] || send KILL producer 2>/dev/null || true
  wait "${pid[producer]}" || true
}
