# 04-semaphores-robust.bats - chapter 04, the robust pairs; see also robust.bats
load lib/helper
load lib/pairs

MAN='sem_overview(7), shm_overview(7), sysvipc(7), semop(2)'

# A name and a key that no other test takes
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))
posix_sem() { pair posix_sem "/test-$unique.sem"; }
sysv_sem() { pair sysv_sem "$(printf 0x73%06x $unique)"; }

# bats test_tags=memcheck
@test "posix_sem carries every input unchanged, consumer first" {
  posix_sem
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_sem carries every input unchanged, producer first" {
  posix_sem
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_sem carries every input unchanged, consumer first" {
  sysv_sem
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_sem carries every input unchanged, producer first" {
  sysv_sem
  carries_everything producer
}
@test "a second sysv_sem half is refused in mid-transfer, too" {
  sysv_sem
  begin_idle consumer
  for half in producer consumer; do
    run -1 try sysv_sem_$half "$NAME" </dev/null
    [ "$output" = "sysv_sem_$half: $NAME: another $half is at work" ]
  done
  end_idle
  finish producer
  finish consumer
}
@test "posix_sem has no name in mid-transfer: a second transfer can use it" {
  posix_sem
  begin_idle consumer
  [ ! -e "/dev/shm$NAME" ]
  mv consumer.err first.err
  mkdir other
  (cd other && printf next >next && transfer next producer)
  end_idle
  finish producer 0 'sent 7 bytes'
  mv first.err consumer.err
  finish consumer 0 'received 7 bytes'
}
@test "ipcs shows how sysv_sem counts slots and processes" {
  sysv_sem
  # FREE FULL PRODUCER CONSUMER JOINING ARRIVED
  values() {
    semid=$(ipcs -s | awk -v key="$NAME" '$1 == key { print $2 }')
    ipcs -s -i "$semid" | awk '/^[0-5] /{ printf "%s ", $2 }'
  }
  start_consumer >out
  await consumer "$WAITING"
  [ "$(values)" = '8 0 0 1 0 0 ' ]
  [ "$(ipcs -s | awk -v key="$NAME" '$1 == key { print $4 }')" = 700 ]
  [ "$(ipcs -m | awk -v key="$NAME" '$1 == key { print $4 }')" = 700 ]
  send KILL consumer
  finish consumer 137
  [ "$(values)" = '8 0 0 0 0 0 ' ] # SEM_UNDO
  begin_idle consumer
  [ "$(values)" = '7 0 1 1 0 0 ' ] # the producer has taken its next slot
  run ! grep -q "$((NAME)) " /proc/sysvipc/shm # removed, and still in use
  end_idle
  finish producer
  finish consumer
}
@test "both sysv_sem halves exit if the set is removed in mid-transfer" {
  sysv_sem
  begin_idle consumer
  ipcrm -S "$NAME"
  finish producer 1 "^sysv_sem_producer: $NAME: the consumer has exited$"
  finish consumer 1 "sysv_sem_consumer: $NAME: the producer has exited$"
  end_idle
}
@test "an object of another program is refused: the message describes it and how to remove it" {
  refused() { # REGEX: by both halves
    for half in producer consumer; do
      run -1 try "${PAIR}_$half" "$NAME" </dev/null
      [[ $output =~ ^${PAIR}_$half:\ $NAME:\ $1$ ]] ||
        fail "expected: $1" "actual: $output"
    done
  }
  remedy() { # of the last line: a command, which "removes it"
    output=${output%' removes it'}
    sh -c "${output##*: }"
  }
  no_buffer='not a buffer of [0-9]+-bit halves: rm .*'
  posix_sem
  echo precious >"/dev/shm$NAME"
  chmod 600 "/dev/shm$NAME"
  refused "9 bytes of uid $EUID, mode 100600, $no_buffer"
  [ "$(cat "/dev/shm$NAME")" = precious ]
  remedy
  for mode in 600 644; do # shm_open(3) has made it, ftruncate(2) comes next
    install -m $mode /dev/null "/dev/shm$NAME"
    refused "0 bytes of uid $EUID, mode 100$mode, $no_buffer"
    remedy
  done
  mkfifo -m 600 "/dev/shm$NAME"
  refused "0 bytes of uid $EUID, mode 10600, $no_buffer"
  remedy
  ln -s /etc/passwd "/dev/shm$NAME"
  run -1 try posix_sem_producer "$NAME" </dev/null
  rm "/dev/shm$NAME"

  PAIR=sysv_sem
  key_of() { # SET-OR-SEGMENT: its key becomes NAME
    NAME=$(ipcs "$1" | awk -v id="${2##* }" '$2 == id { print $1 }')
  }
  requires 'sets of 7: as root: echo 32000 32000 500 500 >/proc/sys/kernel/sem' \
    awk '$1 < 7 { exit 1 }' /proc/sys/kernel/sem
  for n in 3 6 7; do
    key_of -s "$(ipcmk -S $n -p 600)"
    refused "a set of $n semaphores, not of this program: ipcrm -S $NAME removes it"
    remedy
  done
  key_of -s "$(ipcmk -S 6 -p 644)"
  refused "a set of uid $EUID, mode 644: choose another key"
  ipcrm -S "$NAME"
  for n in 1000 131108 1000000; do # the second is the buffer's
    key_of -m "$(ipcmk -M $n -p 600)"
    refused "a segment of $n bytes, not of this program: ipcrm -M $NAME removes it"
    remedy
    run ! grep -q " $((NAME)) " /proc/sysvipc/sem
  done
}
@test "a set that another user has created and given away is refused" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  sysv_sem
  cat >give.c <<'END'
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <sys/sem.h>
int main(int argc, char *argv[])
{
	struct semid_ds ds = { .sem_perm = { .uid = 0, .mode = 0600 } };
	int semid = semget(strtol(argv[1], NULL, 16), 6, 0600 | IPC_CREAT);
	return semctl(semid, 0, IPC_SET, &ds);
}
END
  ${CC:-cc} give.c -o give
  chmod 755 .
  setpriv --reuid 65534 --clear-groups "$PWD/give" "$NAME"
  run -1 try sysv_sem_producer "$NAME" <<<text
  [ "$output" = "sysv_sem_producer: $NAME: a set of uid 65534, mode 600: choose another key" ]
  ipcrm -S "$NAME"
}

