# 02-fifos-robust.bats - chapter 02, the robust pair
load lib/helper
load lib/pairs

MAN='fifo(7), mkfifo(3), open(2)'
pair fifo ./pipe

# No namespace separates the default names: the tests of one user that need
# them run one at a time
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
@test "a stale fifo of a half that was killed while it waited is taken over" {
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
@test "cat stands in for the fifo consumer, whichever starts first" {
  printf 'to cat' >input
  for first in producer cat; do
    mkfifo pipe
    if [ $first = producer ]; then
      start_producer <input
      asleep producer
      try cat pipe >out
    else
      start cat cat pipe >out
      asleep cat
      start_producer <input
      finish cat
    fi
    finish producer
    cmp input out
    [ ! -e pipe ]
  done
}
@test "a file that is not a FIFO is refused and not changed" {
  echo precious >file
  ln -s file link
  for name in file link; do
    run -1 try fifo_producer $name <file
    [[ $output == *"$name"* ]]
    run -1 try fifo_consumer $name
  done
  [ "$(cat file)" = precious ]
}
@test "a FIFO that others may write to is refused; one that they may read is not" {
  mkfifo -m 622 pipe
  for half in producer consumer; do
    run -1 try "fifo_$half" pipe </dev/null
    [ "$output" = "fifo_$half: pipe: others may write to it: chmod 600 pipe" ]
  done
  chmod 644 pipe # what mkfifo(1) makes
  printf text >input
  transfer input consumer
}
@test "two producers that wait at one FIFO: each meets a consumer of its own" {
  for half in one two; do
    start $half fifo_producer "$NAME" <<<"text of $half"
    await $half "$WAITING"
  done
  for copy in first second; do
    start_consumer >$copy
    finish consumer 0 'received 12 bytes'
  done
  finish one
  finish two
  [ "$(sort first second)" = $'text of one\ntext of two' ]
}
@test "a second fifo consumer is refused, and does not disturb the first" {
  start_consumer >out
  await consumer "$WAITING"
  run -1 try fifo_consumer "$NAME"
  [ "$output" = "fifo_consumer: $NAME: another consumer is at work" ]
  start_producer <<<text
  finish producer
  finish consumer 0 'received 5 bytes'
}
@test "a fifo consumer whose FIFO is removed, renamed or replaced exits with an error" {
  for removal in 'rm pipe' 'mv pipe other' 'ln -sf other pipe'; do
    start_consumer >out
    await consumer "$WAITING"
    $removal
    finish consumer 1 "^.*fifo_consumer: $NAME: the name has been removed$"
    rm -f pipe other
  done
}
@test "a fifo producer whose FIFO is removed waits for the next FIFO" {
  mkfifo pipe
  start_producer <<<text
  asleep producer
  rm pipe
  start_consumer >out
  finish producer
  finish consumer 0 'received 5 bytes'
}
@test "a signal that is ignored when a fifo consumer starts stays ignored" {
  start consumer sh -c 'trap "" HUP; exec fifo_consumer ./pipe' >out
  await consumer "$WAITING"
  send HUP consumer
  start_producer <<<text
  finish producer
  finish consumer 0 'received 5 bytes'
}

# loop HALF ROUNDS [COMMAND...]: run HALF so many times. Each producer sends the
# number of its round
loop() {
  local half=$1 rounds=$2 round
  shift 2
  for ((round = 1; round <= rounds; round++)); do
    echo $round | try "$@" "fifo_$half" "$NAME" || echo "$half $round: $?"
  done 2>/dev/null
}
# two_loops ROUNDS: both loops at once. PRODUCER and CONSUMER hold a COMMAND
two_loops() {
  # shellcheck disable=SC2086 # several words
  loop producer "$1" ${PRODUCER-} >failures 3>&- &
  # shellcheck disable=SC2086
  loop consumer "$1" ${CONSUMER-} >all
  wait
  [ ! -s failures ] || fail "$(cat failures)"
  seq "$1" | diff - all
}
# bats test_tags=slow
@test "two loops of fifo transfers under one name lose nothing, and do not hang" {
  two_loops "${ROUNDS:-150}"
}
# bats test_tags=slow
@test "a fifo half that is slow to remove the name never removes that of another pair" {
  slow='strace -qq -o trace -e inject=?unlink,unlinkat:delay_enter=200000'
  needs_strace
  PRODUCER=$slow two_loops 5
  CONSUMER=$slow two_loops 5
}
@test "after a fifo half is killed while it removes the name, its peer still ends" {
  needs_strace
  start_consumer >out
  await consumer "$WAITING"
  start victim strace -qq -o trace -e inject=?unlink,unlinkat:signal=KILL \
    fifo_producer "$NAME" <<<lost
  finish victim 137
  finish consumer 0 'received 0 bytes' # as of any producer that is killed
  [ ! -e pipe ]
}
# bats test_tags=uncounted
@test "with too few descriptors a fifo half exits with 77 and a remedy that helps" {
  for half in producer consumer; do
    [ $half = consumer ] || mkfifo pipe
    run -77 try sh -c "ulimit -S -n 4; exec fifo_$half pipe" </dev/null
    [[ $output =~ $EMFILE': ulimit -n is 4: '(ulimit -n [0-9]+)$ ]] || fail "$output"
    [ $half = producer ] || [ ! -e pipe ]
    start one sh -c "ulimit -S -n 4; ${BASH_REMATCH[2]}; exec fifo_$half ./pipe" <<<x
    await one "$WAITING"
    end one TERM
    rm -f pipe
  done
}
# bats test_tags=slow
@test "a sandbox that refuses a call ends a fifo half with 77" {
  needs_strace
  local call error
  for error in ENOSYS EPERM; do
    for call in flock poll ppoll; do
      run -77 try strace -qq -o trace -e "inject=/^$call(_time64)?\$:error=$error" \
        fifo_consumer ./pipe
      [[ $output == *"fifo_consumer: $call ./pipe: "*'a sandbox refuses it' ]] ||
        fail "$output"
      rm -f pipe
    done
  done
}
@test "without dnotify a fifo half exits with 77, and names the sysctl" {
  needs_strace
  for half in producer consumer; do
    run -77 try strace -qq -o trace -e inject=fcntl,fcntl64:error=EINVAL:when=4+ \
      "fifo_$half" pipe </dev/null
    [[ $output == *'fs.dir-notify-enable is 0, or'*': as root: echo 1 >'* ]] || fail "$output"
  done
}
