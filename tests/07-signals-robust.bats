# 07-signals-robust.bats - chapter 07, the robust pair
load lib/helper
load lib/pairs
load lib/lessons

MAN='sigqueue(3), signalfd(2), pidfd_open(2), signal(7)'
pair signal
producer+=(ADDRESS) # a signal goes to a process: the consumer's pid
BIG=${BIG:-500000}  # three bytes a signal: what fits in a second

# start_slowly: bytes that the test writes to descriptor 9 are the producer's input
start_slowly() {
  mkfifo slow
  start_producer < <(exec cat slow 3>&-)
  exec 9>slow
  rm slow
}

# stray NAME SIGNAL: send it to NAME, not from its peer, by kill and sigqueue
stray() {
  kill -s "$2" "$(program "$1")"
  env kill -q 7 -s "$(kill -l "$2")" "$(program "$1")"
}

# process: the id of a process that has exited
process() {
  sh -c 'echo $$'
}

# needs_pidfd: skip where neither half can start, as under valgrind before 3.21
needs_pidfd() {
  run try signal_producer $$ </dev/null
  [ "$status" != 77 ] || requires "$output" false
}

# bats test_tags=memcheck
@test "signal carries every input unchanged, consumer first" {
  try signal_consumer --help >/dev/null
  needs_pidfd
  carries_everything consumer
}
@test "a signal consumer alone waits, and SIGTERM, SIGINT and SIGHUP end it" {
  for sig in TERM INT HUP; do ends_alone consumer $sig; done
}
@test "a signal producer without a consumer says what to start" {
  run -1 try signal_producer "$(process)"
  [[ $output == *': start signal_consumer first: No such process' ]]
}
@test "after a waiting signal consumer was killed, a new one works" {
  recovers consumer consumer
}
@test "a process that does not block the signal is refused, and not killed" {
  run -1 try signal_producer $$ # this shell: a realtime signal would kill it
  [[ $output == *": $$: not a waiting signal_consumer" ]]
}
@test "another user's signal consumer is refused, even to root" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  start consumer setpriv --reuid 65534 --clear-groups \
    "$(command -v signal_consumer)"
  await consumer "$WAITING"
  run -1 try signal_producer "$(program consumer)" </dev/null
  [[ $output == *'not a waiting'* ]]
  send TERM consumer
  finish consumer 143
}
@test "a killed signal consumer ends its producer" {
  for sig in KILL TERM; do
    survives consumer $sig consumer 1 \
      'signal_producer: [0-9]+: the consumer has exited|sigqueue .*No such process'
  done
}
@test "a killed signal producer ends its consumer" {
  for sig in KILL TERM; do
    survives producer $sig consumer 1 \
      'signal_consumer: [0-9]+: the producer has exited|sigqueue .*No such process'
  done
}
@test "after both signal halves were killed, the next transfer works" {
  begin_endless consumer
  for sig in STOP KILL; do # stopped, neither sees the other's end
    send $sig consumer
    send $sig producer
  done
  finish consumer 137
  finish producer 137
  head -c 5000 /dev/urandom >next
  transfer next consumer
}
@test "a signal producer without input notices that its consumer has exited" {
  begin_idle consumer
  send KILL consumer
  finish producer 1 'the consumer has exited'
  finish consumer 137
  end_idle
}
@test "a signal consumer without a message notices that its producer has exited" {
  begin_idle consumer
  send KILL producer
  finish consumer 1 'the producer has exited'
  finish producer 137
  [ "$(cat out)" = 'a line' ]
  end_idle
}
@test "a stopped signal half goes on when it is continued" {
  head -c 20000 /dev/urandom >input
  start_consumer >out
  await consumer "$WAITING"
  start_slowly
  head -c 10000 input >&9
  await_file out
  for half in consumer producer; do
    send STOP $half
    send CONT $half
  done
  tail -c 10000 input >&9
  exec 9>&-
  finish producer
  finish consumer
  cmp input out
}
@test "both signal halves fail when standard output is full" {
  full_output consumer
  [[ $(cat producer.err) == *'the consumer has exited'* ]]
}
@test "signal_producer refuses a number that no process can have" {
  for operand in 0 2147483648 4294967297 18446744073709551617; do
    misuse signal_producer $operand
  done
  misuse signal_producer
}
@test "two signal transfers at once do not mix" {
  head -c 20000 /dev/urandom >input
  mkdir other
  (
    cd other || exit
    head -c 20001 /dev/urandom >input
    transfer input consumer
  ) 3>&- &
  local twin=$!
  transfer input consumer
  wait $twin
}
@test "a second signal producer waits in vain, and the first one goes on" {
  start_consumer >out
  await consumer "$WAITING"
  start_slowly
  printf 'from the ' >&9
  await_file out
  start second signal_producer "$(program consumer)" <<<second 9>&-
  await consumer "ignored signals of process $(program second)"
  printf first >&9
  exec 9>&-
  finish producer
  finish consumer
  finish second 1 'the consumer has exited'
  [ "$(cat out)" = 'from the first' ]
}
@test "a signal producer with new input says that its consumer has exited" {
  start_consumer >out
  await consumer "$WAITING"
  start_slowly
  await producer "$WAITING"
  # Its next poll finds both: something to send, and no process to send it to
  send STOP producer
  send KILL consumer
  finish consumer 137
  printf lost >&9
  send CONT producer
  exec 9>&-
  finish producer 1 'the consumer has exited'
}
@test "stray signals are ignored, before and between the messages" {
  requires 'kill -q, of procps 4 or util-linux: ./setup.sh' env kill -q 0 -s 0 $$
  start_consumer >out
  await consumer "$WAITING"
  stray consumer RTMAX-1
  await consumer 'ignored signals of process'
  start_slowly
  printf 'hello, ' >&9
  await_file out
  stray consumer RTMAX-1
  stray producer RTMAX-2
  printf world >&9
  exec 9>&-
  finish producer
  finish consumer
  [ "$(cat out)" = 'hello, world' ]
}
@test "nothing is lost if the user may queue only the signals of one message" {
  requires 'user namespaces: make doctor' unshare --user --map-current-user true
  head -c 20000 /dev/urandom >input
  # A user namespace counts its own: other signals of this user do not disturb
  start consumer unshare --user --map-current-user \
    prlimit --sigpending=64 signal_consumer >out
  await consumer "$WAITING"
  start producer unshare --user --map-current-user \
    prlimit --sigpending=1 signal_producer "$(program consumer)" <input
  finish producer
  finish consumer
  cmp input out
}
@test "if the user may queue no signal, the signal producer's remedy helps" {
  start consumer prlimit --sigpending=0: signal_consumer >out
  await consumer "$WAITING"
  run -77 try signal_producer "$(program consumer)" <<<lost
  [[ $output == *': ulimit -i of process '*' is 0: prlimit --pid '* ]] ||
    fail "$output"
  eval "${output##*: }"
  start_producer <<<arrives
  finish producer
  finish consumer
  [ "$(cat out)" = arrives ]
}
# bats test_tags=uncounted
@test "if the signal producer may open too few files, its remedy helps" {
  start_consumer >out
  await consumer "$WAITING"
  # shellcheck disable=SC2016 # the inner shell's
  local limited='ulimit -S -n 4; eval "$0"; exec signal_producer "$@"'
  run -77 try bash -c "$limited" : "$(program consumer)" <<<lost
  local want=": $EMFILE: ulimit -n is 4: (as root: )?ulimit -n 1024$"
  [[ $output =~ $want ]] ||
    fail "$output"
  try bash -c "$limited" "${output##*: }" "$(program consumer)" <<<arrives
  finish consumer
  [ "$(cat out)" = arrives ]
}
# bats test_tags=slow
@test "without pidfds neither signal half starts a transfer that could hang" {
  needs_strace
  local error call
  for error in ENOSYS EPERM; do
    for call in pidfd_open pidfd_send_signal signalfd4; do
      # In place of a missing signalfd4 musl makes the older call
      [ "$call $error" != 'signalfd4 ENOSYS' ] || continue
      start_consumer >out
      await consumer "$WAITING"
      run -77 try strace -qq -o trace -e "inject=$call:error=$error" \
        signal_producer "$(program consumer)" <<<text
      [[ $output == *sandbox* ]] || fail "$output"
      end consumer TERM
    done
    start consumer strace -D -qq -o trace -e "inject=pidfd_open:error=$error" \
      signal_consumer >out
    await consumer "$WAITING"
    start_producer <<<text
    finish consumer 77 'pidfd_open [0-9]+: .*sandbox'
    finish producer 1 'the consumer has exited|sigqueue .*No such process'
  done
}
@test "a signal consumer in a PID namespace of its own is refused from outside" {
  local user=()
  [ $EUID = 0 ] || user=(--user --map-current-user)
  requires 'a PID namespace: make doctor' unshare "${user[@]}" --pid --fork true
  start consumer unshare "${user[@]}" --pid --fork --kill-child signal_consumer
  await consumer "$WAITING"
  local inner
  inner=$(program consumer)
  inner=$(tr -d ' ' <"/proc/$inner/task/$inner/children")
  run -1 try signal_producer "$inner" </dev/null
  [[ $output == *": $inner: is in a PID namespace of its own" ]] || fail "$output"
  send KILL consumer # unshare, which does not wait for the end of the inner one
  finish consumer 137
  while grep -qsz . "/proc/$inner/environ"; do :; done
}
@test "without the /proc of its PID namespace the signal producer says what to mount" {
  requires 'a PID namespace: make doctor' \
    unshare --user --map-root-user --mount --pid --fork true
  # shellcheck disable=SC2016 # the inner shell's
  local pair='rm -f ready; signal_consumer 2>ready >out & until [ -s ready ]; do :; done
    eval "$0"; signal_producer $! <<<text; status=$?; kill $!; exit $status'
  run -77 try unshare --user --map-root-user --mount --pid --fork --kill-child \
    bash -c "$pair" :
  [[ $output == *': /proc: as root: mount -t proc proc /proc' ]] || fail "$output"
  run -0 try unshare --user --map-root-user --mount --pid --fork --kill-child \
    bash -c "$pair" "${output##*: }"
}
@test "a signal half starts even if its parent has blocked SIGTERM" {
  start consumer env --block-signal=TERM signal_consumer >out
  await consumer "$WAITING"
  start_producer <<<text
  finish producer
  finish consumer
}
