# injected.bats - what strace(1) brings about and waiting does not: a signal in
# the instant after an object's creation, when the program has not heard of it
# yet; a parent that is killed before its child has begun; a call that fails
load lib/helper

MAN='signal(7), strace(1): inject'
EIO='(Input/output|I/O) error' # glibc, musl

# of CHAPTER: whose programs the test is about
of() {
  PATH=$BUILD/$1/robust:$BUILD/$1/lessons:$BUILD/$1/tools:$PATH
  needs_strace
}

# in_the_instant COUNT CALL PROGRAM...: HUP, INT and TERM come in each of the
# COUNT calls, and so before it returns. CALL is a regex: a C library has the
# choice between, say, mknod and mknodat. The program ends by the signal or,
# where that waits for the end, as if there were none
in_the_instant() {
  local count=$1 call=$2 n sig left
  shift 2
  objects >before
  for ((n = 1; n <= count; n++)); do
    for sig in HUP INT TERM; do
      mkdir -m 700 work
      TMPDIR=$PWD/work run try strace -f -qq -o trace ${file:+-P "$file"} \
        -e "inject=/^($call)\$:signal=$sig:when=$n" "$@" </dev/null
      [[ $status = 0 || $status = $((128 + $(kill -l $sig))) ]] ||
        fail "$*: $sig in $call, $n: status $status" "$output"
      [ "$(grep -cE "^[0-9]+ +($call)\(" trace)" -ge $n ] ||
        fail "$*: no $call, $n" "$(cat trace)"
      left=$(ls -A work; objects | diff before - || true)
      [ -z "$left" ] || fail "$*: $sig in $call, $n: left behind:" "$left"
      rmdir work
    done
  done
}

# killed_parent PROGRAM: the parent is killed while it waits, before its child has
# come so far as to ask for a signal at that. strace ends when all have ended
killed_parent() {
  local begin=$SECONDS
  run try strace -f -qq -o trace -e inject=prctl:delay_enter=100000 \
    -e inject=wait4,waitid:signal=KILL:when=1 "$@" </dev/null
  [ "$status" != 77 ] || return 0 # forbidden here, so there was no child
  [ "$status" = 137 ] || fail "$*: status $status" "$output"
  # 137, too, would be what timeout(1) says
  ((SECONDS - begin < LIMIT)) || fail "$*: a child lives on"
  # No program can help that SIGKILL leaves a System V object: sysvipc(7)
  objects | diff .before - | sed -n 's|^> msg [^ ]*|-q|p
    s|^> sem [^ ]*|-s|p' | xargs -r ipcrm
  killed=$((killed + 1))
}

@test "02-fifos: a signal at a FIFO's creation leaves neither FIFO nor folder" {
  of 02-fifos
  in_the_instant 1 'mknod(at)?' fifo_consumer work/fifo
  in_the_instant 1 'mknod(at)?' fifo_server work/box
  mkfifo -m 600 box
  exec {hold}<>box # a server that never answers
  in_the_instant 1 'mknod(at)?' fifo_client box hello
  rm box
}
@test "03-msgqueues: a signal at a queue's creation leaves none" {
  of 03-msgqueues
  in_the_instant 1 mq_open posix_mq_producer "/creation-$$"
  in_the_instant 1 mq_open posix_mq_consumer "/creation-$$"
  in_the_instant 1 msgget sysv_mq_producer $((0x71000000 + $$))
  in_the_instant 1 msgget sysv_mq_consumer $((0x71000000 + $$))
  in_the_instant 1 msgget sysv_removed
}
@test "04-semaphores: a signal at a set's creation leaves none" {
  of 04-semaphores
  file=/dev/shm/creation-$$ # of the open calls, those of this file
  in_the_instant 2 'open(at)?' posix_sem_producer "/creation-$$"
  in_the_instant 2 'open(at)?' posix_sem_consumer "/creation-$$"
  file=
  for call in semget shmget; do
    in_the_instant 1 $call sysv_sem_producer $((0x73000000 + $$))
    in_the_instant 1 $call sysv_sem_consumer $((0x73000000 + $$))
  done
  in_the_instant 2 semget sysv_init_race
  in_the_instant 1 semget sysv_undo
}
@test "05-shm: a signal at a segment's creation leaves none" {
  of 05-shm
  file=/dev/shm/creation-$$
  in_the_instant 1 'open(at)?' posix_shm_producer "/creation-$$"
  in_the_instant 1 'open(at)?' posix_shm_consumer "/creation-$$"
  file=
  in_the_instant 1 shmget sysv_shm_producer $((0x6d000000 + $$))
  in_the_instant 1 shmget sysv_shm_consumer $((0x6d000000 + $$))
}
@test "06-sockets: a signal at a socket's creation leaves no file" {
  of 06-sockets
  in_the_instant 1 bind unix_stream_consumer work/sock
  in_the_instant 1 bind unix_seqpacket_consumer work/sock
  in_the_instant 1 bind echo_server work/sock
}
# bats test_tags=slow
@test "a lesson's child ends with its parent, even if the parent has already died" {
  local source killed=0
  for source in "$ROOT"/0[1-7]*/lessons/*.c; do
    grep -q PR_SET_PDEATHSIG "$source" || continue
    [[ $source != *echo_client.c ]] || continue # needs a server
    of "$(basename "${source%/lessons/*}")"
    killed_parent "$(basename "$source" .c)"
  done
  [ $killed -gt 0 ]
}
@test "06-sockets: a consumer that cannot remove its socket's name reports it" {
  of 06-sockets
  local pair
  for pair in unix_stream unix_seqpacket; do
    start consumer strace -qq -o trace -e inject=?unlink,unlinkat:error=EIO:when=1 \
      "${pair}_consumer" ./sock >out
    await consumer ': waiting on '
    run try "${pair}_producer" ./sock <<<text # it may have sent all by then
    finish consumer 1 "${pair}_consumer: unlink ./sock: $EIO$"
    [ ! -e sock ] # on its way out it has tried once more
  done
}
@test "pidfd: if either of its two calls is missing, it exits with 77" {
  local call
  of 07-signals
  for call in pidfd_open pidfd_send_signal; do
    run -77 try strace -qq -o trace -e "inject=$call:error=ENOSYS" pidfd
    [[ $output == *'which need Linux 5.4 and no sandbox: '* ]]
  done
}
@test "isolation_matrix: if either call of a pidfd is missing, its row has the cause" {
  local call
  of 08-ipc-namespace
  for call in pidfd_open pidfd_send_signal; do
    run try strace -qq -o trace -e "inject=$call:error=ENOSYS" isolation_matrix
    [ "$status" != 77 ] || requires "$output" false
    [[ $status = 0 && $output == *$'\n- signal, by a pidfd from before, none: Func'* ]]
  done
}
