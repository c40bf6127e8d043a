# 05-shm.bats - chapter 05
load lib/helper
load lib/pairs

MAN='shm_overview(7), futex(2), shmop(2), pthread_mutexattr_setrobust(3)'

# pair PAIR: what a test is about, under a name that no other test takes
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))
pair() {
  PAIR=$1
  NAME=/test-$unique.shm
  [ "$1" = posix_shm ] || NAME=$(printf 0x6d%06x $unique)
}

refuses_another_user() {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  start consumer setpriv --reuid 65534 --clear-groups "${PAIR}_consumer" "$NAME"
  await consumer "$WAITING"
  refuses_others producer "$1 of ours"
  send TERM consumer
  finish consumer 143
}

# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, consumer first" {
  pair posix_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, producer first" {
  pair posix_shm
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, consumer first" {
  pair sysv_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, producer first" {
  pair sysv_shm
  carries_everything producer
}
@test "posix_shm uses the user's own name when none is given" {
  uses_default posix_shm "/linux-ipc-$(id -u).shm"
}
@test "sysv_shm uses the user's own key when none is given" {
  uses_default sysv_shm "$(printf 0x6d%06x "$(id -u)")"
}
@test "a half alone waits, and SIGTERM, SIGINT and SIGHUP clean up" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    for sig in TERM INT HUP; do
      gives_up_cleanly producer $sig
      gives_up_cleanly consumer $sig
    done
  done
}
@test "a half that is process 1, as in a container, ends at a signal" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    for sig in TERM INT HUP; do ends_as_process_1 $sig; done
  done
}
@test "memory whose waiting half was killed is taken over by either half" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    for half in producer consumer; do
      recovers $half producer
      recovers $half consumer
    done
  done
}
@test "a killed posix_shm half is noticed, whichever came first" {
  pair posix_shm
  notices_each_death
}
@test "a killed sysv_shm half is noticed, whichever came first" {
  pair sysv_shm
  notices_each_death
}
@test "a producer without input notices that its consumer has gone" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    notices_death_while_idle
  done
}
@test "a consumer whose output is stuck notices that its producer has gone" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    mkfifo stuck
    exec {hold}<>stuck
    start_consumer >stuck
    await consumer "$WAITING"
    start_producer </dev/zero
    head -c 1 <&$hold >/dev/null
    send KILL producer
    finish consumer 1 'the producer has gone'
    finish producer 137
    exec {hold}>&-
    rm stuck
  done
}
@test "both halves killed in mid-transfer leave nothing in the way" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    both_killed
  done
}
@test "both halves interrupted in mid-transfer leave nothing at all" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    for sig in TERM INT; do both_interrupted $sig; done
  done
}
@test "two halves started at once agree on who is first" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    starts_at_once
  done
}
@test "a second producer or consumer is refused and disturbs nobody" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    refuses_a_second producer
    refuses_a_second consumer
  done
}
@test "neither has a name any more while data flows: two transfers fit" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    begin_idle
    [ ! -e "/dev/shm$NAME" ]
    run -1 grep "^$NAME " <(ipcs -m)
    mv consumer.err first.err
    consumer=${pid[consumer]} producer=${pid[producer]} mine=$hold
    mkdir other
    (cd other && printf next >next && transfer next producer)
    pid[consumer]=$consumer pid[producer]=$producer hold=$mine
    end_idle
    finish producer 0 'sent 7 bytes'
    mv first.err consumer.err
    finish consumer 0 'received 7 bytes'
    rm -r other out
  done
}
@test "each line typed is a message of its own" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    keeps_messages_apart
    rm out
  done
}
@test "a half that was stopped goes on as if nothing had been" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    survives_a_stop
    rm out
  done
}
@test "the pairs fail when standard output is full" {
  for pair in posix_shm sysv_shm; do
    pair $pair
    for first in consumer producer; do
      fails_on_full_output $first
      finish producer 1 'the consumer has gone' || true
    done
  done
}
@test "posix_shm prints its usage when asked, and for a wrong operand" {
  pair posix_shm
  helps
  for bad in '' / name /a/b // -1 ..; do
    refuses "$bad"
  done
  refuses /a /b
}
@test "posix_shm tells the limit of a name" {
  pair posix_shm
  knows_limit "/$(printf %0254d 0)" '/NAME is longer than 255 bytes'
}
@test "with a standard descriptor closed no posix_shm half begins" {
  wants_descriptors posix_shm_{producer,consumer}
}
@test "sysv_shm prints its usage when asked, and for a wrong operand" {
  pair sysv_shm
  helps
  for bad in '' 0 -1 abc 1x 0x ' 1' 0x0 4294967296 0x100000000 \
    18446744073709551616; do
    refuses "$bad"
  done
  refuses 1 2
  NAME=$(printf %d "$NAME") # decimal is another spelling
  printf x >one
  transfer one consumer
}
@test "two transfers at once do not mix" {
  pair posix_shm
  two_at_once consumer "/test-$unique.two"
  rm -r other
  pair sysv_shm
  two_at_once consumer "$(printf 0x6d%06x $((unique + 1)))"
}
@test "what is neither ring nor segment of ours is refused and not touched" {
  pair posix_shm
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
  pair posix_shm
  for first in consumer producer; do
    (umask 077 && : >"/dev/shm$NAME")
    printf next >next
    transfer next $first
  done
  pair sysv_shm
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
  pair posix_shm
  start_consumer >out
  await consumer "$WAITING"
  [ "$(stat -c %a "/dev/shm$NAME")" = 600 ]
  [ $(($(stat -c '%b * %B' "/dev/shm$NAME"))) -ge 1048576 ]
  send TERM consumer
  finish consumer 143
}
@test "sysv_shm is marked for removal as soon as both are attached" {
  pair sysv_shm
  start_consumer >out
  await consumer "$WAITING"
  # permissions and processes attached
  [ "$(ipcs -m | awk -v key="$NAME" '$1 == key { print $4, $6 }')" = '600 1' ]
  send TERM consumer
  finish consumer 143
  begin_idle
  [ -z "$(ipcs -m | awk -v key="$NAME" '$1 == key')" ]
  [ "$(ipcs -m | awk -v user="$(id -un)" '$1 == "0x00000000" &&
    $3 == user && $6 == 2 && $7 == "dest"' | wc -l)" = 1 ]
  end_idle
  finish producer
  finish consumer
}
@test "another user's memory is refused" {
  pair posix_shm
  refuses_another_user ring
  pair sysv_shm
  refuses_another_user segment
}
@test "a full /dev/shm is told at the start, not by SIGBUS in the middle" {
  requires 'root and namespaces, to mount a small /dev/shm: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  pair posix_shm
  mount -t tmpfs -o size=64k small /dev/shm
  run -1 try posix_shm_producer "$NAME" <<<text
  [ "$output" = \
    "posix_shm_producer: posix_fallocate $NAME: No space left on device" ]
  [ ! -e "/dev/shm$NAME" ]
  umount /dev/shm
}
