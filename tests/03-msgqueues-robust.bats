# 03-msgqueues-robust.bats - chapter 03, the robust pairs
load lib/helper
load lib/pairs

MAN='mq_overview(7), sysvipc(7), msgop(2), inotify(7)'

# Names that no other test takes, without namespaces neither
unique=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${unique% *} % 0xfffff0))
sysv_mq() { pair sysv_mq "$(printf 0x71%06x $unique)"; }
posix_mq() { pair posix_mq "/test-$unique.mq"; }
# maxmsg: how many messages a POSIX queue holds by default
maxmsg() { sort -n /proc/sys/fs/mqueue/msg_{default,max} | head -n 1; }
# holds_two: skip where a producer cannot send a line and the end, and exit
holds_two() {
  local files='/proc/sys/fs/mqueue/msg_{default,max}'
  requires "POSIX queues of 2 messages: as root: echo 10 | tee $files" \
    test "$(maxmsg)" -ge 2
}

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

# freeze_on HALF: stopped
freeze_on() {
  local victim
  victim=$(program "$1")
  kill -s STOP "$victim"
  until grep -q '^State:.T' "/proc/$victim/status"; do :; done
}
# freeze HALF: stopped and continued, which interrupts some system calls
freeze() {
  freeze_on "$1"
  send CONT "$1"
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
  [ "$PAIR" = sysv_mq ] || holds_two
  printf 'a\nb' >input
  for half in producer consumer; do
    start_"$half" <input >out
    finish $half
  done
  [ "$(cat producer.err)" = "${PAIR}_producer: sent 3 bytes in 1 message" ]
  [ "$(cat consumer.err)" = "${PAIR}_consumer: received 3 bytes in 1 message" ]
  cmp input out
}
@test "a producer may exit before the consumer starts" {
  for_each_queue leaves_early
}
@test "what waits in a sysv_mq is the payload and an empty message" {
  sysv_mq
  try sysv_mq_producer "$NAME" <<<'four' 2>said
  ipcs -q | grep -E "^$NAME .* 600 +5 +2 *$"
  try sysv_mq_consumer "$NAME" >out 2>said
}
@test "what waits in a posix_mq is the payload and an empty message" {
  [ "$ISOLATION" = none ] || mqueue=/dev/shm/.mqueue
  requires '/dev/mqueue: mount -t mqueue mqueue /dev/mqueue' \
    test -w "${mqueue:=/dev/mqueue}"
  posix_mq
  try posix_mq_producer "$NAME" <<<'four' 2>said
  [ "$(stat -c %a "$mqueue$NAME")" = 1700 ]
  grep -q '^QSIZE:5 ' "$mqueue$NAME"
  try posix_mq_consumer "$NAME" >out 2>said
}
@test "a posix_mq takes mq_maxmsg messages, the end among them, then waits" {
  posix_mq
  max=$(maxmsg)
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
}

