# 03-msgqueues.bats - chapter 03, the plain pairs
load lib/helper
load lib/pairs
load lib/lessons

MAN='mq_overview(7), mq_send(3), sysvipc(7), msgop(2)'

# Names that no other test takes, without namespaces neither
unique=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${unique% *} % 0xfffff0))
name=test-$unique key=$(printf 0x71%06x $unique)

# A test is about one of these or, with for_each_queue, about both in turn
posix_mq() { pair posix_mq "/$name"; }
# maxmsg: how many messages a POSIX queue holds by default
maxmsg() { sort -n /proc/sys/fs/mqueue/msg_{default,max} | head -n 1; }
# holds_two: skip where a producer cannot send a line and the end, and exit
holds_two() {
  local files='/proc/sys/fs/mqueue/msg_{default,max}'
  requires "POSIX queues of 2 messages: as root: echo 10 | tee $files" \
    test "$(maxmsg)" -ge 2
}
sysv_mq() { pair sysv_mq "$key"; }
for_each_queue() {
  posix_mq
  "$@"
  sysv_mq
  "$@"
}

# The folder that shows the POSIX queues: ls and rm work in it
mqueue_folder() {
  mqueue=/dev/shm/.mqueue
  [ "$ISOLATION" != none ] || mqueue=/dev/mqueue
  requires 'a mount of mqueue: mount -t mqueue mqueue /dev/mqueue' \
    test -w "$mqueue"
}

# is_left: the queue is there, and a user sees it with ls or ipcs
is_left() {
  case $PAIR in
  posix_mq) ls "$mqueue/$name" ;;
  sysv_mq) ipcs -q | grep "^$key " ;;
  esac
}

# remove: the queue, with the command that the README gives
remove() {
  case $PAIR in
  posix_mq) rm "$mqueue/$name" ;;
  sysv_mq) ipcrm -Q "$key" ;;
  esac
}

# bats test_tags=memcheck
@test "posix_mq carries every input unchanged, the consumer first" {
  posix_mq
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_mq carries every input unchanged, the producer first" {
  posix_mq
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_mq carries every input unchanged, the consumer first" {
  sysv_mq
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_mq carries every input unchanged, the producer first" {
  sysv_mq
  carries_everything producer
}

leaves_a_message() {
  [ "$PAIR" = sysv_mq ] || holds_two
  start_producer <<<hello
  finish producer 0 "^${PAIR}_producer: messages sent: 1$"
  start_consumer >out
  finish consumer 0 "^${PAIR}_consumer: messages received: 1$"
  [ "$(cat out)" = hello ]
  objects | diff .before -
}
@test "the producer may exit before the consumer starts: the message waits" {
  for_each_queue leaves_a_message
}

keeps_messages_apart() {
  begin_idle consumer
  printf 'no newline' >idle
  end_idle
  finish producer 0 'messages sent: 2$'
  finish consumer 0 'messages received: 2$'
  [ "$(cat out)" = $'a line\nno newline' ]
  rm out
}
@test "what one read(2) returned is one message" {
  for_each_queue keeps_messages_apart
}

@test "ls and cat show a POSIX queue that waits: mode 600, the bytes in it" {
  mqueue_folder
  posix_mq
  try "${producer[@]}" <<<four 2>said
  [ "$(stat -c %a "$mqueue/$name")" = 600 ]
  grep -q '^QSIZE:5 ' "$mqueue/$name"
  try "${consumer[@]}" >out 2>said
}
@test "ipcs shows a System V queue that waits: mode 600, 5 bytes, 2 messages" {
  sysv_mq
  try "${producer[@]}" <<<four 2>said
  ipcs -q | grep -E "^$key .* 600 +5 +2 *$"
  try "${consumer[@]}" >out 2>said
}

