# 02-fifos.bats - chapter 02, the plain pair
load lib/helper
load lib/pairs
load lib/lessons

MAN='fifo(7), mkfifo(3), open(2)'
pair fifo ./pipe

# input_offset NAME: the number of bytes of its input that it has read
input_offset() {
  awk '/^pos/ { print $2 }' "/proc/$(program "$1")/fdinfo/0"
}

# bats test_tags=memcheck
@test "fifo carries every input unchanged, the consumer first" {
  carries_everything consumer
}
# bats test_tags=memcheck
@test "fifo carries every input unchanged, the producer first" {
  carries_everything producer
}
@test "both halves report the number of bytes" {
  start_consumer >out
  start_producer <<<hello
  finish producer 0 '^fifo_producer: bytes sent: 6$'
  finish consumer 0 '^fifo_consumer: bytes received: 6$'
}
@test "the half that starts first makes the FIFO, which only its user can open" {
  for first in producer consumer; do
    "start_$first" <<<hello >out
    asleep $first
    [ "$(stat -c %A pipe)" = prw------- ]
    [ $first = producer ] || start_producer <<<hello
    [ $first = consumer ] || start_consumer >out
    finish producer
    finish consumer
  done
}
@test "a FIFO that mkfifo(1) has made can be used" {
  mkfifo pipe
  start_consumer >out
  start_producer <<<hello
  finish producer
  finish consumer
  [ "$(cat out)" = hello ]
}
@test "the name is removed as soon as both have opened the FIFO" {
  begin_idle consumer
  [ ! -e pipe ]
  echo 'another line' >idle
  end_idle
  finish producer
  finish consumer
  [ "$(cat out)" = $'a line\nanother line' ]
}
@test "cat stands in for the producer" {
  printf 'from cat\0' >input
  start_consumer >out
  asleep consumer
  try sh -c 'cat input >pipe'
  finish consumer
  cmp input out
}
@test "cat stands in for the consumer, and does not remove the name" {
  printf 'to cat\0' >input
  start_producer <input
  asleep producer
  try cat pipe >out
  finish producer
  cmp input out
  rm pipe
}
@test "a producer that is stopped while the FIFO is full loses nothing when it continues" {
  head -c 1000003 /dev/urandom >input
  mkfifo pipe
  exec {hold}<>pipe # the FIFO is open, and nobody reads
  start_producer <input
  until [ "$(input_offset producer)" -gt 65536 ]; do :; done
  asleep producer
  send STOP producer
  send CONT producer
  start_consumer >out
  while [ -e pipe ]; do :; done
  exec {hold}>&-
  finish producer
  finish consumer
  cmp input out
}
@test "fifo fails when standard output is full" {
  full_output consumer
}
@test "fifo without a path, or with two, prints its usage" {
  for half in fifo_producer fifo_consumer; do
    misuse $half
    misuse $half ./pipe ./pipe
  done
}

# Failures that the plain pair does not handle

@test "a half that is killed while it waits leaves the FIFO: rm removes it" {
  for half in producer consumer; do
    "start_$half" </dev/null >out
    asleep $half
    send KILL $half
    finish $half 137
    [[ $(ls -l pipe) == prw-------* ]]
    rm pipe
  done
}
@test "the next pair uses the stale FIFO of a killed half" {
  start_producer <<<lost
  asleep producer
  send KILL producer
  finish producer 137
  start_consumer >out
  start_producer <<<hello
  finish producer
  finish consumer
  [ "$(cat out)" = hello ]
}
@test "a killed consumer: SIGPIPE ends the producer silently at its next write" {
  begin_idle consumer
  send KILL consumer
  finish consumer 137
  asleep producer # it waits for its input, and has noticed nothing
  echo 'another line' >idle
  finish producer $((128 + $(kill -l PIPE)))
  [ ! -s producer.err ]
  end_idle
}
@test "a killed producer: the consumer gets EOF, and exits with 0" {
  begin_idle consumer
  send KILL producer
  finish producer 137
  finish consumer 0 'bytes received: 7$'
  end_idle
}
@test "a second producer is not refused: the consumer gets the bytes of both" {
  start one "${producer[@]}" <<<first
  asleep one
  start two "${producer[@]}" <<<second
  asleep two
  start_consumer >out
  finish one
  finish two
  finish consumer 0 'bytes received: 13$'
  [ "$(sort out)" = $'first\nsecond' ]
}
@test "a regular file at the path is used as the FIFO: overwritten, then removed" {
  echo precious >pipe
  start_producer <<<replaced
  finish producer
  [ "$(cat pipe)" = replaced ]
  start_consumer >out
  finish consumer
  [ ! -e pipe ]
}
