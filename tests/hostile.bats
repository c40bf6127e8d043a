# hostile.bats - robust pairs under attack: by their own speed, by signals, by
# what a machine lacks, by other users, by other programs under the same name.
# One test a kind, for all pairs that it concerns; make check-05 runs it for
# those of chapter 05 only: CHAPTER=05. make storm does the same at random
load lib/helper
load lib/pairs

MAN='CONTRIBUTING.md'
STORES=(posix_mq sysv_mq posix_sem sysv_sem posix_shm sysv_shm)
LOCAL=(fifo "${STORES[@]}" unix_stream unix_seqpacket) # those that have a name
SIGNALS=(HUP INT QUIT PIPE ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF)

# each COMMAND PAIR...: COMMAND for each pair of CHAPTER. PAIR, NAME and the two
# commands are set, and PATH finds them
each() {
  local command=$1 tried=0 found
  shift
  programs=any/robust
  for PAIR; do
    found=("$BUILD/${CHAPTER:-0}"*/robust/"${PAIR}_producer")
    [ -x "${found[0]}" ] || continue
    PATH=${found[0]%/*}:$PATH
    tried=1
    use 1
    # shellcheck disable=SC2086 # one with an operand
    $command
  done </dev/null
  [ $tried = 1 ] || [ -z "${CHAPTER-}" ] || skip "not of chapter $CHAPTER"
  local chapters=("$ROOT"/0*)
  [ $tried = 1 ] || [ ${#chapters[@]} = 8 ] || skip 'their chapters are not here'
  [ $tried = 1 ] || fail 'no such pair'
}
# use NUMBER: from now on PAIR's name is one of its own for each NUMBER, which no
# other test takes
unique=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${unique% *} % 0xffff00))
use() {
  case $PAIR in
  posix_*) pair "$PAIR" "/hostile-$unique.$1" ;;
  sysv_*) pair "$PAIR" "$(printf 0x68%06x $((unique + $1)))" ;;
  tcp) pair tcp "127.0.0.1:$((20000 + (unique + $1) % 10000))" ;;
  ns) pair ns && consumer[1]=ADDRESS ;;
  signal) pair signal && producer[1]=ADDRESS ;;
  *) pair "$PAIR" "./name$1" ;;
  esac
}
others() { # the producer of these pairs needs a consumer that listens
  [[ $PAIR != unix_* && $PAIR != tcp ]]
}
halves() {
  echo consumer
  ! others || echo producer
}
command_of() { # HALF: to the array command
  command=("${consumer[@]}")
  [ "$1" = consumer ] || command=("${producer[@]}")
}
# runs NAME: has it not ended?
runs() { [ -d "/proc/${pid[$1]}" ]; }
# stop NAME [SIGNAL]: by SIGTERM, unless it has ended. It may have started just now
stop() {
  until [ -n "$(program "$1" 2>stop.err)" ] || ! runs "$1"; do :; done
  send "${2-TERM}" "$1" 2>stop.err || true
}
# to be another user
root() {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
}

# loops COUNT [COMMAND...]: in two loops COUNT transfers go through. A half that is
# refused, as its turn has not come yet, starts again. COMMAND: before the
# producers start
loops() {
  # shellcheck disable=SC2016 # the inner shell's
  local count='count=$1; shift; for ((n = 1; n <= count; n++)); do'
  start consumers bash -c "$count until \"\$@\"; do :; done; done" \
    bash "$1" "${consumer[@]}" >loops.out
  "${@:2}"
  start producers bash -c "$count until \"\$@\" <<<\$n; do :; done; done" \
    bash "$1" "${producer[@]}"
  finish producers
  finish consumers
  seq "$1" | diff - loops.out >loops.diff || fail "$PAIR: $(head loops.diff)"
}

@test "transfers follow each other in two loops under one name: none hangs or is lost" {
  in_loops() {
    loops "${ROUNDS:-25}"
    objects | diff .before -
  }
  each in_loops "${LOCAL[@]}" tcp
}
# bats test_tags=slow
@test "a half that is slow to remove the name does not disturb the next pair" {
  needs_strace
  is_slow() {
    local half command
    for half in consumer producer; do
      command_of $half
      command=(strace -f -qq -o trace -e
        'inject=/^(unlink(at)?|mq_unlink|(msg|sem|shm)ctl)$:delay_enter=60000'
        "${command[@]}")
      if [ $half = consumer ]; then
        start slow "${command[@]}" >slow.out
        await slow "$WAITING"
        start other "${producer[@]}" <<<first
      elif others; then
        start slow "${command[@]}" <<<first
        await slow "$STARTED|: sent "
        start other "${consumer[@]}" >slow.out
      else
        continue
      fi
      finish other
      loops 1 finish slow
      [ "$(cat slow.out)" = first ] || fail "$PAIR, $half: $(cat slow.out)"
      objects | diff .before -
    done
  }
  each is_slow "${LOCAL[@]}"
}
# has_room N: skip where fewer objects of a kind may exist at once
has_room() {
  local files=(/proc/sys/fs/mqueue/queues_max /proc/sys/kernel/{msgmni,shmmni,sem})
  requires "limits of $1 or more in ${files[*]}" \
    awk -v least="$1" '$NF < least { exit 1 }' "${files[@]}"
}
@test "a stopped consumer gets the first transfer, although a second producer starts" {
  has_room 3
  is_stopped() {
    local status=0
    start_consumer >out
    await consumer "$WAITING"
    send STOP consumer
    try "${producer[@]}" <<<one
    try "${producer[@]}" <<<two 2>second.err || status=$?
    send CONT consumer
    finish consumer
    [ "$(cat out)" = one ] || fail "$PAIR: expected: one" "actual: $(cat out)"
    # Refused, or the next
    [ $status = 1 ] || [ "$(try "${consumer[@]}")" = two ]
  }
  each is_stopped sysv_mq
  requires 'a queue for two messages: echo 10 >/proc/sys/fs/mqueue/msg_max' \
    awk '$1 < 2 { exit 1 }' /proc/sys/fs/mqueue/msg_max
  each is_stopped posix_mq
}
@test "two consumers that start together do not share a transfer" {
  has_room 2
  head -c 300000 /dev/urandom >input
  two_consumers() {
    local n half status got
    # shellcheck disable=SC2016 # the inner shell's
    for n in 1 2; do
      for half in a b; do
        start $half "${consumer[@]}" >$half.out
      done
      start producer bash -c 'until "$@" <input; do :; done' bash "${producer[@]}"
      until cmp -s input a.out || cmp -s input b.out; do
        runs a || runs b || break
      done
      got=''
      for half in a b; do
        # The one that has it ends alone, and so tells the producer
        cmp -s input $half.out || stop $half
        status=0
        wait "${pid[$half]}" || status=$?
        [[ $status = @(0|1|143) ]] || fail "$PAIR: status $status"
        if [ -s $half.out ]; then
          cmp input $half.out || fail "$PAIR: $half has a part"
          got+=$half
        fi
      done
      [ ${#got} = 1 ] || fail "$PAIR: expected: one has it" "actual: $got"
      finish producer
    done
  }
  each two_consumers "${LOCAL[@]}" tcp
}
@test "a waiting half that a signal ends leaves nothing behind" {
  has_room 16
  ends_by_each() {
    end_by consumer "${SIGNALS[@]:0:6}" # at once, and not too many: ulimit -q
    end_by consumer "${SIGNALS[@]:6}"
    ! others || end_by producer INT TERM QUIT PIPE USR1 XFSZ # the same handler
  }
  ignored() { # SIGNAL, by the half that has its name
    local mask
    mask=$(awk '/^SigIgn/ { print $2 }' "/proc/$(program "$1")/status" 2>awk.err)
    ((0x${mask:-0} >> ($(kill -l "$1") - 1) & 1))
  }
  end_by() { # HALF SIGNAL...
    local half=$1 sig command status want
    shift
    for sig; do
      use "$(kill -l "$sig")"
      command_of "$half"
      start "$sig" "${command[@]}" </dev/zero >out
    done
    while grep -L "$WAITING" "${@/%/.err}" | grep -q .; do :; done
    for sig; do
      send "$sig" "$sig"
    done
    for sig; do
      want=$((128 + $(kill -l "$sig"))) status=0
      if [[ $sig = @(PIPE|XFSZ) ]] && ignored "$sig"; then # an error tells it
        want=143
        send TERM "$sig"
      fi
      wait "${pid[$sig]}" || status=$?
      [ $status = $want ] || fail "$PAIR, $half, $sig: status $status"
    done
    objects | diff .before - || fail "$PAIR: $half"
  }
  each ends_by_each "${LOCAL[@]}"
}
@test "a signal that is ignored when a half starts stays ignored" {
  local list
  list=$(IFS=, && echo "${SIGNALS[*]}")
  ignores() {
    local sig
    consumer=(env --ignore-signal="$list" "${consumer[@]}")
    start_consumer >out
    await consumer "$WAITING"
    for sig in "${SIGNALS[@]}"; do
      send "$sig" consumer
    done
    start_producer <<<text
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  }
  each ignores "${LOCAL[@]}" tcp signal
}
@test "a consumer whose output reaches ulimit -f reports it, and leaves nothing behind" {
  grows_no_more() {
    local first=consumer
    [ "$PAIR" != ns ] || first=producer
    # shellcheck disable=SC2016 # the inner shell's
    consumer=(bash -c 'ulimit -f 4000 && exec "$@" >>full' bash "${consumer[@]}")
    start_both $first input out
    finish consumer 1 "^${PAIR}_consumer: .*write standard output: File too large$"
    wait "${pid[producer]}" || true
    [ "$(stat -c %s full)" = 4096000 ] || fail "$PAIR has written"
    objects | diff .before - || fail "$PAIR"
  }
  echo text >input
  truncate -s 4096000 full # more than there is in the memory of a pair
  each grows_no_more "${LOCAL[@]}" tcp signal ns
}
@test "a half that is process 1 is ended by a signal, and leaves nothing behind" {
  may_unshare --pid --fork
  ends_as_process_1() {
    local half command init
    for half in $(halves); do
      command_of "$half"
      start "$half" unshare "${may[@]}" "${command[@]}" </dev/zero >out
      await "$half" "$WAITING"
      init=$(program "$half")
      init=$(tr -d ' ' <"/proc/$init/task/$init/children")
      kill -s TERM "$init"
      kill -s TERM "$init" 2>kill.err || true
      finish "$half" 143
      objects | diff .before -
    done
  }
  each ends_as_process_1 "${LOCAL[@]}"
}
# may_unshare OPTION...: sets may to the options, and those that the user needs
may_unshare() {
  may=("$@")
  [ $EUID = 0 ] || may+=(--user --map-current-user --keep-caps)
  requires 'namespaces: make doctor' unshare "${may[@]}" true
}
@test "halves in two PID namespaces carry everything" {
  may_unshare --pid --fork
  head -c 300000 /dev/urandom >input
  apart() {
    consumer=(unshare "${may[@]}" "${consumer[@]}")
    transfer input consumer
    ! others || transfer input producer
  }
  each apart "${LOCAL[@]}" tcp
}
# bats test_tags=slow
@test "a half killed at any of its futex calls is noticed; the next pair works" {
  needs_strace
  head -c 300000 /dev/urandom >input
  at_each_futex() {
    local victim survivor n command
    for victim in producer consumer; do
      survivor=consumer
      [ $victim = producer ] || survivor=producer
      for n in 1 2 3; do
        command_of $victim
        start $victim strace -f -qq -o trace \
          -e "inject=futex:signal=KILL:when=$n" "${command[@]}" <input >out
        start_$survivor <input >out2
        wait "${pid[$victim]}" || true
        # Killed before the two met: the survivor waits for another peer
        command_of $victim
        while runs $survivor; do
          start another "${command[@]}" <input >out3
          while runs $survivor && runs another; do :; done
          runs $survivor || stop another
          wait "${pid[another]}" || true
        done
        wait "${pid[$survivor]}" && status=0 || status=$?
        [[ $status = @(0|1) ]] || fail "$PAIR, $victim, $n: $survivor $status"
      done
      transfer input consumer
    done
  }
  each at_each_futex posix_sem posix_shm sysv_shm
}
@test "on a machine that lacks something, a pair works or exits with 77 and a remedy" {
  local may=(--user --map-root-user --mount --ipc) lacks=(
    '*:ulimit -n 4' '*:ulimit -n 6' '*:ulimit -u 1'
    '*:mount -t tmpfs none /proc' 'posix_*:mount -t tmpfs none /dev'
    'sysv_*:cd /proc/sys/kernel && echo 0 >msgmni && echo 0 >shmmni &&
      echo 0 0 0 0 >sem'
    'sysv_*:cd /proc/sys/kernel && echo 1 >msgmnb && echo 1 >msgmax &&
      echo 1 >shmmax'
    'posix_mq:cd /proc/sys/fs/mqueue && echo 0 >queues_max'
    'posix_mq:cd /proc/sys/fs/mqueue && echo 1 >msg_max && echo 128 >msgsize_max'
    '*:echo 0 >/proc/sys/user/max_inotify_instances'
  )
  requires 'namespaces: make doctor' unshare "${may[@]}" true
  head -c 10000 /dev/urandom >input # of one byte a message, if need be
  each works_or_77 "${LOCAL[@]}" tcp signal
}
# works_or_77: in one namespace a consumer, and then a producer
works_or_77() {
  local lack half remedy='ulimit|echo|mount|sandbox'
  for lack in "${lacks[@]}"; do # PAIRS:SITUATION
    # shellcheck disable=SC2053 # a pattern
    [[ $PAIR == ${lack%%:*} ]] || continue
    lack=${lack#*:}
    rm -f ./*.err
    touch consumer.err producer.err
    # shellcheck disable=SC2016 # the inner shell's
    run try unshare "${may[@]}" bash -c '
      before=: lack=$1 producer=$2 count=$3
      case $lack in ulimit*) before=$lack ;; *) (eval "$lack") || exit 99 ;; esac
      shift 3
      consumer=$1 status=0
      sh -c "$before; exec \"\$@\"" sh "$@" <input >out 2>consumer.err &
      until [[ $(cat consumer.err) == *waiting\ on* ]]; do
        kill -0 $! || break
      done
      address=$(sed -n "s/.*waiting on //p" consumer.err)
      [ $count = 1 ] && operand= || operand=$2
      [ $producer != signal_producer ] || operand=$address
      if kill -0 $!; then # one that has ended has said why
        sh -c "$before; exec \"\$@\"" sh $producer $operand <input \
          2>producer.err || status=$?
        if [ $status != 0 ]; then # what is about to exit may do so
          while grep -qs "^State:.R" /proc/$!/status; do :; done
          kill $!
        fi
      fi
      wait $! && echo "0 $status" || echo "$? $status"' bash \
      "$lack" "${producer[0]}" $# "${consumer[@]}" 3>&-
    [ "$status" != 99 ] || continue # an older kernel lets nobody write there
    case ${output##*$'\n'} in
    '0 0') cmp input out && continue ;;
    *77*)
      grep -qE "^${PAIR}_(consumer|producer): .*: .*($remedy)" ./*.err && continue
      ;;
    esac
    fail "$PAIR: $lack: $output" "$(cat consumer.err producer.err)"
  done
}
@test "another user's object whose locks are held is refused at once" {
  root
  requires 'cc: ./setup.sh' command -v cc
  cat >holds.c <<'END'
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
	struct flock all = { .l_type = F_WRLCK };
	int fd = open(argv[1], O_RDWR | O_CREAT, 0666);
	if (fd == -1 || fcntl(fd, F_SETLK, &all) == -1)
		err(1, "%s", argv[argc - 1]);
	fprintf(stderr, "holds\n");
	return pause();
}
END
  cc -w holds.c -o holds
  chmod 755 . holds
  are_held() {
    local half
    file=/dev/shm$NAME
    [ "$PAIR" != posix_mq ] || file=/dev/shm/.mqueue$NAME
    requires 'namespaces: make doctor' [ -d "${file%/*}" ]
    start holder setpriv --reuid 65534 --clear-groups ./holds "$file"
    await holder holds
    for half in consumer producer; do
      run -1 try "${PAIR}_$half" "$NAME" <<<text
      [[ $output == "${PAIR}_$half: "* ]] || fail "$output"
    done
    end holder TERM
    rm "$file"
  }
  each are_held posix_mq posix_sem posix_shm
}
@test "a queue, set or segment that its creator gave to this user is refused" {
  root
  requires 'cc: ./setup.sh' command -v cc
  cat >gives.c <<'END'
#include <err.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(int argc, char *argv[])
{
	key_t key = strtoul(argv[2], NULL, 0);
	struct msqid_ds q = { .msg_qbytes = 16384 };
	struct shmid_ds m = { 0 };
	struct semid_ds s = { 0 };
	union { struct semid_ds *buf; } arg = { &s };
	q.msg_perm.mode = m.shm_perm.mode = s.sem_perm.mode = 0600;
	switch (argv[1][0]) {
	case 'q':
		return msgctl(msgget(key, IPC_CREAT | 0600), IPC_SET, &q);
	case 's':
		return semctl(semget(key, atoi(argv[3]), IPC_CREAT | 0600), 0,
			      IPC_SET, arg);
	default:
		return shmctl(shmget(key, atoi(argv[3]), IPC_CREAT | 0600),
			      IPC_SET, &m);
	}
}
END
  cc -w gives.c -o gives
  chmod 755 . gives
  is_given() { # of the size that the pair's own has
    local half kind line size
    start_consumer >out
    await consumer "$WAITING"
    while read -r kind size; do
      sizes+=("$kind $size")
    done < <(awk -v key=$((NAME)) 'FNR > 1 && $1 == key {
      sub(".*/", "", FILENAME); print FILENAME, $4 }' /proc/sysvipc/*)
    end consumer TERM
    for line in "${sizes[@]}"; do
      read -r kind size <<<"$line"
      local letter=${kind:0:1}
      [ "$kind" != msg ] || letter=q
      [ "$kind" != shm ] || letter=m
      setpriv --reuid 65534 --clear-groups ./gives "$letter" "$NAME" "$size"
      for half in consumer producer; do
        run -1 try "${PAIR}_$half" "$NAME" <<<text
        [[ $output == "${PAIR}_$half: $NAME: "* ]] || fail "$kind: $output"
      done
      ipcrm "-${letter^}" "$NAME"
    done
    sizes=()
  }
  sizes=()
  each is_given sysv_mq sysv_sem sysv_shm
}
@test "another program's object under the name is refused with a remedy, and stays" {
  stays() {
    local half before file=$NAME kind=${PAIR#sysv_} way=''
    case $PAIR in
    sysv_mq) kind=msg && ipcmk -Q >id ;;
    sysv_sem) ipcmk -S 5 >id ;;
    sysv_shm) ipcmk -M 12345 >id ;;
    posix_*) file=/dev/shm$NAME ;;
    esac
    if [[ $PAIR = sysv_* ]]; then
      way='ipcrm|another key' # ipcmk has chosen this one
      NAME=$(awk -v id="$(grep -oE '[0-9]+' id)" '$2 == id { print $1 }' \
        "/proc/sysvipc/$kind")
      NAME=$(printf '0x%08x' $((NAME & 0xffffffff)))
      [ "$kind" != msg ] || # with mail in it
        "$BUILD/03-msgqueues/sysv_mq_producer" "$NAME" <<<mail 2>mail.err
    else
      echo data >"$file"
    fi
    before=$(cat /proc/sysvipc/*)
    for half in consumer producer; do
      run -1 try "${PAIR}_$half" "$NAME" <<<text
      [[ $output =~ ^"${PAIR}_$half: ".*($way) ]] ||
        fail "expected: what it is, $way" "actual: $output"
    done
    if [[ $PAIR = sysv_* ]]; then
      [ "$(cat /proc/sysvipc/*)" = "$before" ] || fail "$PAIR: touched"
      ipcrm -Q "$NAME" -S "$NAME" -M "$NAME" 2>rm.err || true
    else
      [ "$(cat "$file")" = data ] && rm "$file"
    fi
  }
  each stays fifo sysv_mq posix_sem sysv_sem posix_shm sysv_shm unix_stream \
    unix_seqpacket
}
@test "a connection that sends nothing does not take the producer's place" {
  says_nothing() {
    local type=''
    start_consumer >out
    await consumer "$WAITING"
    if [ "$PAIR" = tcp ]; then
      try bash -c ": 3<>/dev/tcp/${NAME/://}"
    else
      [ "$PAIR" != unix_seqpacket ] || type=,type=5
      # To shut down and then close would be an empty transfer
      try socat -u /dev/null "UNIX-CONNECT:$NAME$type,shut-none"
    fi
    start_producer <<<text
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  }
  each says_nothing unix_stream unix_seqpacket tcp
}
@test "a waiting half exits when its object is removed; the next pair works at once" {
  printf text >input
  loses_its_object() {
    local half status command has_object
    for half in $(halves); do
      start_old "$half"
      [ "$has_object" = yes ] || continue
      remove_object
      start_consumer >out
      await consumer "$WAITING"
      start_producer <input
      finish producer
      finish consumer
      cmp input out
      stop old INT # unless it has noticed
      status=0
      wait "${pid[old]}" || status=$?
      [[ $status = 130 || $status = 1 && $(tail -n 1 old.err) == "${PAIR}_$half: "* ]] ||
        fail "$PAIR, $half: status $status" "$(cat old.err)"
      objects | diff .before - || fail "$PAIR, $half"
    done
  }
  each loses_its_object "${LOCAL[@]}"
}
# start_old HALF: as old, until it waits. Without an object it ends at once
start_old() {
  command_of "$1"
  start old "${command[@]}" </dev/zero >old.out
  await old "$WAITING"
  has_object=yes
  if objects | cmp -s .before -; then
    has_object=no
    end old TERM
  fi
}
remove_object() { # of a half that waits
  case $PAIR in
  posix_mq)
    requires 'namespaces: make doctor' [ -d /dev/shm/.mqueue ]
    rm "/dev/shm/.mqueue$NAME"
    ;;
  posix_*) rm "/dev/shm$NAME" ;;
  sysv_sem) ipcrm -S "$NAME" ;; # that is how it learns of it
  sysv_*) ipcrm -Q "$NAME" -S "$NAME" -M "$NAME" 2>rm.err || true ;;
  *) rm "$NAME" ;;
  esac
}
@test "a half that notices late that its object was removed does not touch the next pair's" {
  printf text >input
  is_late() {
    local half status command has_object
    for half in $(halves); do
      start_old "$half"
      [ "$has_object" = yes ] || continue
      send STOP old
      remove_object
      start "$half" "${command[@]}" <input >out
      await "$half" "$WAITING|: sent "
      send CONT old
      stop old # unless it has noticed
      status=0
      wait "${pid[old]}" || status=$?
      [[ $status = @(1|143) ]] || fail "$PAIR, $half: status $status"
      [ "$half" = consumer ] || start_consumer >out
      [ "$half" = producer ] || start_producer <input
      finish producer
      finish consumer
      cmp input out
    done
  }
  each is_late "${LOCAL[@]}"
}
@test "without pidfds a transfer works, or the halves exit with 77 and the reason" {
  needs_strace
  head -c 20000 /dev/urandom >input
  lacks_pidfds() {
    local without error first=consumer second=producer
    if [ "$PAIR" = ns ]; then # which makes a namespace, where that is allowed
      unshare --ipc true 2>/dev/null ||
        unshare --user --map-root-user --ipc true 2>/dev/null || return 0
      first=producer second=consumer
    fi
    for error in EPERM ENOSYS; do
      without=(strace -f -qq -o trace -e "inject=pidfd_open:error=$error")
      consumer=("${without[@]}" "${consumer[@]}")
      works_traced
      use 1
      producer=("${without[@]}" "${producer[@]}")
      works_traced
      use 1
    done
  }
  works_traced() {
    local one=0 two=0
    start_"$first" <input >out
    await "$first" "$WAITING|: "
    start_"$second" <input >out
    wait "${pid[$second]}" || two=$?
    # The peer of one that cannot go on may be waiting for it, or for another
    [ $two = 0 ] || stop "$first"
    wait "${pid[$first]}" || one=$?
    case "$one $two" in
    '0 0') cmp input out ;;
    *77*) grep -qE ': .*: .*sandbox' ./*.err || fail "$(cat ./*.err)" ;;
    *) fail "$PAIR, $error: $one $two" "$(cat ./*.err)" ;;
    esac
  }
  each lacks_pidfds sysv_mq ns signal
}
# bats test_tags=slow
@test "a storm of kills and starts finds nothing" {
  storms() { names+=${names:+'|'}$PAIR; }
  local names=''
  each storms pipe "${LOCAL[@]}" tcp signal ns
  run env BUILD="$BUILD" TIME=3 SEED=1 PAIR="@($names)" LIMIT=10 \
    "$ROOT/tests/tools/storm"
  [ "$status" = 0 ] || fail "$output"
}