# forbidden REGEX COMMAND...: after COMMAND, which sets a limit in namespaces of
# its own, both halves end with 77 and a line that REGEX matches to its end. After
# the remedy, which follows "as root: " or the last ": ", the pair works
forbidden() {
  local regex=$1 inside=(unshare --ipc --mount)
  shift
  [ $EUID = 0 ] || inside+=(--user --map-root-user)
  requires 'namespaces with limits of their own to set: make doctor' \
    "${inside[@]}" sh -c 'echo 0 >/proc/sys/kernel/shmmni &&
      mount -t tmpfs none /dev/shm'
  # shellcheck disable=SC2016 # the inner shell's
  run try "${inside[@]}" bash -c '
    both() {
      "$1"_producer "$2" <input 2>producer.err &
      "$1"_consumer "$2" 2>consumer.err >out
      consumer=$?
      wait $!
      echo "producer $? consumer $consumer"
    }
    echo text >input
    pair=$1 name=$2
    shift 2
    "$@" && both "$pair" "$name"
    find /dev/shm -type f 2>/dev/null
    ipcs -sm | grep "^0x"
    tail -n 1 producer.err >refused
    eval "$(sed -E "s/.*(as root|[0-9]): //" refused)"
    both "$pair" "$name"' bash "$PAIR" "$NAME" "$@"
  [[ $output == $'producer 77 consumer 77\nproducer 0 consumer 0' &&
    $(cat out) == text ]] || fail "$*: $output" "$(cat ./*.err)"
  [[ $(cat refused) =~ ^"${PAIR}_producer: "$regex ]] ||
    fail "expected: $regex" "actual: $(cat refused)"
}
set_sysctl() { echo "$2" >"/proc/sys/kernel/$1"; }
soft_limit() { ulimit -S "$@"; }
mount_shm() { mount -t tmpfs -o "$1" small /dev/shm; }
without_shm() { mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3; }
export -f set_sysctl soft_limit mount_shm without_shm

