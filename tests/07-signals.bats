# 07-signals.bats - chapter 07, the plain pair
load lib/helper
load lib/pairs
load lib/lessons

MAN='signal(7), sigqueue(3), sigwaitinfo(2)'
READY=1 # a signal goes to a process: the consumer always starts first

# signal_pair: the producer gets the process id that the consumer prints
signal_pair() {
  pair signal
  producer+=(ADDRESS)
}

# await_pending NAME: until a piece of the data, signal 63, is pending for it.
# Bit 62 of the mask is the 4 at its front
await_pending() {
  until grep -q '^ShdPnd:.4' "/proc/$(program "$1")/status"; do :; done
}

# bystander NAME: a process that waits forever, but not for our signals
bystander() {
  start "$1" bash -c 'echo ready >&2; exec tail -f /dev/null'
  await "$1" ready
}

# kill_with_value NAME VALUE: kill(1) sends VALUE to the consumer. Its parent is
# tail(1), which does not wait for it: so the reply still finds the process
kill_with_value() {
  start "$1" bash -c '
    (until grep -q tail "/proc/$$/comm"; do :; done
      exec env kill -q "$1" -s 63 "$2") &
    exec tail -f /dev/null' bash "$2" "$(program consumer)"
}

# interrupt NAME: it is still running, and SIGINT ends it, as Ctrl-C would
interrupt() {
  asleep "$1"
  send INT "$1"
  finish "$1" 130
}

# bats test_tags=memcheck
@test "signals carry every input unchanged" {
  signal_pair
  make_inputs
  head -c 20003 block >pieces # a signal carries three bytes: no speed at all
  for input in empty one nul nonl pieces; do transfer $input consumer; done
}
# bats test_tags=memcheck
@test "each half reports how many signals it sent or received" {
  signal_pair
  printf 12345678 >input # three pieces, and the end
  transfer input consumer
  grep -qx 'signal_producer: signals sent: 4' producer.err
  grep -qx 'signal_consumer: signals received: 4' consumer.err
}
@test "the consumer prints its process id when it is ready" {
  pair signal
  start_consumer
  await consumer ': ready'
  grep -qx "signal_consumer: ready: pid $(program consumer)" consumer.err
  interrupt consumer
}
@test "the producer fails if there is no such process" {
  for number in "$(bash -c 'echo $$')" 0 -1 text ''; do
    run -1 try signal_producer "$number" </dev/null
    [ "$output" = "signal_producer: sigqueue $number: No such process" ]
  done
}
@test "kill can stand in for the consumer: an acknowledgement is a signal" {
  bystander stopped
  send STOP stopped # so that the signals stay pending
  start producer signal_producer "$(program stopped)" < <(printf abc)
  await_pending stopped
  kill -s RTMAX-2 "$(program producer)" # for the piece
  kill -s RTMAX-2 "$(program producer)" # for the end
  finish producer 0 'signals sent: 2'
  send KILL stopped
  finish stopped 137
}
@test "kill -q can stand in for the producer: a piece is an int" {
  requires 'kill -q, of procps 4 or util-linux: ./setup.sh' env kill -q 0 -s 0 $$
  pair signal
  start_consumer >out
  await consumer ': ready'
  kill_with_value first $((0x696802)) # on a little-endian machine: 2, h, i, 0
  await_file out
  kill_with_value second 0
  finish consumer 0 'signals received: 2'
  interrupt first
  interrupt second
  [ "$(cat out)" = hi ]
}
@test "the consumer fails when standard output is full" {
  signal_pair
  full_output consumer
}
@test "a missing operand, or one too many, prints the usage" {
  misuse signal_producer
  misuse signal_producer 1 2
  misuse signal_consumer 1
}
@test "two transfers at once do not mix" {
  signal_pair
  mkdir other
  (
    cd other || exit
    head -c 3001 /dev/urandom >input
    transfer input consumer
  ) 3>&- &
  local twin=$!
  head -c 3000 /dev/urandom >input
  transfer input consumer
  wait $twin
}

# Failures that the plain pair does not survive. The leak check sees that nothing
# is left behind
@test "if the consumer is killed, the producer waits forever" {
  signal_pair
  start_consumer >out
  await consumer ': ready'
  send STOP consumer # so that the first piece stays pending
  start_producer <<<text
  await_pending consumer
  send KILL consumer
  finish consumer 137
  interrupt producer
}
@test "if the consumer is killed between two pieces, the next one fails" {
  signal_pair
  begin_idle consumer
  asleep consumer # it has replied
  send KILL consumer
  finish consumer 137
  printf d >idle
  finish producer 1 'sigqueue [0-9]+: No such process'
  end_idle
}
@test "if the producer is killed, the consumer waits forever" {
  signal_pair
  begin_idle consumer
  send KILL producer
  finish producer 137
  interrupt consumer
  [ "$(cat out)" = 'a line' ]
  end_idle
}
@test "a process that does not block the signal is killed by it" {
  bystander victim
  start producer signal_producer "$(program victim)" <<<text
  finish victim $((128 + 63))
  interrupt producer
}
@test "a stray signal ends the transfer, and its reply kills the sender" {
  pair signal
  start_consumer >out
  await consumer ': ready'
  start stray bash -c "kill -s RTMAX-1 $(program consumer)
    exec tail -f /dev/null"
  finish stray $((128 + 62))
  finish consumer 0 'signals received: 1' # kill sends no value, and 0 is the end
  [ ! -s out ]
}
@test "the transfers of two producers are mixed" {
  signal_pair
  begin_idle consumer
  start second signal_producer "$(program consumer)" <<<second
  finish second # its end is the consumer's end
  finish consumer
  [ "$(cat out)" = $'a line\nsecond' ]
  printf d >idle
  finish producer 1 'No such process'
  end_idle
}
