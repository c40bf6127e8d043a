# 03-msgqueues-robust.bats - chapter 03, the robust pairs
load lib/helper
load lib/pairs

MAN='mq_overview(7), sysvipc(7), msgop(2), inotify(7)'

# Names that no other test takes, without namespaces neither
unique=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${unique% *} % 0xfffff0))
sysv_mq() { pair sysv_mq "$(printf 0x71%06x $unique)"; }
posix_mq() { pair posix_mq "/test-$unique.mq"; }

# full_alone: with nobody to read, only a full queue makes a producer wait
full_alone() {
  start_producer </dev/zero
  await producer "$WAITING"
}

# killed_idle VICTIM FIRST: one line is across, no more comes; VICTIM dies
killed_idle() {
  local survivor=consumer
  [ "$1" = producer ] || survivor=producer
  mkfifo idle
  exec {hold}<>idle
  echo a line >idle
  if [ "$2" = consumer ]; then
    start_consumer >out
    await consumer "$WAITING"
    start_producer <idle
  else
    start_producer <idle
    start_consumer >out
  fi
  await_file out
  end "$1" KILL
  finish $survivor 1 "${PAIR}_$survivor: .*: the $1 has exited"
  [ "$(grep -c 'has exited' $survivor.err)" = 1 ]
  end_idle
  rm out
}

# freeze HALF: stopped and continued, which interrupts some system calls
freeze() {
  local victim
  victim=$(program "$1")
  kill -s STOP "$victim"
  until grep -q '^State:.T' "/proc/$victim/status"; do :; done
  kill -s CONT "$victim"
}

# limited COMMANDS: by sh, in an IPC namespace whose limits it may set
limited() {
  local user=''
  [ "$(id -u)" = 0 ] || user='--user --map-root-user'
  # shellcheck disable=SC2086 # the words of user
  requires 'an IPC namespace with limits of its own to set: make doctor' \
    unshare $user --ipc sh -c 'echo 128 >/proc/sys/fs/mqueue/msgsize_max &&
      echo 100 >/proc/sys/kernel/msgmax'
  # shellcheck disable=SC2086
  try unshare $user --ipc sh -ec "$1"
}

for_each_queue() {
  sysv_mq
  "$@"
  posix_mq
  "$@"
}

# bats test_tags=memcheck
@test "sysv_mq carries every input unchanged, consumer first" {
  sysv_mq
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_mq carries every input unchanged, producer first" {
  sysv_mq
  carries_everything producer
}
# bats test_tags=memcheck
@test "posix_mq carries every input unchanged, consumer first" {
  posix_mq
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_mq carries every input unchanged, producer first" {
  posix_mq
  carries_everything producer
}

leaves_early() {
  local half
  printf 'a\nb' >input
  for half in producer consumer; do
    start_"$half" <input >out
    finish $half
  done
  [ "$(cat producer.err)" = "${PAIR}_producer: sent 3 bytes in 1 message" ]
  [ "$(cat consumer.err)" = "${PAIR}_consumer: received 3 bytes in 1 message" ]
  cmp input out
}
@test "a producer may leave before the consumer comes" {
  for_each_queue leaves_early
}
@test "what waits in a sysv_mq is the payload and an empty message" {
  sysv_mq
  try sysv_mq_producer "$NAME" <<<'four' 2>said
  # The mode says complete, and the queue holds 5 bytes in 2 messages
  ipcs -q | grep -E "^$NAME .* 700 +5 +2 *$"
  try sysv_mq_consumer "$NAME" >out 2>said
}
@test "what waits in a posix_mq is the payload and an empty message" {
  [ "$ISOLATION" = none ] || mqueue=/dev/shm/.mqueue
  requires '/dev/mqueue: mount -t mqueue mqueue /dev/mqueue' \
    test -w "${mqueue:=/dev/mqueue}"
  posix_mq
  try posix_mq_producer "$NAME" <<<'four' 2>said
  [ "$(stat -c %a "$mqueue$NAME")" = 700 ]
  grep -q '^QSIZE:5 ' "$mqueue$NAME"
  try posix_mq_consumer "$NAME" >out 2>said
}
@test "a posix_mq takes mq_maxmsg messages, the end among them, then waits" {
  posix_mq
  read -r max </proc/sys/fs/mqueue/msg_default
  read -r size </proc/sys/fs/mqueue/msgsize_default
  head -c $(((max - 1) * size)) /dev/zero >input
  start_producer <input
  finish producer 0 "^posix_mq_producer: sent .* in $((max - 1)) messages$"
  start_consumer >out
  finish consumer
  cmp input out
  printf 1 >>input
  start_producer <input
  await producer "$WAITING$NAME"
  start_consumer >out
  finish producer
  finish consumer
  cmp input out
}
@test "a sysv_mq takes msg_qbytes bytes, then waits" {
  sysv_mq
  read -r bytes </proc/sys/kernel/msgmnb
  head -c "$bytes" /dev/zero >input
  start_producer <input
  finish producer 0 "^sysv_mq_producer: sent $bytes bytes"
  start_consumer >out
  finish consumer
  cmp input out
  printf 1 >>input
  start_producer <input
  await producer "$WAITING$NAME"
  start_consumer >out
  finish producer
  finish consumer
  cmp input out
}
@test "a posix_mq of small limits works, and keeps its own when they change" {
  head -c 1000 /dev/urandom >input
  limited 'cd /proc/sys/fs/mqueue
    echo 10 >msg_max; echo 128 >msgsize_max
    posix_mq_producer /small <"$OLDPWD/input"
    echo 8192 >msgsize_max
    posix_mq_consumer /small >"$OLDPWD/out"' 2>said
  grep -qx 'posix_mq_producer: sent 1000 bytes in 8 messages' said
  cmp input out
}
@test "a sysv_mq of small limits works" {
  head -c 1000 /dev/urandom >input
  limited 'echo 100 >/proc/sys/kernel/msgmax
    sysv_mq_producer 1 <input
    sysv_mq_consumer 1 >out' 2>said
  grep -qx 'sysv_mq_producer: sent 1000 bytes in 10 messages' said
  cmp input out
  limited 'echo 70 >/proc/sys/kernel/msgmnb
    echo text | sysv_mq_producer 1
    sysv_mq_consumer 1 >out' 2>said
  run -1 limited 'echo 0 >/proc/sys/kernel/msgmax
    echo text | sysv_mq_producer 1'
  [[ $output == *'the limits allow no message'* ]]
}