# The end is a message, too
@test "a POSIX queue takes mq_maxmsg messages, then the producer waits" {
  local max size
  posix_mq
  max=$(maxmsg)
  read -r size </proc/sys/fs/mqueue/msgsize_default
  head -c $(((max - 1) * size)) /dev/zero >fits
  start_producer <fits
  finish producer 0 "messages sent: $((max - 1))$"
  start_consumer >out
  finish consumer

  head -c $((max * size)) /dev/zero >excess
  start_producer <excess
  asleep producer
  start_consumer >out
  finish producer 0 "messages sent: $max$"
  finish consumer
  cmp excess out
}
# The end takes none of them
@test "a System V queue takes msgmnb bytes, then the producer waits" {
  local bytes
  sysv_mq
  read -r bytes </proc/sys/kernel/msgmnb
  head -c "$bytes" /dev/zero >fits
  start_producer <fits
  finish producer
  start_consumer >out
  finish consumer

  head -c $((bytes + 1)) /dev/zero >excess
  start_producer <excess
  asleep producer
  start_consumer >out
  finish producer
  finish consumer
  cmp excess out
}

consumer_is_killed() {
  start_consumer >out
  start_producer </dev/zero
  await_file out
  send KILL consumer
  finish consumer 137
  asleep producer # and would be forever
  send INT producer
  finish producer 130
  is_left
  remove
  rm out
}
@test "if the consumer is killed, the producer waits forever; the queue stays" {
  mqueue_folder
  for_each_queue consumer_is_killed
}

producer_is_killed() {
  begin_idle consumer
  send KILL producer
  finish producer 137
  asleep consumer # and would be forever
  send INT consumer
  finish consumer 130
  is_left
  remove
  end_idle
}
@test "if the producer is killed, the consumer waits forever; the queue stays" {
  mqueue_folder
  for_each_queue producer_is_killed
}

mixes_two_transfers() {
  start_producer </dev/zero
  asleep producer
  send KILL producer
  finish producer 137
  start_consumer >out
  asleep consumer
  start_producer <<<new
  finish producer
  finish consumer
  [ "$(wc -c <out)" -gt 4 ]
  [ "$(tail -c 4 out)" = new ]
}
@test "the messages of a killed producer become the start of the next transfer" {
  for_each_queue mixes_two_transfers
}

fails_on_full_output() {
  full_output consumer
  is_left
  remove
}
@test "a full standard output is an error, and the queue stays" {
  mqueue_folder
  for_each_queue fails_on_full_output
}
@test "a wrong number of operands is an error" {
  for half in producer consumer; do
    misuse posix_mq_$half
    misuse posix_mq_$half "/$name" "/$name"
    misuse sysv_mq_$half
    misuse sysv_mq_$half "$key" "$key"
  done
}
@test "a key is a number other than 0, decimal or hexadecimal" {
  local half bad
  for half in producer consumer; do
    for bad in '' 0 -1 0x word 12x 0x100000001; do
      run --separate-stderr -2 try "sysv_mq_$half" "$bad" </dev/null
      [[ $stderr == "sysv_mq_$half: usage: sysv_mq_$half KEY "* ]]
    done
  done
  try sysv_mq_producer "$key" <<<hello 2>said
  try sysv_mq_consumer $((key)) >out 2>said
  [ "$(cat out)" = hello ]
}
@test "the name of a POSIX queue begins with a slash, or musl adds it" {
  run try posix_mq_producer "$name" <<<hello
  if [ "$status" = 0 ]; then
    try posix_mq_consumer "/$name" >out 2>said
    [ "$(cat out)" = hello ]
  else
    [ "$output" = "posix_mq_producer: mq_open $name: Invalid argument" ]
  fi
}

# posix_mq
@test "posix_mq: if the name is removed, the consumer waits forever" {
  posix_mq
  mqueue_folder
  holds_two
  start_consumer >out
  asleep consumer
  remove
  start_producer <<<hello
  finish producer
  asleep consumer # and would be forever
  end consumer INT
  remove
}
