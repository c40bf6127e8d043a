# word-size.bats - pairs of which one half has 32 bits and the other 64, whatever
# this run's own programs have; and 32-bit programs where 32 bits are too few
# bats file_tags=slow
load lib/helper
load lib/pairs

MAN='gcc(1): -m32; feature_test_macros(7): _FILE_OFFSET_BITS'
FAR=$((2 ** 31 - 9)) # just below 2 GiB, in a file that is empty until there

# needs_32_bits: that this machine makes and runs such programs
needs_32_bits() {
  echo 'int main(void) { return 0; }' >empty.c
  requires 'no C library for 32 bits too: ./setup.sh dev' cc -m32 empty.c -o empty
  requires 'no 32-bit program runs here' ./empty
}
# build PROGRAM...: each with 32 bits and with 64, into the folders 32 and 64
build() {
  local bits program source
  needs_32_bits
  mkdir 32 64
  for bits in 32 64; do
    for program; do
      source=$(printf '%s\n' "$ROOT"/0*/{robust,tools}/*.c | grep "/$program.c$")
      cc -m$bits -pthread "$source" -o "$bits/$program" -lrt
    done
  done
}
build_pair() {
  PAIR=$1
  build "${PAIR}_producer" "${PAIR}_consumer"
}
# unique PREFIX: a key that no other test takes
unique() {
  local sum
  sum=$(cksum <<<"$BATS_TEST_TMPDIR")
  printf '%s%06x' "$1" $((${sum% *} % 0xfffff0))
}

# The halves have so many bits: producer and consumer. The producer goes where
# the consumer says that it waits
start_producer_of() {
  start producer "$1/${PAIR}_producer" \
    "$(sed -n 's/.*_consumer: waiting on //p' consumer.err)"
}
start_consumer_of() {
  start consumer "$1/${PAIR}_consumer" ${NAME:+"$NAME"}
  await consumer "$WAITING"
}
# Input and output are read and written beyond the first 2 GiB
begin_files() {
  head -c 5000 /dev/urandom >piece
  truncate -s $FAR in out
  cat piece >>in
  exec {input}<in
  dd bs=1 skip=$FAR count=0 status=none <&$input
}
end_files() {
  exec {input}<&-
  tail -c +$((FAR + 1)) out | cmp - piece
  rm in out
}
# carries PRODUCER CONSUMER: with halves of so many bits
carries() {
  begin_files
  start_consumer_of "$2" >>out
  start_producer_of "$1" <&$input
  finish producer 0 'sent 5000 bytes'
  finish consumer 0 'received 5000 bytes'
  end_files
}
carries_both_ways() {
  carries 32 64
  carries 64 32
}
# refuses_both_ways WHAT: the second half has other bits than the first, which
# still waits, and so one of its own kind is served
refuses_both_ways() {
  local other
  for bits in 32 64; do
    other=$((96 - bits))
    begin_files
    start_consumer_of $bits >>out
    run -1 try "$other/${PAIR}_producer" "$NAME" <piece
    [[ $output == "${PAIR}_producer: $NAME: "*" not a $1 of $other-bit halves: "* ]]
    start_producer_of $bits <&$input
    finish producer 0 'sent 5000 bytes'
    finish consumer 0 'received 5000 bytes'
    end_files
    start producer "$bits/${PAIR}_producer" "$NAME" </dev/null
    await producer "$WAITING"
    run -1 try "$other/${PAIR}_consumer" "$NAME"
    [[ $output == "${PAIR}_consumer: $NAME: "*" not a $1 of $other-bit halves: "* ]]
    send TERM producer
    finish producer 143
  done
}

@test "pipe: a half of 32 bits and one of 64 bits work together" {
  build_pair pipe
  for bits in 32 64; do
    begin_files
    start producer "$bits/pipe_producer" "$((96 - bits))/pipe_consumer" \
      <&$input >>out
    finish producer 0 'received 5000 bytes'
    end_files
  done
}
@test "fifo: a half of 32 bits and one of 64 bits work together" {
  build_pair fifo
  NAME=./fifo
  carries_both_ways
}
@test "posix_mq: a half of 32 bits and one of 64 bits work together" {
  build_pair posix_mq
  NAME=/$(unique queue)
  carries_both_ways
}
@test "sysv_mq: a half of 32 bits and one of 64 bits work together" {
  build_pair sysv_mq
  NAME=$(unique 0x71)
  carries_both_ways
}
@test "posix_sem: a half of 32 bits and one of 64 bits refuse each other" {
  build_pair posix_sem
  NAME=/$(unique sem)
  refuses_both_ways buffer
}
@test "sysv_sem: a half of 32 bits and one of 64 bits work together" {
  build_pair sysv_sem
  NAME=$(unique 0x73)
  carries_both_ways
}
@test "posix_shm: a half of 32 bits and one of 64 bits work together" {
  build_pair posix_shm
  NAME=/$(unique shm)
  carries_both_ways
}
@test "sysv_shm: a half of 32 bits and one of 64 bits refuse each other" {
  build_pair sysv_shm
  NAME=$(unique 0x6d)
  refuses_both_ways segment
}
@test "unix_stream: a half of 32 bits and one of 64 bits work together" {
  build_pair unix_stream
  NAME=./socket
  carries_both_ways
}
@test "unix_seqpacket: a half of 32 bits and one of 64 bits work together" {
  build_pair unix_seqpacket
  NAME=./socket
  carries_both_ways
}
@test "tcp: a half of 32 bits and one of 64 bits work together" {
  build_pair tcp
  NAME=127.0.0.1:0
  carries_both_ways
}
@test "signal: a half of 32 bits and one of 64 bits work together" {
  build_pair signal
  NAME=''
  carries_both_ways
}
@test "ns: a half of 32 bits and one of 64 bits work together" {
  requires 'IPC namespaces, or user namespaces to have them in: make doctor' \
    sh -c 'unshare --ipc true || unshare --user --map-root-user --ipc true'
  build_pair ns
  for bits in 32 64; do
    begin_files
    start producer $bits/ns_producer <&$input
    await producer "$WAITING"
    start consumer $((96 - bits))/ns_consumer "$(program producer)" >>out
    finish producer 0 'sent 5000 bytes'
    finish consumer 0 'received 5000 bytes'
    end_files
  done
}
@test "every pair is named here, as one that works so or refuses" {
  local file
  for file in "$ROOT"/0*/robust/*_producer.c; do
    file=${file##*/}
    grep -qx "  build_pair ${file%_producer.c}" "$BATS_TEST_FILENAME" || fail "$file"
  done
}
@test "a segment of more than 4 GiB has its size in 32 bits, too" {
  build objects ipc_sandbox
  run -0 ipcmk -M $((5 << 30))
  local id=${output##* }
  run -0 try 32/objects proc
  ipcrm -m "$id"
  [[ $output =~ segment\ 0x[0-9a-f]+\ $id\ .*\ $((5 << 30))\ 0 ]] || fail "$output"
}
# On a stack of file systems the upper bits of an inode number are the layer's
@test "a FIFO and a stale socket are found, whatever their inode numbers" {
  requires 'root and namespaces, to mount an overlay file system' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
  build fifo_producer fifo_consumer unix_stream_consumer
  mkdir lower upper stack
  mount -t tmpfs lower lower
  mount -t tmpfs upper upper
  mkdir upper/files upper/work
  local stack=(mount -t overlay stack stack
    -o "lowerdir=lower,upperdir=upper/files,workdir=upper/work,xino=on")
  requires 'an overlay file system with long inode numbers' "${stack[@]}"
  umount stack
  mkfifo -m 600 lower/fifo
  start first 32/unix_stream_consumer lower/socket >out
  await first "$WAITING"
  send KILL first
  finish first 137
  "${stack[@]}"
  for name in fifo socket; do # of more than ten digits
    [[ $(stat -c %i stack/$name) == ???????????* ]] || fail "$(stat stack/$name)"
  done
  PAIR=fifo NAME=stack/fifo
  start_consumer_of 32 >out
  start_producer_of 32 <<<text
  finish producer 0 'sent 5 bytes'
  finish consumer 0 'received 5 bytes'
  PAIR=unix_stream NAME=stack/socket
  start_consumer_of 32 >out
  send TERM consumer
  finish consumer 143
  umount stack lower upper
}