refuses_second() {
  printf first >input
  start_producer <input
  finish producer
  run -1 try "${PAIR}_producer" "$NAME" <<<second
  [ "$output" = "${PAIR}_producer: $NAME: holds a finished transfer: start \
${PAIR}_consumer $NAME" ]
  start_consumer >out
  finish consumer
  cmp input out
}
@test "a second producer does not touch a transfer that nobody has read" {
  for_each_queue refuses_second
}
refuses_running() {
  start_consumer >out
  await consumer "$WAITING"
  run -1 try "${PAIR}_consumer" "$NAME"
  [[ $output == *"$NAME: another consumer is at work" ]]
  send TERM consumer
  finish consumer 143
  full_alone
  run -1 try "${PAIR}_producer" "$NAME" <<<second
  [[ $output == *"$NAME: "*(another|running)* ]]
  send TERM producer
  finish producer 143
}
@test "a second half of the same kind is refused" {
  for_each_queue refuses_running
}
@test "a producer alone, its queue full, cleans up after a signal" {
  for sig in TERM INT HUP; do
    for_each_queue ends_alone producer $sig /dev/zero
  done
}
@test "a consumer alone waits, and cleans up after a signal" {
  for sig in TERM INT HUP; do
    for_each_queue ends_alone consumer $sig
  done
}
@test "a queue whose waiting half was killed is taken over" {
  for first in consumer producer; do
    for_each_queue recovers consumer $first
    for_each_queue recovers producer $first /dev/zero
  done
}
@test "a killed half is noticed while the producer has no input" {
  for first in consumer producer; do
    for_each_queue killed_idle consumer $first
    for_each_queue killed_idle producer $first
  done
}
@test "ipcrm ends both halves of a sysv_mq" {
  sysv_mq
  begin_endless consumer
  ipcrm -Q "$NAME"
  finish producer 1 'the consumer has exited'
  finish consumer 1 'the producer has exited'
}
meet_at_once() {
  head -c 100000 /dev/urandom >input
  for _ in {1..20}; do
    start_producer <input
    start_consumer >out
    finish producer
    finish consumer
    cmp input out
  done
}
@test "two halves that start in the same moment find each other" {
  for_each_queue meet_at_once
}
waits_on_when_stopped() {
  printf text >input
  start_consumer >out
  await consumer "$WAITING"
  freeze consumer
  start_producer <input
  finish producer
  finish consumer
  cmp input out
  head -c 1000000 /dev/urandom >input
  start_producer <input
  await producer "$WAITING"
  freeze producer
  start_consumer >out
  finish producer
  finish consumer
  cmp input out
}
@test "a half that was stopped while it waited goes on" {
  for_each_queue waits_on_when_stopped
}
@test "queues fail when standard output is full" {
  for_each_queue full_output consumer
  for_each_queue full_output producer
}
@test "a transfer in another user's queue is refused and not touched" {
  requires 'root, to be another user' test "$(id -u)" = 0
  other=(setpriv --reuid=65534 --clear-groups --)
  for pair in sysv_mq posix_mq; do
    $pair
    printf theirs >input
    try "${other[@]}" "$(command -v ${pair}_producer)" "$NAME" <input
    for half in producer consumer; do
      run -1 try "${pair}_$half" "$NAME" <<<text
      [[ $output =~ ": $NAME: not a queue of this user"$|": Permission denied"$ ]] ||
        fail "$output"
    done
    try "${other[@]}" "$(command -v ${pair}_consumer)" "$NAME" >out
    cmp input out
  done
}
