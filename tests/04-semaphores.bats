# 04-semaphores.bats - chapter 04, the plain pairs: what they carry, and what
# they do not survive
load lib/helper
load lib/pairs
load lib/lessons

MAN='sem_overview(7), sysvipc(7), semop(2)'

sum=$(cksum <<<"$BATS_TEST_TMPDIR")
NAME=slots-${sum% *} # which no other test takes

# semid: the number of the set that belongs to the file, as ipcs(1) prints it.
# Its key is 's', a byte of the device and two of the inode: ftok(3)
semid() {
  local key
  key=$(printf '0x73%02x%04x' $(($(stat -c %d "$NAME") & 0xff)) \
    $(($(stat -c %i "$NAME") & 0xffff)))
  ipcs -s | awk -v key="$key" '$1 == key { print $2 }'
}

# counts: the free slots and the full ones, of sysv_sem
counts() {
  ipcs -s -i "$(semid)" | awk '/^[01] / { printf "%s ", $2 }'
}

# is_left: the file is there, and both semaphores
is_left() {
  [ -e "$NAME" ]
  case $PAIR in
  posix_sem) [ "$(echo /dev/shm/*"$NAME".f* | wc -w)" = 2 ] ;;
  sysv_sem) [ -n "$(semid)" ] ;;
  esac
}

# remove_by_hand: as the chapter's README does it
remove_by_hand() {
  case $PAIR in
  posix_sem) rm /dev/shm/*"$NAME".f* ;;
  sysv_sem) ipcrm -s "$(semid)" ;;
  esac
  rm "$NAME"
}

# give_up: end what still runs, and what it leaves
give_up() {
  local half
  for half; do
    send KILL "$half"
    finish "$half" 137
  done
  remove_by_hand
}

# bats test_tags=memcheck
@test "posix_sem carries every input, consumer first" {
  pair posix_sem "$NAME"
  carries_everything consumer
  [ ! -e "$NAME" ]
}

# bats test_tags=memcheck
@test "posix_sem carries every input, producer first" {
  pair posix_sem "$NAME"
  carries_everything producer
  [ ! -e "$NAME" ]
}

# bats test_tags=memcheck
@test "sysv_sem carries every input, consumer first" {
  pair sysv_sem "$NAME"
  carries_everything consumer
  [ ! -e "$NAME" ]
}

# bats test_tags=memcheck
@test "sysv_sem carries every input, producer first" {
  pair sysv_sem "$NAME"
  carries_everything producer
  [ ! -e "$NAME" ]
}

@test "at the end both halves report the number of slots, with the slot of the end" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    start_producer <<<text
    start_consumer >out
    finish producer 0 "^${PAIR}_producer: slots filled: 2$"
    finish consumer 0 "^${PAIR}_consumer: slots emptied: 2$"
  done
}

@test "each line typed is a slot of its own" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    begin_idle consumer
    echo b >idle
    end_idle
    finish producer 0 'slots filled: 3$'
    finish consumer 0 'slots emptied: 3$'
    [ "$(cat out)" = $'a line\nb' ]
    rm out
  done
}

@test "the posix_sem producer may exit before the consumer starts" {
  pair posix_sem "$NAME"
  start_producer <<<text
  finish producer
  start_consumer >out
  finish consumer
  [ "$(cat out)" = text ]
}

@test "od shows a slot: its length, and the data" {
  pair posix_sem "$NAME"
  start_producer <<<text
  finish producer
  [ "$(od -A n -t u4 -N 4 "$NAME" | tr -d ' ')" = 5 ]
  [ "$(od -A n -c -j 4 -N 4 "$NAME" | tr -d ' ')" = text ]
  remove_by_hand
}

@test "ipcs shows how many slots of sysv_sem are free and full" {
  pair sysv_sem "$NAME"
  head -c 1000000 /dev/zero >input
  start_producer <input
  asleep producer
  [ "$(counts)" = '0 0 ' ] # no consumer has added the free slots
  give_up producer
  start_consumer >out
  asleep consumer
  [ "$(counts)" = '8 0 ' ]
  give_up consumer
}

@test "no other user has access to the file and the semaphores" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    start_consumer >out
    asleep consumer
    [ "$(stat -c %a "$NAME")" = 600 ]
    case $PAIR in
    posix_sem) [ "$(stat -c %a /dev/shm/*"$NAME".f* | sort -u)" = 600 ] ;;
    sysv_sem) ipcs -s | grep -q " $(semid) .* 600 *2" ;;
    esac
    give_up consumer
  done
}

@test "a half without NAME, or with a second operand, prints its usage" {
  for mechanism in posix_sem sysv_sem; do
    for half in producer consumer; do
      misuse ${mechanism}_$half
      misuse ${mechanism}_$half "$NAME" "$NAME"
    done
  done
}

@test "a NAME that cannot be used is refused with the reason" {
  long=$(printf %0252d 0) # as a file name it fits, but not with .free
  for half in producer consumer; do
    run -1 try posix_sem_$half "$long" </dev/null
    [[ $output == "posix_sem_$half: sem_open /$long.free: "* ]]
    run -1 try posix_sem_$half . </dev/null
    [ "$output" = "posix_sem_$half: open .: Is a directory" ]
    run -1 try sysv_sem_$half "missing/$NAME" </dev/null
    [[ $output == *"open missing/$NAME: No such file or directory" ]]
  done
}

@test "a consumer whose standard output is full fails" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    full_output consumer
    is_left
    remove_by_hand
  done
}

@test "not survived: the consumer is killed, and the producer waits forever" {
  head -c 1000000 /dev/zero >input # more than the slots hold
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    start_consumer >out
    asleep consumer
    send KILL consumer
    finish consumer 137
    start_producer <input
    asleep producer
    is_left
    give_up producer
  done
}

@test "not survived: the producer is killed, and the consumer waits forever" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    begin_idle consumer
    send KILL producer
    finish producer 137
    asleep consumer
    is_left
    give_up consumer
    [ "$(cat out)" = 'a line' ]
    end_idle
    rm out
  done
}

@test "not survived: Ctrl-C leaves the file and the semaphores" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    begin_idle consumer
    send INT consumer
    finish consumer 130
    send INT producer
    finish producer 130
    is_left
    remove_by_hand
    end_idle
    rm out
  done
}

@test "not survived: a consumer that starts again reads the wrong slot" {
  for mechanism in posix_sem sysv_sem; do
    pair $mechanism "$NAME"
    begin_idle consumer
    send KILL consumer
    finish consumer 137
    start_consumer >again
    printf b >idle # into the second slot; it looks into the first
    await_file again
    [ "$(cat again)" = 'a line' ]
    give_up producer consumer
    end_idle
    rm out again
  done
}

@test "not survived by sysv_sem: a stop and a continue interrupt semop" {
  pair posix_sem "$NAME"
  begin_idle consumer
  send STOP consumer
  send CONT consumer
  printf b >idle
  end_idle
  finish producer
  finish consumer
  [ "$(cat out)" = $'a line\nb' ]
  rm out
  pair sysv_sem "$NAME"
  begin_idle consumer
  send STOP consumer
  send CONT consumer
  finish consumer 1 "semop $NAME, wait: Interrupted system call"
  end_idle
  finish producer # there are slots enough for the end
  remove_by_hand
}
