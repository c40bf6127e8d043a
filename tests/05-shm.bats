# 05-shm.bats - chapter 05, the plain pairs
load lib/helper
load lib/pairs
load lib/lessons

MAN='shm_overview(7), sem_overview(7), sysvipc(7), ipcs(1)'

# A name and a key that no other test takes, without namespaces neither
unique=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${unique% *} % 0xfffff0))
name=test-$unique key=$(printf 0x6d%06x $unique)

# A test is about one of these or, with for_each_memory, about both in turn
posix_shm() { pair posix_shm "/$name"; }
sysv_shm() { pair sysv_shm "$key"; }
for_each_memory() {
  posix_shm
  "$@"
  sysv_shm
  "$@"
}

# is_left: the memory is there, and a user sees it with ls or ipcs
is_left() {
  case $PAIR in
  posix_shm) ls "/dev/shm/$name" ;;
  sysv_shm) ipcs -m | grep -q "^$key " ;;
  esac
}

# remove: memory and semaphores, with the command that the README gives
remove() {
  case $PAIR in
  posix_shm) rm "/dev/shm/$name" /dev/shm/*"$name".* ;; # musl: without sem.
  sysv_shm) ipcrm -M "$key" -S "$key" ;;
  esac
}

# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, the consumer first" {
  posix_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "posix_shm carries every input unchanged, the producer first" {
  posix_shm
  carries_everything producer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, the consumer first" {
  sysv_shm
  carries_everything consumer
}
# bats test_tags=memcheck
@test "sysv_shm carries every input unchanged, the producer first" {
  sysv_shm
  carries_everything producer
}

one_slot_for_each_read() {
  begin_idle consumer
  printf 'no newline' >idle
  end_idle
  finish producer 0 "^${PAIR}_producer: slots filled: 3$"
  finish consumer 0 "^${PAIR}_consumer: slots emptied: 3$"
  [ "$(cat out)" = $'a line\nno newline' ]
  rm out
}
@test "each read(2) fills one slot, and the end takes one more" {
  for_each_memory one_slot_for_each_read
}

leaves_nothing() {
  start_producer <<<hello
  start_consumer >out
  finish producer
  finish consumer
  objects | diff .before -
}
@test "neither memory nor semaphores are left at the end" {
  for_each_memory leaves_nothing
}

# In a slot the data stands behind its length, of 4 bytes
@test "POSIX memory is a file: mode 600, and tail and head read it" {
  posix_shm
  start_producer <<<hello
  finish producer 0 'slots filled: 2$'
  [ "$(stat -c %a "/dev/shm/$name")" = 600 ]
  [ "$(tail -c +5 "/dev/shm/$name" | head -n 1)" = hello ]
  start_consumer >out
  finish consumer 0 'slots emptied: 2$'
  [ "$(cat out)" = hello ]
}
@test "ipcs shows System V memory and its set: mode 600, semaphores 2" {
  sysv_shm
  start_producer <<<hello
  asleep producer
  ipcs -m | grep -E "^$key .* 600 "
  ipcs -s | grep -E "^$key .* 600 +2 *$"
  start_consumer >out
  finish producer
  finish consumer
}

# The end takes one of the 64
@test "a POSIX producer of 63 slots exits before the consumer starts" {
  posix_shm
  head -c $((63 * 65536)) /dev/zero >fits
  start_producer <fits
  finish producer 0 'slots filled: 64$'
  start_consumer >out
  finish consumer
  cmp fits out

  head -c $((64 * 65536)) /dev/zero >longer
  start_producer <longer
  asleep producer
  start_consumer >out
  finish producer 0 'slots filled: 65$'
  finish consumer
  cmp longer out
}

consumer_is_killed() {
  mkfifo stuck
  exec {hold}<>stuck
  start_consumer >stuck
  start_producer </dev/zero
  head -c 1 <&$hold >byte
  send KILL consumer
  finish consumer 137
  asleep producer # and would be forever
  send INT producer
  finish producer 130
  exec {hold}>&-
  is_left
  remove
  rm stuck
}
@test "if the consumer is killed, the producer waits forever, and all objects stay" {
  for_each_memory consumer_is_killed
}

producer_is_killed() {
  begin_idle consumer
  send KILL producer
  finish producer 137
  asleep consumer # and would be forever
  send INT consumer
  finish consumer 130
  end_idle
  is_left
  remove
}
@test "if the producer is killed, the consumer waits forever, and all objects stay" {
  for_each_memory producer_is_killed
}

# The new consumer takes the old slot. Then it finds the one behind it: empty
@test "a POSIX consumer takes the slots of a killed producer for the next one's" {
  posix_shm
  mkfifo idle
  exec {hold}<>idle
  start_producer <idle
  echo old >idle
  until grep -qs old "/dev/shm/$name"; do :; done
  asleep producer
  send KILL producer
  finish producer 137
  start_consumer >out
  await_file out
  start_producer <<<new
  finish producer
  finish consumer
  [ "$(cat out)" = old ]
  exec {hold}>&-
  rm idle
}
# So a producer would fill slots that are still full
@test "after a killed System V consumer the next one counts 128 free slots" {
  sysv_shm
  for _ in once again; do
    start_consumer >out
    asleep consumer
    send KILL consumer
    finish consumer 137
  done
  set=$(ipcs -s | awk -v key="$key" '$1 == key { print $2 }')
  ipcs -s -i "$set" | grep -E '^0 +128 '
  remove
}

fails_on_full_output() {
  full_output consumer
  is_left
  remove
}
@test "a full standard output is an error, and all objects stay" {
  for_each_memory fails_on_full_output
}
@test "a wrong number of operands is an error" {
  for half in producer consumer; do
    misuse posix_shm_$half
    misuse posix_shm_$half "/$name" "/$name"
    misuse sysv_shm_$half
    misuse sysv_shm_$half "$key" "$key"
  done
}
@test "a key is a number other than 0, decimal or hexadecimal" {
  local half bad
  for half in producer consumer; do
    for bad in '' 0 -1 0x word 12x 0x100000001; do
      run --separate-stderr -2 try "sysv_shm_$half" "$bad" </dev/null
      [[ $stderr == "sysv_shm_$half: usage: sysv_shm_$half KEY "* ]]
    done
  done
  sysv_shm
  producer=(sysv_shm_producer $((key)))
  start_producer <<<hello
  start_consumer >out
  finish producer
  finish consumer
  [ "$(cat out)" = hello ]
}
@test "a name that is too long is an error, and nothing is created" {
  long=/$(printf %0256d 0)
  for half in producer consumer; do
    run -1 try "posix_shm_$half" "$long" </dev/null
    [[ $output == "posix_shm_$half: shm_open $long: "* ]]
  done
}
