# 04-semaphores.bats - chapter 04
load lib/helper
load lib/pairs

MAN='sem_overview(7), shm_overview(7), sysvipc(7), semop(2)'

# pair PAIR: what a test is about, under a name that no other test takes
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))
pair() {
  PAIR=$1
  NAME=/test-$unique.sem
  [ "$1" = posix_sem ] || NAME=$(printf 0x73%06x $unique)
}

# Nobody can find the buffer any more
nameless() {
  case $PAIR in
  posix_sem) [ ! -e "/dev/shm$NAME" ] ;;
  *) ! grep -q "^ *$((NAME)) " /proc/sysvipc/sem /proc/sysvipc/shm ;;
  esac
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
@test "posix_sem carries every input unchanged, consumer first" {
  pair posix_sem
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_sem carries every input unchanged, producer first" {
  pair posix_sem
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_sem carries every input unchanged, consumer first" {
  pair sysv_sem
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_sem carries every input unchanged, producer first" {
  pair sysv_sem
  carries_everything producer
}
@test "posix_sem uses the user's own name when none is given" {
  uses_default posix_sem "/linux-ipc-$(id -u).sem"
}
@test "sysv_sem uses the user's own key when none is given" {
  uses_default sysv_sem "$(printf 0x73%06x "$(id -u)")"
}
@test "a half alone waits, and SIGTERM, SIGINT and SIGHUP clean up" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    for sig in TERM INT HUP; do
      gives_up_cleanly producer $sig
      gives_up_cleanly consumer $sig
    done
  done
}
@test "a half that is process 1, as in a container, ends at a signal" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    for sig in TERM INT HUP; do ends_as_process_1 $sig; done
  done
}
@test "a buffer whose waiting half was killed is taken over by either half" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    for half in producer consumer; do
      recovers $half producer
      recovers $half consumer
    done
  done
}
@test "a killed posix_sem half is noticed, whichever came first" {
  pair posix_sem
  notices_each_death
}
@test "a killed sysv_sem half is noticed, whichever came first" {
  pair sysv_sem
  notices_each_death
}
@test "a producer without input notices that its consumer has gone" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    notices_death_while_idle
  done
}
@test "a consumer whose output is stuck notices that its producer has gone" {
  for pair in posix_sem sysv_sem; do
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
  for pair in posix_sem sysv_sem; do
    pair $pair
    both_killed
  done
}
@test "both halves interrupted in mid-transfer leave nothing at all" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    for sig in TERM INT; do both_interrupted $sig; done
  done
}
@test "two halves started at once agree on who is first" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    starts_at_once
  done
}
@test "a second producer or consumer is refused and disturbs nobody" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    refuses_a_second producer
    refuses_a_second consumer
  done
}
@test "a second sysv_sem half is refused also in mid-transfer" {
  pair sysv_sem
  begin_idle
  for half in producer consumer; do
    run -1 try sysv_sem_$half "$NAME" </dev/null
    [ "$output" = "sysv_sem_$half: $NAME: another $half is at work" ]
  done
  end_idle
  finish producer
  finish consumer
}
@test "posix_sem has no name any more while data flows: two transfers fit" {
  pair posix_sem
  begin_idle
  nameless
  mv consumer.err first.err
  consumer=${pid[consumer]} producer=${pid[producer]} mine=$hold
  mkdir other
  (cd other && printf next >next && transfer next producer)
  pid[consumer]=$consumer pid[producer]=$producer hold=$mine
  end_idle
  finish producer 0 'sent 7 bytes'
  mv first.err consumer.err
  finish consumer 0 'received 7 bytes'
}
@test "sysv_sem counts slots and processes where ipcs shows them" {
  pair sysv_sem
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
  begin_idle
  [ "$(values)" = '7 0 1 1 0 ' ] # the producer has taken its next slot
  run ! grep -q "$((NAME)) " /proc/sysvipc/shm # removed, and still in use
  end_idle
  finish producer
  finish consumer
}
@test "a sysv_sem set taken away in mid-transfer ends both halves" {
  pair sysv_sem
  begin_idle
  ipcrm -S "$NAME"
  finish producer 1 "^sysv_sem_producer: $NAME: the consumer has gone$"
  finish consumer 1 "sysv_sem_consumer: $NAME: the producer has gone$"
  end_idle
}
@test "each line typed is a message of its own" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    keeps_messages_apart
    rm out
  done
}
@test "a half that was stopped goes on as if nothing had been" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    survives_a_stop
    rm out
  done
}
@test "the pairs fail when standard output is full" {
  for pair in posix_sem sysv_sem; do
    pair $pair
    for first in consumer producer; do
      fails_on_full_output $first
      finish producer 1 'the consumer has gone' || true
    done
  done
}
@test "posix_sem prints its usage when asked, and for a wrong operand" {
  pair posix_sem
  helps
  for bad in '' / name /a/b // -1 ..; do
    refuses "$bad"
  done
  refuses /a /b
}
@test "posix_sem tells the limit of a name" {
  pair posix_sem
  knows_limit "/$(printf %0254d 0)" '/NAME is longer than 255 bytes'
}
@test "with a standard descriptor closed no posix_sem half begins" {
  wants_descriptors posix_sem_{producer,consumer}
}
@test "sysv_sem prints its usage when asked, and for a wrong operand" {
  pair sysv_sem
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
@test "two buffers at once do not mix" {
  pair posix_sem
  two_at_once consumer "/test-$unique.two"
  rm -r other
  pair sysv_sem
  two_at_once consumer "$(printf 0x73%06x $((unique + 1)))"
}
@test "an object that is no buffer is refused and not touched" {
  pair posix_sem
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
@test "another user's buffer is refused" {
  pair posix_sem
  refuses_another_user buffer
  pair sysv_sem
  refuses_another_user set
}
@test "a full /dev/shm is told at the start, not by SIGBUS in the middle" {
  requires 'root and namespaces, to mount a small /dev/shm: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  pair posix_sem
  mount -t tmpfs -o size=64k small /dev/shm
  run -1 try posix_sem_producer "$NAME" <<<text
  [ "$output" = \
    "posix_sem_producer: posix_fallocate $NAME: No space left on device" ]
  [ ! -e "/dev/shm$NAME" ]
  umount /dev/shm
}
