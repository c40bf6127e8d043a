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
  # EMPTY FULL PRODUCER CONSUMER SETUP
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
@test "an object that is no buffer is refused and not touched" {
  posix_sem
  echo precious >"/dev/shm$NAME"
  run -1 try posix_sem_producer "$NAME" <<<text
  [[ $output == "posix_sem_producer: $NAME: not a buffer of "??"-bit halves" ]]
  run -1 try posix_sem_consumer "$NAME"
  [ "$(cat "/dev/shm$NAME")" = precious ]
  ln -sf /etc/passwd "/dev/shm$NAME"
  run -1 try posix_sem_producer "$NAME" <<<text
  rm "/dev/shm$NAME"
  semid=$(ipcmk -S 7 | awk '{ print $NF }')
  key=$(ipcs -s | awk -v id="$semid" '/^0x/ && $2 == id { print $1 }')
  run -1 try sysv_sem_producer "$key" <<<text
  [ "$output" = "sysv_sem_producer: $key: not a set of ours" ]
  run -1 try sysv_sem_consumer "$key"
  ipcrm -s "$semid"
  shmid=$(ipcmk -M 1000000 | awk '{ print $NF }')
  key=$(ipcs -m | awk -v id="$shmid" '/^0x/ && $2 == id { print $1 }')
  run -1 try sysv_sem_producer "$key" <<<text
  [ "$output" = "sysv_sem_producer: $key: not a segment of ours" ]
  run ! grep -q " $((key)) " /proc/sysvipc/sem
  ipcrm -m "$shmid"
}
@test "a full /dev/shm is told at the start, not by SIGBUS in the middle" {
  requires 'root and namespaces, to mount a small /dev/shm: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  posix_sem
  mount -t tmpfs -o size=64k small /dev/shm
  run -1 try posix_sem_producer "$NAME" <<<text
  [ "$output" = \
    "posix_sem_producer: posix_fallocate $NAME: No space left on device" ]
  [ ! -e "/dev/shm$NAME" ]
  umount /dev/shm
}
