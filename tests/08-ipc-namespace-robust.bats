# 08-ipc-namespace-robust.bats - the robust pair of chapter 08
load lib/helper
load lib/lessons
load lib/pairs

MAN='ipc_namespaces(7), user_namespaces(7), unshare(2), setns(2)'
pair ns
consumer+=(ADDRESS) # the namespace that the producer prints: so that is first

namespaced() {
  requires 'IPC namespaces, or user namespaces to have them in: make doctor' \
    sh -c 'unshare --ipc true || unshare --user --map-root-user --ipc true'
}
# A producer that waits for input, from idle; descriptor hold keeps it open
start_idle() {
  mkfifo idle
  exec {hold}<>idle
  start_producer <idle
  await producer "$WAITING"
}
ipc() { readlink "/proc/${1:-self}/ns/ipc"; }
# The key of the queue, and whether there is one of that key in our namespace
KEY=$((0x6e000000 + ($(id -u) & 0xffffff)))
here() { awk -v key="$KEY" '$1 == key { n++ } END { exit !n }' /proc/sysvipc/msg; }

# bats test_tags=memcheck
@test "ns carries every input unchanged" {
  namespaced
  carries_everything producer
}
@test "the queue is not in the namespace from which the pair was started" {
  namespaced
  start_idle
  run -1 here
  [ "$(ipc "$(program producer)")" != "$(ipc)" ]
  start_consumer >out
  echo line >idle
  await_file out
  run -1 here
  [ "$(ipc "$(program consumer)")" = "$(ipc "$(program producer)")" ]
  end_idle
  finish producer
  finish consumer
}
@test "an ns consumer without operand looks in its own namespace" {
  namespaced
  start_idle
  run --separate-stderr -1 try ns_consumer
  [[ $stderr == *"/proc/self/ns/ipc: no queue 0x6e"*"start ns_producer"* ]]
  run -1 try ns_consumer "$$"
  [[ $output == *"start ns_producer"* || $output == *"not of this user"* ]]
  end_idle
  start_consumer >out
  finish producer
  finish consumer
}
@test "an ns consumer started with nsenter(1) needs no operand" {
  namespaced
  start_producer </dev/null
  await producer "$WAITING"
  local user=''
  unshare --ipc true 2>/dev/null || user='--user --preserve-credentials'
  # shellcheck disable=SC2086 # the words of user
  start consumer nsenter $user --ipc --target "$(program producer)" \
    "$(command -v ns_consumer)" >out
  finish consumer 0 'received 0 bytes in 0 messages'
  finish producer
}
@test "ipcs(1) sees the queue from inside" {
  namespaced
  start_producer </dev/null
  await producer "$WAITING"
  local user=''
  unshare --ipc true 2>/dev/null || user='--user --preserve-credentials'
  # shellcheck disable=SC2086 # the words of user
  run -0 try nsenter $user --ipc --target "$(program producer)" ipcs -q
  [[ $output == *"$(printf '0x%08x' "$KEY")"*' 600 '* ]]
  start_consumer >out
  finish producer
  finish consumer
}
@test "an ns consumer takes any path to the namespace" {
  namespaced
  printf 'by a path' >input
  start_producer <input
  await producer "$WAITING"
  ln -s "/proc/$(program producer)/ns/ipc" link
  start consumer ns_consumer ./link >out
  finish producer
  finish consumer
  cmp input out
}
@test "the ns producer makes a user namespace only if it has no privilege" {
  namespaced
  start_idle
  local dir
  dir=/proc/$(program producer)
  if unshare --ipc true 2>/dev/null; then
    [ "$(readlink "$dir/ns/user")" = "$(readlink /proc/self/ns/user)" ]
  else
    [ "$(awk '{ print $1, $2, $3 }' "$dir/uid_map")" = "$(id -u) $(id -u) 1" ]
    [ "$(awk '{ print $1, $2, $3 }' "$dir/gid_map")" = "$(id -g) $(id -g) 1" ]
    [ "$(cat "$dir/setgroups")" = deny ]
  fi
  end_idle
  start_consumer >out
  finish producer
  finish consumer
}
@test "an ns producer waits alone, and leaves nothing when a signal ends it" {
  namespaced
  for sig in TERM INT HUP KILL; do ends_alone producer $sig; done
  printf next >next
  transfer next producer
}
@test "the ns producer notices that its consumer was killed" {
  namespaced
  for sig in KILL TERM; do
    survives consumer $sig producer 1 'ns_producer: /proc/.*consumer has exited'
  done
}
@test "the ns consumer notices that its producer was killed" {
  namespaced
  for sig in KILL TERM; do
    survives producer $sig producer 1 'ns_consumer: /proc/.*producer has exited'
  done
}
@test "an ns transfer leaves nothing when both halves are killed" {
  namespaced
  begin_endless producer
  send STOP consumer
  send KILL producer
  send KILL consumer
  finish producer 137
  finish consumer 137
  printf next >next
  transfer next producer
}
@test "an ns producer without input notices that its consumer has exited" {
  namespaced
  begin_idle producer
  send KILL consumer
  finish producer 1 'the consumer has exited'
  finish consumer 137
  end_idle
}
@test "an ns consumer without messages notices that its producer has exited" {
  namespaced
  begin_idle producer
  send KILL producer
  finish consumer 1 'the producer has exited'
  finish producer 137
  end_idle
}
@test "an ns transfer continues after SIGSTOP and SIGCONT" {
  namespaced
  begin_idle producer
  for half in producer consumer; do
    send STOP $half
    send CONT $half
  done
  echo line >idle
  end_idle
  finish producer 0 'sent 12 bytes in 2 messages'
  finish consumer 0 'received 12 bytes in 2 messages'
}
@test "both ns halves fail when standard output is full" {
  namespaced
  full_output producer
  grep -q 'the consumer has exited' producer.err
}
@test "a file that is not an IPC namespace is refused, with the reason" {
  : >file
  mkfifo fifo
  for name in /proc/self/ns/uts /proc/self/ns/user ./file ./fifo / /dev/null; do
    run -1 try ns_consumer $name
    [ "$output" = "ns_consumer: $name: not an IPC namespace" ]
  done
  for name in 4194305 ./nowhere; do
    run -1 try ns_consumer $name
    [[ $output == "ns_consumer: open "*"No such file or directory" ]]
  done
  rm fifo
}
@test "a second ns consumer is refused, and does not disturb the transfer" {
  namespaced
  begin_idle producer
  run -1 try ns_consumer "$(program producer)"
  [[ $output == *'another consumer is at work' ]]
  echo line >idle
  end_idle
  finish producer 0 'sent 12 bytes in 2 messages'
  finish consumer 0 'received 12 bytes in 2 messages'
}
@test "two producers with the same key never meet" {
  namespaced
  head -c 1000000 /dev/urandom >input
  mkdir other
  (
    cd other || exit
    printf '\0' | cat ../input - >input
    transfer input producer
  ) 3>&- &
  local twin=$!
  transfer input producer
  wait $twin
}
@test "a namespace that is kept open outlives its producer, but the transfer does not" {
  namespaced
  start_idle
  exec {kept}<"/proc/$(program producer)/ns/ipc"
  send KILL producer
  finish producer 137
  run -1 try ns_consumer "/proc/$$/fd/$kept"
  [[ $output == "ns_consumer: /proc/$$/fd/$kept: the producer has exited"* ]]
  exec {kept}<&-
  end_idle
}
@test "another user's namespace cannot be entered" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  namespaced
  chmod 711 . "$BATS_RUN_TMPDIR"
  start_idle
  cp "$(command -v ns_consumer)" .
  run -1 try setpriv --reuid=65534 --clear-groups ./ns_consumer \
    "$(program producer)"
  [[ $output == *'open /proc/'*'Permission denied'* ]]
  end_idle
  start_consumer >out
  finish producer
  finish consumer
}
@test "the halves of an ns pair may be in two PID namespaces" {
  namespaced
  local pids=(--pid --fork --kill-child)
  # A consumer in its own user namespace cannot enter that of the producer
  requires 'the privilege to make a PID namespace' unshare "${pids[@]}" true
  head -c 100000 /dev/urandom >input
  start_producer <input
  await producer "$WAITING"
  # A descriptor of the file is the same name in all PID namespaces
  exec {space}<"/proc/$(program producer)/ns/ipc"
  : >consumer.err
  unshare "${pids[@]}" ns_consumer "/proc/self/fd/$space" >out 2>consumer.err
  exec {space}<&-
  finish producer 0 'sent 100000 bytes'
  cmp input out
  start_idle
  exec {space}<"/proc/$(program producer)/ns/ipc"
  unshare "${pids[@]}" ns_consumer "/proc/self/fd/$space" >out 2>consumer.err &
  local unshare=$!
  echo line >idle
  await_file out
  kill -KILL $unshare
  finish producer 1 'the consumer has exited$'
  exec {space}<&-
  end_idle
}
@test "an ns pair needs one descriptor besides the standard ones" {
  requires 'IPC namespaces without a user namespace' unshare --ipc true
  consumer=(sh -c 'ulimit -n 4; exec ns_consumer "$1"' sh ADDRESS)
  producer=(sh -c 'ulimit -n 4; exec ns_producer')
  head -c 100000 /dev/urandom >input
  transfer input producer
}
@test "an ns half ends when ipcrm(1) removes the queue or the set" {
  namespaced
  local user='' option
  unshare --ipc true 2>/dev/null || user='--user --preserve-credentials'
  for option in -Q -S; do
    begin_endless producer
    # shellcheck disable=SC2086 # the words of user
    try nsenter $user --ipc --target "$(program producer)" \
      ipcrm $option "$(printf 0x%x "$KEY")"
    finish producer 1 '(Identifier removed|Invalid argument|has exited)$'
    finish consumer 1 '(Identifier removed|Invalid argument|has exited)$'
  done
}
@test "if a sandbox refuses System V calls, an ns half exits with 77" {
  needs_strace
  namespaced
  local call error half
  for call in msgget semget; do
    for error in ENOSYS EPERM; do
      for half in producer consumer; do
        [ $call$half != semgetconsumer ] || continue # it finds no queue
        run -77 try strace -qq -o trace -e "inject=$call:error=$error" \
          ns_$half </dev/null
        [[ $output == "ns_$half: $call /proc/"*'a sandbox refuses it' ]]
      done
    done
  done
}
# bats test_tags=uncounted
@test "if no thread may be started, ns names the limit" {
  requires 'root, to be another user' test "$(id -u)" = 0
  requires 'user namespaces for all' setpriv --reuid=65534 --clear-groups \
    unshare --user --ipc true
  run --separate-stderr -77 try setpriv --reuid=65534 --clear-groups \
    bash -c "ulimit -S -u 1; exec $(command -v ns_producer)"
  [[ $stderr == 'ns_producer: pthread_create /proc/'*': ulimit -u is 1: ulimit -u 4096' ]]
}
@test "if namespaces are switched off, the producer prints the remedy" {
  may_forbid
  local limit drop
  for limit in max_user_namespaces max_ipc_namespaces; do
    drop=(setpriv --bounding-set=-sys_admin)
    [ $limit = max_user_namespaces ] || drop=()
    # shellcheck disable=SC2016 # the inner shell's
    run -0 try unshare --user --map-root-user sh -c '
      echo 0 >"/proc/sys/user/$0"
      "$@" ns_producer </dev/null 2>refused
      echo "status $?"
      sed -n "s/.*: as root: //p" refused | sh >out
      exec "$@" unshare --user --ipc true' $limit "${drop[@]}"
    [[ $output == 'status 77' &&
      $(<refused) == 'ns_producer: unshare'*': No space left on device: as root: '* ]]
  done
}
@test "if namespaces are forbidden, the producer prints what it needs" {
  requires 'user and mount namespaces, to make a chroot where none is allowed: make doctor' \
    unshare --user --map-root-user --mount true
  mkdir root
  # As root with privileges, as root without, and as an ordinary user
  # shellcheck disable=SC2016 # the inner shell's
  in_chroot() {
    run try unshare --user --map-user="$1" --keep-caps --mount sh -c \
      'mount --rbind / root && exec chroot root "$@"' sh "${@:2}"
  }
  in_chroot 0 unshare --ipc true
  [ "$status" = 0 ]
  in_chroot 0 "${no_caps[@]}" "$(command -v ns_producer)"
  [[ $status = 77 && $output == 'ns_producer: unshare CLONE_NEWUSER: needs root, no chroot, '*': Operation not permitted' ]]
  in_chroot 1 "${no_caps[@]}" "$(command -v ns_producer)"
  [[ $status = 77 && $output == 'ns_producer: unshare CLONE_NEWUSER: needs root, no chroot, '*': Operation not permitted' ]]
}
