# 02-fifos-robust.bats - chapter 02, the robust pair
load lib/helper
load lib/pairs

MAN='fifo(7), mkfifo(3), open(2)'
pair fifo ./pipe

# in_open NAME: it has said where it waits, and is blocked there
in_open() {
  grep -q '^State:.S' "/proc/$(program "$1")/status"
}

# The names that programs take by default are not separated by namespaces here:
# this user's tests of them run one at a time
one_at_a_time() {
  [ "$ISOLATION" = none ] || { exec {turn}<"$HOME" && flock $turn; }
}

# bats test_tags=memcheck
@test "fifo carries every input unchanged, consumer first" {
  carries_everything consumer
}
# bats test_tags=memcheck
@test "fifo carries every input unchanged, producer first" {
  carries_everything producer
}
@test "fifo uses the user's own name when none is given" {
  one_at_a_time
  pair fifo
  printf hello >input
  transfer input consumer
  grep -qxF "fifo_consumer: waiting on /tmp/linux-ipc-$(id -u).fifo" consumer.err
  [ ! -e "/tmp/linux-ipc-$(id -u).fifo" ]
}
@test "a fifo producer alone waits, and SIGTERM, SIGINT and SIGHUP clean up" {
  for sig in TERM INT HUP; do ends_alone producer $sig; done
}
@test "a fifo consumer alone waits, and SIGTERM, SIGINT and SIGHUP clean up" {
  for sig in TERM INT HUP; do ends_alone consumer $sig; done
}
@test "a fifo whose waiting half was killed is taken over" {
  recovers producer consumer
  recovers consumer producer
}
@test "a killed fifo consumer gives its producer EPIPE" {
  for sig in KILL TERM; do
    survives consumer $sig consumer 1 'fifo_producer: .*(has exited|Broken pipe)'
  done
}
@test "a killed fifo producer gives its consumer EOF" {
  for sig in KILL TERM; do
    survives producer $sig producer 0 'fifo_consumer: received'
  done
}
@test "a fifo producer without input notices that its reader has exited" {
  begin_idle consumer
  send KILL consumer
  finish producer 1 'the consumer has exited'
  finish consumer 137
  end_idle
}
@test "fifo fails when standard output is full" {
  full_output consumer
}
@test "cat stands in for the fifo producer" {
  printf 'from cat' >input
  start_consumer >out
  await consumer "$WAITING"
  try sh -c 'cat input >pipe'
  finish consumer
  cmp input out
}
@test "cat stands in for the fifo consumer" {
  printf 'to cat' >input
  start_producer <input
  await producer "$WAITING"
  try cat pipe >out
  finish producer
  cmp input out
}
@test "what is not a FIFO of this user is refused and not touched" {
  echo precious >file
  ln -s file link
  for name in file link; do
    run -1 try fifo_producer $name <file
    [[ $output == *"$name"* ]]
    run -1 try fifo_consumer $name
  done
  [ "$(cat file)" = precious ]
}
@test "two producers that wait at one FIFO are both served" {
  start one fifo_producer "$NAME" <<<first
  await one "$WAITING"
  start two fifo_producer "$NAME" <<<second
  await two "$WAITING"
  until in_open one && in_open two; do :; done
  start_consumer >out
  finish one
  finish two
  finish consumer 0 'received 13 bytes'
  [ "$(sort out)" = $'first\nsecond' ]
}
