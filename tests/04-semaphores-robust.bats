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
@test "a second sysv_sem half is refused also in mid-transfer" {
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
@test "posix_sem has no name any more while data flows: two transfers fit" {
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
@test "sysv_sem counts slots and processes where ipcs shows them" {
  sysv_sem
  # FREE FULL PRODUCER CONSUMER JOINING
  values() {
    semid=$(ipcs -s | awk -v key="$NAME" '$1 == key { print $2 }')
    ipcs -s -i "$semid" | awk '/^[0-4] /{ printf "%s ", $2 }'
  }
  start_consumer >out
  await consumer "$WAITING"
  [ "$(values)" = '8 0 0 1 0 ' ]
  [ "$(ipcs -s | awk -v key="$NAME" '$1 == key { print $4 }')" = 600 ]
  [ "$(ipcs -m | awk -v key="$NAME" '$1 == key { print $4 }')" = 600 ]
  send KILL consumer
  finish consumer 137
  [ "$(values)" = '8 0 0 0 0 ' ] # SEM_UNDO
  begin_idle consumer
  [ "$(values)" = '7 0 1 1 0 ' ] # the producer has taken its next slot
  run ! grep -q "$((NAME)) " /proc/sysvipc/shm # removed, and still in use
  end_idle
  finish producer
  finish consumer
}
@test "a sysv_sem set taken away in mid-transfer ends both halves" {
  sysv_sem
  begin_idle consumer
  ipcrm -S "$NAME"
  finish producer 1 "^sysv_sem_producer: $NAME: the consumer has exited$"
  finish consumer 1 "sysv_sem_consumer: $NAME: the producer has exited$"
  end_idle
}
@test "an object of another program is refused, with what it is and how to remove it" {
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
  (umask 022 && : >"/dev/shm$NAME")
  refused "0 bytes of uid $EUID, mode 100644, $no_buffer"
  remedy
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
  for n in 3 7; do
    key_of -s "$(ipcmk -S $n -p 600)"
    refused "a set of $n semaphores, not of this program: ipcrm -S $NAME removes it"
    remedy
  done
  key_of -s "$(ipcmk -S 5 -p 644)"
  refused "a set of uid $EUID, mode 644: choose another key"
  ipcrm -S "$NAME"
  for n in 1000 1000000; do
    key_of -m "$(ipcmk -M $n -p 600)"
    refused "a segment of $n bytes, not of this program: ipcrm -M $NAME removes it"
    remedy
    run ! grep -q " $((NAME)) " /proc/sysvipc/sem
  done
}
@test "a set that another user made and gave away is refused" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  sysv_sem
  cat >give.c <<'END'
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <sys/sem.h>
int main(int argc, char *argv[])
{
	struct semid_ds ds = { .sem_perm = { .uid = 0, .mode = 0600 } };
	int semid = semget(strtol(argv[1], NULL, 16), 5, 0600 | IPC_CREAT);
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

@test "sysv_sem: each limit of sysvipc(7) that is too small ends with 77 and its remedy" {
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
@test "both pairs: a ulimit that is too small ends with 77 and its remedy" {
  sysv_sem
  forbidden "pthread_create $NAME: .*: ulimit -v is 9000: ulimit -v" soft_limit -v 9000
  posix_sem
  forbidden "pthread_create $NAME: .*: ulimit -v is 9000: ulimit -v" soft_limit -v 9000
  forbidden "posix_fallocate $NAME: .*: ulimit -f is 64: ulimit -f" soft_limit -f 64
}
@test "posix_sem: without /dev/shm, or without room in it, it ends with 77 and the remedy" {
  posix_sem
  forbidden "posix_fallocate $NAME: .*: /dev/shm is full: as root: " mount_shm size=64k
  forbidden "shm_open $NAME: .*: /dev/shm has no inode left: as root: " mount_shm nr_inodes=1
  forbidden "shm_open $NAME: .*: as root: " mount_shm ro
  if [ $EUID = 0 ]; then # mknod
    forbidden "shm_open $NAME: .*: no /dev/shm: as root: mkdir " without_shm
  fi
}
@test "a user who may start no thread is told of ulimit -u" {
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