@test "sysv_sem: a limit of sysvipc(7) that is too small: exit 77 with its remedy" {
  sysv_sem
  sem=$'kernel.sem is [0-9\t]+: as root: echo .* >/proc/sys/kernel/sem$'
  forbidden "semget $NAME: .*: $sem" set_sysctl sem '4 32000 500 128'
  forbidden "semget $NAME: .*: $sem" set_sysctl sem '250 4 500 128'
  forbidden "semop $NAME: .*: $sem" set_sysctl sem '250 32000 1 128'
  forbidden "semop $NAME: .*: $sem" set_sysctl sem '250 32000 3 128'
  forbidden "semget $NAME: .*: $sem" set_sysctl sem '250 32000 500 0'
  forbidden "shmget $NAME: .*: kernel.shmmax is 4096: as root: " set_sysctl shmmax 4096
  forbidden "shmget $NAME: .*: kernel.shmmni is 0: as root: " set_sysctl shmmni 0
  forbidden "shmget $NAME: .*: kernel.shmall is 1: as root: " set_sysctl shmall 1
}
@test "both pairs: a ulimit that is too small: exit 77 with its remedy" {
  # A thread's stack is 8 MB with glibc, and too small to matter with musl
  if ! grep -q ld-musl "$(command -v sysv_sem_producer)"; then
    for pair in sysv_sem posix_sem; do
      $pair
      forbidden "pthread_create $NAME: .*: ulimit -v is 9000: ulimit -v" \
        soft_limit -v 9000
    done
  fi
  posix_sem
  forbidden "posix_fallocate $NAME: .*: ulimit -f is 64: ulimit -f" soft_limit -f 64
}
@test "posix_sem: without /dev/shm, or without room in it: exit 77 with the remedy" {
  # In a user namespace mknod fails, and a remount, of which uid= is an option
  requires 'root, whose remedies they are' [ "$(id -u)" = 0 ]
  posix_sem
  forbidden "posix_fallocate $NAME: .*: /dev/shm is full: as root: " mount_shm size=64k
  forbidden "shm_open $NAME: .*: /dev/shm is full: as root: " mount_shm nr_inodes=1
  forbidden "shm_open $NAME: .*: as root: " mount_shm ro
  forbidden "shm_open $NAME: .*: no /dev/shm: as root: mkdir " without_shm
}
# bats test_tags=uncounted
@test "a half that may not start a thread names ulimit -u" {
  requires 'root, to be a user without processes' [ "$(id -u)" = 0 ]
  chmod 777 .
  for pair in posix_sem sysv_sem; do
    $pair
    other=(setpriv --reuid 64123 --clear-groups)
    start consumer "${other[@]}" "$(command -v "$PAIR"_consumer)" "$NAME" >out
    await consumer "$WAITING"
    run -77 try "${other[@]}" prlimit --nproc=1: \
      "$(command -v "$PAIR"_producer)" "$NAME" <<<text
    [[ $output == "${PAIR}_producer: pthread_create $NAME: "*': ulimit -u is 1: ulimit -u 4096' ]]
    finish consumer 1 'the producer has exited'
  done
}

