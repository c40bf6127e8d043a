# 05-shm-robust.bats - chapter 05, the robust pairs; see also robust.bats
load lib/helper
load lib/pairs

MAN='shm_overview(7), futex(2), shmop(2), pthread_mutexattr_setrobust(3)'

# A name and a key that no other test takes
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))
posix_shm() { pair posix_shm "/test-$unique.shm"; }
sysv_shm() { pair sysv_shm "$(printf 0x6d%06x $unique)"; }

# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, consumer first" {
  posix_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, producer first" {
  posix_shm
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, consumer first" {
  sysv_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, producer first" {
  sysv_shm
  carries_everything producer
}
@test "neither has a name any more while data flows: two transfers fit" {
  for pair in posix_shm sysv_shm; do
    $pair
    begin_idle consumer
    [ ! -e "/dev/shm$NAME" ]
    run -1 grep "^$NAME " <(ipcs -m)
    mv consumer.err first.err
    mkdir other
    (cd other && printf next >next && transfer next producer)
    end_idle
    finish producer 0 'sent 7 bytes'
    mv first.err consumer.err
    finish consumer 0 'received 7 bytes'
    rm -r other out
  done
}
@test "what is neither ring nor segment of ours is refused and not touched" {
  posix_shm
  echo precious >"/dev/shm$NAME"
  run -1 try posix_shm_producer "$NAME" <<<text
  [ "$output" = "posix_shm_producer: $NAME: not a ring of ours" ]
  run -1 try posix_shm_consumer "$NAME"
  [ "$(cat "/dev/shm$NAME")" = precious ]
  ln -sf /etc/passwd "/dev/shm$NAME"
  run -1 try posix_shm_producer "$NAME" <<<text
  rm "/dev/shm$NAME"
  shmid=$(ipcmk -M 7 | awk '{ print $NF }')
  key=$(ipcs -m | awk -v id="$shmid" '/^0x/ && $2 == id { print $1 }')
  run -1 try sysv_shm_producer "$key" <<<text
  [[ $output == "sysv_shm_producer: $key: not a segment of "??"-bit halves" ]]
  run -1 try sysv_shm_consumer "$key"
  ipcrm -m "$shmid"
}
@test "memory whose maker was killed before it was ready is taken over" {
  posix_shm
  for first in consumer producer; do
    (umask 077 && : >"/dev/shm$NAME")
    printf next >next
    transfer next $first
  done
  sysv_shm
  start_consumer >out
  await consumer "$WAITING"
  bytes=$(ipcs -m | awk -v key="$NAME" '$1 == key { print $5 }')
  send TERM consumer
  finish consumer 143
  for first in consumer producer; do
    perl -e 'defined shmget($ARGV[0], $ARGV[1], 01600) or die' \
      $((NAME)) "$bytes" # 01000 is IPC_CREAT
    transfer next $first
  done
}
@test "posix_shm reserves its memory at the start, for this user alone" {
  posix_shm
  start_consumer >out
  await consumer "$WAITING"
  [ "$(stat -c %a "/dev/shm$NAME")" = 600 ]
  [ $(($(stat -c '%b * %B' "/dev/shm$NAME"))) -ge 1048576 ]
  send TERM consumer
  finish consumer 143
}
@test "sysv_shm is marked for removal as soon as both are attached" {
  sysv_shm
  start_consumer >out
  await consumer "$WAITING"
  # permissions and processes attached
  [ "$(ipcs -m | awk -v key="$NAME" '$1 == key { print $4, $6 }')" = '600 1' ]
  send TERM consumer
  finish consumer 143
  begin_idle consumer
  [ -z "$(ipcs -m | awk -v key="$NAME" '$1 == key')" ]
  [ "$(ipcs -m | awk -v user="$(id -un)" '$1 == "0x00000000" &&
    $3 == user && $6 == 2 && $7 == "dest"' | wc -l)" = 1 ]
  end_idle
  finish producer
  finish consumer
}
@test "a full /dev/shm is told at the start, not by SIGBUS in the middle" {
  requires 'root and namespaces, to mount a small /dev/shm: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  posix_shm
  mount -t tmpfs -o size=64k small /dev/shm
  run -1 try posix_shm_producer "$NAME" <<<text
  [ "$output" = \
    "posix_shm_producer: posix_fallocate $NAME: No space left on device" ]
  [ ! -e "/dev/shm$NAME" ]
  umount /dev/shm
}