refuses_second() {
  [ "$PAIR" = sysv_mq ] || holds_two
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
  finish producer 1 'the (consumer has exited|queue has been removed)$'
  finish consumer 1 'the (producer has exited|queue has been removed)$'
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
@test "two halves that start at the same moment find each other" {
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
@test "a half that was stopped while it waited goes on when it is continued" {
  for_each_queue waits_on_when_stopped
}
# sysv_key KIND ID, msg or sem: the key of the object, as ipcs(1) prints it
sysv_key() {
  local key
  key=$(awk -v id="$2" '$2 == id { print $1 }' "/proc/sysvipc/$1")
  printf 0x%08x $((key & 0xffffffff))
}
# await_attached ROLE: until that semaphore of the set, 0 or 1, is 1
await_attached() {
  local set=''
  until [[ $set == *[[:cntrl:]]"$1 "+([[:space:]])1\ * ]]; do
    set=$(ipcs -s -i "$(awk -v key=$((NAME)) \
      '$1 == key { print $2 }' /proc/sysvipc/sem)" 2>&1 || true)
  done
}
@test "a finished sysv_mq transfer is delivered, however slow its consumer" {
  sysv_mq
  start_consumer >out
  await consumer "$WAITING"
  freeze_on consumer
  start_producer <<<one
  finish producer
  run -1 try sysv_mq_producer "$NAME" <<<two
  [[ $output == *"$NAME: holds a finished transfer: "* ]]
  send CONT consumer
  finish consumer
  [ "$(cat out)" = one ]
}
# bats test_tags=slow
@test "of two sysv_mq consumers that start at once, exactly one is refused" {
  sysv_mq
  local half status refused
  for _ in {1..20}; do
    start one "${consumer[@]}" >out.one
    start two "${consumer[@]}" >out.two
    until grep -q 'another consumer is at work$' one.err two.err; do :; done
    start_producer <<<text
    finish producer
    refused=0
    for half in one two; do
      status=0
      wait "${pid[$half]}" || status=$?
      refused=$((refused + status))
    done
    [ $refused = 1 ]
    [ "$(cat out.one out.two)" = text ]
  done
}
@test "a third half is refused while a sysv_mq pair is at work" {
  sysv_mq
  begin_idle consumer
  for half in producer consumer; do
    run -1 try "sysv_mq_$half" "$NAME" </dev/null
    [ "$output" = "sysv_mq_$half: $NAME: another $half is at work" ]
  done
  echo line >idle
  end_idle
  finish producer 0 'sent 12 bytes in 2 messages'
  finish consumer 0 'received 12 bytes in 2 messages'
}
@test "a sysv_mq producer killed before its first message is noticed" {
  sysv_mq
  mkfifo idle
  exec {hold}<>idle
  start_consumer >out
  await consumer "$WAITING"
  start_producer <idle
  await_attached 0
  end producer KILL
  finish consumer 1 "$NAME: the producer has exited$"
  end_idle
}
@test "the halves of a sysv_mq may be in two PID namespaces" {
  sysv_mq
  local user=()
  [ $EUID = 0 ] || user=(--user --map-current-user)
  requires 'a PID namespace: make doctor' unshare "${user[@]}" --pid --fork true
  consumer=(unshare "${user[@]}" --pid --fork --kill-child "${consumer[@]}")
  [ $EUID = 0 ] || user=(--user --map-current-user)
  producer=(unshare "${user[@]}" --pid --fork --kill-child "${producer[@]}")
  head -c 100000 /dev/urandom >input
  transfer input consumer
  transfer input producer
  begin_idle consumer
  send KILL consumer # unshare, and with it the consumer
  finish producer 1 'the consumer has exited$'
  finish consumer 137
  end_idle
}
@test "a sysv_mq pair needs no descriptor but the standard ones" {
  sysv_mq
  consumer=(sh -c "ulimit -n 4; exec $(printf '%q ' "${consumer[@]}")")
  producer=(sh -c "ulimit -n 4; exec $(printf '%q ' "${producer[@]}")")
  head -c 100000 /dev/urandom >input
  transfer input consumer
  transfer input producer
}
@test "a waiting half of a sysv_mq ends when its queue or its set is removed" {
  sysv_mq
  local option half
  for option in -Q -S; do
    start_consumer >out
    await consumer "$WAITING"
    ipcrm $option "$NAME"
    finish consumer 1 "sysv_mq_consumer: $NAME: the queue has been removed$"
    full_alone
    ipcrm $option "$NAME"
    finish producer 1 "sysv_mq_producer: $NAME: the queue has been removed$"
    objects | diff .before -
  done
}
@test "after ipcrm has removed a finished sysv_mq transfer, the next pair works" {
  sysv_mq
  for first in producer consumer; do
    for option in -Q -S; do
      try sysv_mq_producer "$NAME" <<<lost
      ipcrm $option "$NAME"
      [ $option = -Q ] || ipcrm -Q "$NAME"
      printf next >next
      transfer next $first
    done
  done
}
@test "a queue or a set of another program is refused, with the remedy" {
  local id half kind n
  printf next >next
  for kind in queue set 'set 7'; do # the pair's own set has 7, too
    read -r kind n <<<"$kind 3"
    if [ "$kind" = queue ]; then
      id=$(ipcmk -Q -p 0600)
      pair sysv_mq "$(sysv_key msg "${id##* }")"
    else
      id=$(ipcmk -S "${n%% *}" -p 0600)
      pair sysv_mq "$(sysv_key sem "${id##* }")"
    fi
    objects >theirs
    for half in producer consumer; do
      run --separate-stderr -1 try "sysv_mq_$half" "$NAME" <next
      [[ $stderr =~ ": $NAME: a $kind of another program: ipcrm -"[QS]" $NAME removes it"$ ]]
      objects | diff theirs -
    done
    # shellcheck disable=SC2046 # the words of the remedy
    eval $(sed -E 's/.*: (.*) removes it/\1/' <<<"$stderr")
    transfer next producer
  done
  # Nor is one that others have access to
  id=$(ipcmk -Q -p 0622)
  NAME=$(sysv_key msg "${id##* }")
  run -1 try sysv_mq_producer "$NAME" <next
  [[ $output == *': a queue of another user, or open to others: '* ]]
  ipcrm -Q "$NAME"
  id=$(ipcmk -S 7 -p 0622)
  NAME=$(sysv_key sem "${id##* }")
  run -1 try sysv_mq_producer "$NAME" <next
  [[ $output == *': a set of another user, or open to others: '* ]]
  ipcrm -S "$NAME"
}
@test "a set or queue that another user has given away is refused" {
  requires 'root, to be another user' test "$(id -u)" = 0
  cat >give.c <<'END'
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
int main(int argc, char *argv[])
{
	key_t key = (key_t)strtoul(argv[1], NULL, 0);
	struct msqid_ds q;
	struct semid_ds s;
	int id = argc == 3 ? msgget(key, IPC_CREAT | 0600)
			   : semget(key, 7, IPC_CREAT | 0600);
	if (argc == 3) {
		msgctl(id, IPC_STAT, &q);
		q.msg_perm.uid = 0;
		return msgctl(id, IPC_SET, &q);
	}
	semctl(id, 0, IPC_STAT, &s);
	s.sem_perm.uid = 0;
	return semctl(id, 0, IPC_SET, &s);
}
END
  requires 'cc' cc give.c -o give
  sysv_mq
  for kind in '-Q queue' '-S'; do
    # shellcheck disable=SC2086 # two words, or one
    try setpriv --reuid=65534 --clear-groups ./give "$NAME" ${kind#-?}
    for half in producer consumer; do
      run -1 try "sysv_mq_$half" "$NAME" <<<text
      [[ $output == *' of another user, or open to others: choose another key' ]]
    done
    ipcrm "${kind% *}" "$NAME"
  done
}
@test "where a limit forbids a sysv_mq, the remedy is what it takes" {
  local limit call
  limited true # not under run, which would not hand on that it skips
  printf text >input
  while read -r call limit value; do
    for half in producer consumer; do
      [[ $call != msgsnd || $half = producer ]] || continue
      run -0 limited "echo $value >/proc/sys/kernel/$limit
        sysv_mq_$half 1 <input 2>refused || echo status \$?
        sed -n 's/.*: as root: //p' refused | sh
        sysv_mq_producer 1 <input
        sysv_mq_consumer 1 >out"
      [[ $output == 'status 77'* && $(<refused) =~ ^"sysv_mq_$half: $call 0x00000001: "[^:]+": kernel.$limit is ${value// /$'\t'}: as root: echo " ]] ||
        fail "$output" "$(<refused)"
      cmp input out
    done
  done <<'END'
semget sem 250 32000 100 0
semget sem 250 6 100 128
semget sem 6 32000 100 128
semop sem 250 32000 3 128
msgget msgmni 0
msgsnd msgmax 0
msgsnd msgmnb 0
END
}
# bats test_tags=uncounted
@test "where no thread may be started, a sysv_mq half says which limit it is" {
  requires 'root, to be another user' test "$(id -u)" = 0
  sysv_mq
  for half in producer consumer; do
    run --separate-stderr -77 try setpriv --reuid=65534 --clear-groups \
      bash -c "ulimit -S -u 1; exec $(command -v sysv_mq_$half) $NAME"
    [[ $stderr == "sysv_mq_$half: pthread_create $NAME: "*": ulimit -u is 1: ulimit -u 4096" ]] ||
      fail "$stderr"
    printf text >input # the remedy, in that situation
    pair sysv_mq "$NAME"
    local as_other="ulimit -S -u 1; ${stderr##*: }; exec"
    producer=(setpriv --reuid=65534 --clear-groups bash -c
      "$as_other $(command -v sysv_mq_producer) $NAME")
    consumer=(setpriv --reuid=65534 --clear-groups bash -c
      "$as_other $(command -v sysv_mq_consumer) $NAME")
    transfer input $half
  done
}
# bats test_tags=slow
@test "where a sandbox refuses System V calls, a sysv_mq half exits with 77" {
  needs_strace
  sysv_mq
  local call error # semctl works again when the set has to be removed
  for call in semget semctl:when=1 'sem(op|timedop.*)' msgget; do
    for error in ENOSYS EPERM; do
      run try strace -qq -o trace \
        -e "inject=/^${call%:*}\$:error=$error${call#"${call%:*}"}" \
        sysv_mq_consumer "$NAME" </dev/null
      [[ $status = 77 && $output == *'a sandbox refuses it' ]] ||
        fail "$call $error: $status" "$output"
      objects | diff .before -
    done
  done
}
@test "a signal that is ignored does not end a sysv_mq half" {
  sysv_mq
  consumer=(sh -c "trap '' HUP INT; exec $(printf '%q ' "${consumer[@]}")")
  start_consumer >out
  await consumer "$WAITING"
  send HUP consumer
  send INT consumer
  start_producer <<<text
  finish producer
  finish consumer
  [ "$(cat out)" = text ]
}
@test "a signal after everything is sent undoes nothing: the producer exits with 0" {
  needs_strace
  ends_well() { # CALL, which completes the transfer
    run -0 try strace -qq -o trace -e "inject=/^($1)\$:signal=INT:when=$2" \
      "${producer[@]}" <<<text
    grep -q SIGINT trace
    [ "$(try "${consumer[@]}")" = text ]
  }
  sysv_mq
  ends_well 'sem(op|timedop.*)' 2 # the first one attaches
  posix_mq
  holds_two
  ends_well fchmod 1
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
    [ "$PAIR" = sysv_mq ] || holds_two
    printf theirs >input
    try "${other[@]}" "$(command -v ${pair}_producer)" "$NAME" <input
    for half in producer consumer; do
      run -1 try "${pair}_$half" "$NAME" <<<text
      [[ $output =~ "of uid 65534"|"a set of another user"|"Permission denied" ]] ||
        fail "$output"
    done
    try "${other[@]}" "$(command -v ${pair}_consumer)" "$NAME" >out
    cmp input out
  done
}

# posix_mq
# mqueue_folder: sets mqueue, where ls and rm see the queues
mqueue_folder() {
  [ "$ISOLATION" = none ] || mqueue=/dev/shm/.mqueue
  requires '/dev/mqueue: mount -t mqueue mqueue /dev/mqueue' \
    test -w "${mqueue:=/dev/mqueue}"
}
# locks QUEUE [COMMAND...]: a process, run by COMMAND, holds the lock JOINING
locks() {
  requires 'perl' perl -e 1
  start locker "${@:2}" perl -e 'use Fcntl; open(Q, "+<", $ARGV[0]) or die;
    my $byte = pack("s s x![l!] l! l! l!", F_WRLCK, 0, 2, 1, 0);
    fcntl(Q, F_SETLK, $byte) or die;
    print STDERR "locked\n"; sleep' "$1"
  await locker locked
}
@test "posix_mq: a half that waits for a lock ends at the second signal" {
  posix_mq
  mqueue_folder
  start_consumer >out
  await consumer "$WAITING"
  locks "$mqueue$NAME"
  start_producer </dev/null
  asleep producer
  while send TERM producer 2>/dev/null; do :; done
  finish producer 143
  end locker KILL
  end consumer TERM
}
# bats test_tags=uncounted
@test "posix_mq: another user's queue is refused, although its lock is taken" {
  requires 'root, to be another user' test "$(id -u)" = 0
  posix_mq
  holds_two
  mqueue_folder
  other=(setpriv --reuid=65534 --clear-groups --)
  try "${other[@]}" "$(command -v posix_mq_producer)" "$NAME" <<<theirs
  locks "$mqueue$NAME" "${other[@]}"
  for half in producer consumer; do
    run -1 try posix_mq_$half "$NAME" <<<text
    [[ $output == "posix_mq_$half: $NAME: a queue of uid 65534: "* ]]
    run -1 try setpriv --reuid=65533 --clear-groups posix_mq_$half "$NAME"
    [[ $output == *": $NAME: not a queue of this user: Permission denied" ]]
  done
  end locker KILL
  rm "$mqueue$NAME"
}
# bats test_tags=slow
@test "posix_mq: a half that starts while another exits gets a queue of its own" {
  needs_strace
  posix_mq
  holds_two
  start consumer strace -qq -o trace -e inject=mq_unlink:delay_enter=500000 \
    posix_mq_consumer "$NAME" >out
  await consumer "$WAITING"
  kill -s TERM "$(pgrep -P "$(program consumer)")"
  start_producer <<<text
  finish producer
  finish consumer 143
  start_consumer >out
  finish consumer
  [ "$(cat out)" = text ]
}
@test "posix_mq: a half that waits alone notices that its queue is removed" {
  posix_mq
  mqueue_folder
  mkfifo idle
  exec {hold}<>idle
  for half in consumer producer; do
    for input in idle /dev/zero; do
      "start_$half" <$input >out
      [ "$half $input" = 'producer idle' ] || await $half "$WAITING"
      asleep $half
      rm "$mqueue$NAME"
      finish $half 1 "^([^ ]*: waiting on [^ ]*
)?posix_mq_$half: $NAME: .*the queue has been removed$"
    done
  done
  end_idle
}
@test "posix_mq: a slow consumer gets the transfer of its producer, not the next" {
  posix_mq
  holds_two
  start_consumer >out
  await consumer "$WAITING"
  send STOP consumer
  for word in one two; do
    start_producer <<<$word
    finish producer
  done
  send CONT consumer
  finish consumer
  [ "$(cat out)" = one ]
  start_consumer >out
  finish consumer
  [ "$(cat out)" = two ]
}
@test "posix_mq: a queue of another program is refused and not touched" {
  posix_mq
  holds_two
  plain_producer=$BUILD/03-msgqueues/posix_mq_producer
  plain_consumer=$BUILD/03-msgqueues/posix_mq_consumer
  try "$plain_producer" "$NAME" <<<theirs
  for half in producer consumer; do
    run -1 try posix_mq_$half "$NAME" <<<text
    [ "$output" = "posix_mq_$half: $NAME: a queue of another program: \
rm /dev/mqueue$NAME removes it" ]
  done
  try "$plain_consumer" "$NAME" >out
  [ "$(cat out)" = theirs ]
  # Nor is an empty one joined
  start other "$plain_consumer" "$NAME" >out
  asleep other
  run -1 try posix_mq_producer "$NAME" <<<text
  [[ $output == *": a queue of another program: "* ]]
  try "$plain_producer" "$NAME" <<<theirs
  finish other
}

# remedied SCRIPT [COMMAND...]: bash, run by COMMAND, brings a limit about with
# SCRIPT. A consumer ends with 77 then; a transfer works when its remedy has run
remedied() {
  try "${@:2}" bash -ec "$1"'
    said=$(posix_mq_consumer /limit 2>&1) || status=$?
    printf "%s\n" "$said"
    [ "$status" = 77 ]
    eval "${said##*: }"
    echo text | posix_mq_producer /limit 2>&1
    [ "$(posix_mq_consumer /limit)" = text ]'
}
# bats test_tags=uncounted
@test "posix_mq: a ulimit ends it with 77, the limit and a remedy; no transfer is lost" {
  holds_two
  remedied 'ulimit -S -q 1000' >said 2>&1
  grep -qE "^posix_mq_consumer: mq_open /limit: $EMFILE: ulimit -q is 1000: \
ulimit -q [0-9u]" said
  # Only root exceeds the hard limit, and not in every container
  run -77 try bash -c 'ulimit -q 1000; posix_mq_consumer /limit'
  [[ $output == *': ulimit -q is 1000: as root: ulimit -q '* ]]
  posix_mq
  try posix_mq_producer "$NAME" <<<kept
  run -77 try bash -c 'ulimit -S -n 4; exec posix_mq_consumer "$1"' bash "$NAME"
  [[ $output =~ inotify_init1\ $NAME:\ $EMFILE:\ ulimit\ -n\ is\ 4:\ ulimit\ -n\ [0-9]+$ ]]
  try bash -c "ulimit -S -n 4; ${output##*: }"'; exec posix_mq_consumer "$1"' \
    bash "$NAME" >out
  [ "$(cat out)" = kept ]
}
# bats test_tags=uncounted
@test "posix_mq: a ulimit -v or -d too small is named, and no transfer is lost" {
  holds_two
  posix_mq
  lacks_memory as v 400
  lacks_memory data d 4
}
# lacks_memory LIMIT OPTION KIB: from KIB on up to the first that is enough; LIMIT
# is that of prlimit(1), OPTION of ulimit
lacks_memory() {
  local kib=$3 found=no status
  try posix_mq_producer "$NAME" <<<kept
  while [ "$kib" -lt 9000 ]; do # with very little, the C library does not start
    status=0
    try prlimit "--$1=$((kib * 1024))": "$(command -v posix_mq_consumer)" "$NAME" \
      >out 2>said || status=$?
    case $status in
    0) break ;;
    1 | 124) fail "$kib KiB: status $status: $(cat said)" ;;
    77)
      found=yes
      [[ $(cat said) == *": ulimit -$2 is $kib: ulimit -$2 unlimited" ]]
      ;;
    esac
    kib=$((kib + 12))
  done
  [ "$(cat out) $found" = 'kept yes' ]
}
# in_namespaces OPTION...: sets inside, which runs a command as their root
in_namespaces() {
  inside=(unshare --user --map-root-user "$@")
  requires 'user namespaces: make doctor' "${inside[@]}" true
}
@test "posix_mq: a limit of the machine ends it with 77, its value and a remedy" {
  in_namespaces --ipc
  requires 'a writable /proc/sys: make doctor' "${inside[@]}" \
    sh -c 'echo 0 >/proc/sys/fs/mqueue/queues_max'
  remedied 'echo 0 >/proc/sys/fs/mqueue/queues_max' "${inside[@]}" >said 2>&1
  grep -q ': mq_open /limit: No space left on device: fs.mqueue.queues_max is 0: ' said
  remedied 'echo 0 >/proc/sys/user/max_inotify_instances' "${inside[@]}" >said 2>&1
  grep -qE ": inotify_init1 /limit: $EMFILE: user.max_inotify_instances is 0: " said
  remedied 'echo 0 >/proc/sys/user/max_inotify_watches' "${inside[@]}" >said 2>&1
  grep -q ': No space left on device: user.max_inotify_watches is 0: ' said
}
@test "posix_mq: without /proc it ends with 77 and a remedy" {
  in_namespaces --ipc --mount --pid --fork
  requires 'the right to mount /proc' "${inside[@]}" sh -c 'mount -t proc proc /proc'
  remedied 'mount -t tmpfs none /proc' "${inside[@]}" >said 2>&1
  grep -q ': inotify_add_watch /limit: No such file or directory: no /proc: ' said
}
# bats test_tags=slow
@test "posix_mq: a sandbox that refuses a call ends it with 77" {
  needs_strace
  posix_mq
  for error in ENOSYS EPERM; do
    for call in mq_open inotify_init1 inotify_add_watch fcntl mq_receive; do
      case $call in
      fcntl) inject=fcntl,fcntl64:error=$error:when=4+ ;; # 3: is it open?
      mq_receive) inject="/^mq_timedreceive:error=$error" ;;
      *) inject=$call:error=$error ;;
      esac
      run -77 try strace -qq -o trace -e "inject=$inject" \
        posix_mq_consumer "$NAME"
      [[ $output == *"posix_mq_consumer: $call $NAME: "*'a sandbox refuses it' ]] ||
        fail "$output"
    done
  done
}