# What strace(1) brings about, between two calls of a half
traced() { # INJECT PROGRAM...
  trace=(strace -f -qq -o trace -e "inject=$1")
  needs_strace
}
# start_traced HALF INJECT: in the background
start_traced() {
  traced "$2"
  rm -f trace
  start "$1" "${trace[@]}" "${PAIR}_$1" "$NAME" <<<text
}
# await_stop HALF: until the program that strace runs has been stopped by a
# signal: not by strace itself, at a call
await_stop() {
  until grep -qs 'stopped by SIGSTOP' trace; do :; done
  stopped=$(pgrep -P "$(program "$1")" -x "${PAIR}_.*")
}
@test "a half that waits for one that was stopped while joining can be ended by a signal" {
  for mechanism in 'posix_sem fallocate' 'sysv_sem shmget'; do
    ${mechanism% *}
    start_traced consumer "${mechanism#* }:signal=STOP:when=1" >out
    await_stop consumer
    start_producer <<<text
    asleep producer
    end producer TERM # that it waits is no reason to block signals
    start_producer <<<text
    kill -CONT "$stopped"
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  done
}
@test "if the second half dies before it has woken the first, the next one takes its place" {
  for mechanism in 'posix_sem fallocate' 'sysv_sem shmget'; do
    ${mechanism% *}
    start_consumer >out
    await consumer "$WAITING"
    start_traced producer "${mechanism#* }:signal=KILL:when=1"
    finish producer 137
    start_producer <<<next
    finish producer
    finish consumer
    [ "$(cat out)" = next ]
  done
}
@test "sysv_sem: if the second half dies after it has woken the first, the first one exits" {
  sysv_sem
  start_consumer >out
  await consumer "$WAITING"
  start_traced producer "?semop,?semtimedop:signal=KILL:when=3"
  finish producer 137
  finish consumer 1 "$NAME: the producer has exited$"
}
@test "sysv_sem: a half that finds the peer of another pair about to exit reports it" {
  sysv_sem
  start_consumer >out
  await consumer "$WAITING"
  send STOP consumer
  start_traced producer "?semop,?semtimedop:signal=KILL:when=3"
  finish producer 137
  run -1 try sysv_sem_producer "$NAME" <<<text
  [ "$output" = "sysv_sem_producer: $NAME: the consumer is about to exit: start again" ]
  send CONT consumer
  finish consumer 1 'the producer has exited'
}
# bats test_tags=slow
@test "two loops under one name do not disturb each other, however slowly a half removes it" {
  requires 'two segments: as root: echo 4096 >/proc/sys/kernel/shmmni' \
    awk '$1 < 2 { exit 1 }' /proc/sys/kernel/shmmni
  for mechanism in 'posix_sem unlink,unlinkat' 'sysv_sem semctl,shmctl'; do
    ${mechanism% *}
    traced "?${mechanism#* }:delay_enter=20000"
    slow=("${trace[@]}")
    for slow_half in producer consumer none; do
      for half in producer consumer; do
        [ $half = $slow_half ] && command=("${slow[@]}") || command=()
        # shellcheck disable=SC2016 # the inner shell's
        start $half bash -c 'for i in {1..20}; do
          "$@" <<<"$i" || exit; done' bash "${command[@]}" "${PAIR}_$half" "$NAME" >$half.out
      done
      finish producer
      finish consumer
      seq 20 | cmp - consumer.out
    done
  done
}
@test "sysv_sem: a call that fails after the set or segment was created leaves nothing" {
  sysv_sem
  for call in semctl semop,semtimedop shmctl shmat; do # a C library's choice
    traced "?$call:error=EIO:when=1"
    run -1 try "${trace[@]}" sysv_sem_producer "$NAME" <<<text
    objects | diff .before -
  done
  posix_sem
  for call in fallocate mmap,mmap2; do
    traced "?${call/,/,?}:error=ENOMEM:when=1"
    # of mmap, only that of the object
    [ $call = fallocate ] || trace+=(-P "/dev/shm$NAME")
    run try "${trace[@]}" posix_sem_producer "$NAME" <<<text
    [ "$status" = 1 ] || fail "$call: $status $output"
    objects | diff .before -
  done
}
# bats test_tags=slow
@test "if the kernel or a sandbox refuses a call, both pairs exit with 77" {
  for error in ENOSYS EPERM; do
    sysv_sem
    for call in semget shmget semtimedop,semop; do
      traced "?$call:error=$error"
      run -77 try "${trace[@]}" sysv_sem_producer "$NAME" <<<text
      [[ $output == "sysv_sem_producer: ${call#*,} $NAME: "*'a sandbox refuses it' ]]
    done
    posix_sem
    traced "fallocate:error=$error"
    run -77 try "${trace[@]}" posix_sem_producer "$NAME" <<<text
    [[ $output == "posix_sem_producer: posix_fallocate $NAME: "*' refuses it' ]]
    objects | diff .before -
  done
}
@test "sysv_sem: a half exits if others remove its set while it waits" {
  sysv_sem
  for half in producer consumer; do
    start_$half </dev/null >out
    await $half "$WAITING"
    ipcrm -S "$NAME"
    finish $half 1 "sysv_sem_$half: $NAME: the set has been removed$"
    objects | diff .before -
  done
}
@test "posix_sem: a half that opened the object before its pair met starts another pair" {
  posix_sem
  start_consumer >out
  await consumer "$WAITING"
  start_traced producer fallocate:signal=STOP:when=1
  await_stop producer # it has JOINING
  start late posix_sem_producer "$NAME" <<<late
  asleep late
  kill -CONT "$stopped"
  finish producer
  finish consumer
  await late "$WAITING"
  start_consumer >out
  finish late
  finish consumer
  [ "$(cat out)" = late ]
}
