# 08-ipc-namespace.bats - the plain pair of chapter 08, and its demo
load lib/helper
load lib/pairs
load lib/lessons

MAN='ipc_namespaces(7), user_namespaces(7), unshare(2), setns(2)'

# The producer starts first. Its ready line has the pid that the consumer needs
READY=1
ns_pair() {
  requires 'IPC namespaces, or user namespaces to have them in: make doctor' \
    sh -c 'unshare --ipc true || unshare --user --map-root-user --ipc true'
  pair ns
  consumer+=(ADDRESS)
}
# inside HALF COMMAND...: in the IPC namespace of that half
inside() {
  local user=()
  unshare --ipc true 2>/dev/null || user=(--user --preserve-credentials)
  nsenter "${user[@]}" --ipc --target "$(program "$1")" "${@:2}"
}
# The queue of the pair, in a list that ipcs(1) printed
QUEUE='(^|
)0x6e730001 '
namespace_of() { readlink "/proc/$1/ns/ipc"; }

# bats test_tags=memcheck
@test "ns carries every input unchanged" {
  ns_pair
  carries_everything producer
}
@test "the ns producer sends before the consumer starts, and stays until it has received all" {
  ns_pair
  printf 'two lines\nno final newline' >input
  start_producer <input
  await producer ': ready'
  asleep producer
  run -0 inside producer ipcs -q
  [[ $output =~ ${QUEUE}.*\ 600\ +26\ +2 ]]
  start_consumer >out
  finish producer 0 'ns_producer: messages sent: 1$'
  finish consumer 0 'ns_consumer: messages received: 1$'
  cmp input out
}
@test "the ns pair is in one namespace, and its queue does not exist outside" {
  ns_pair
  begin_idle producer
  run -0 ipcs -q
  [[ ! $output =~ $QUEUE ]]
  run -0 inside consumer ipcs -q
  [[ $output =~ $QUEUE ]]
  [ "$(namespace_of "$(program producer)")" != "$(namespace_of self)" ]
  [ "$(namespace_of "$(program producer)")" = "$(namespace_of "$(program consumer)")" ]
  end_idle
  finish producer
  finish consumer
}
@test "two ns producers use the same key and have different queues" {
  ns_pair
  mkdir other
  (
    cd other || exit
    make_inputs
    transfer block producer
  ) 3>&- &
  local twin=$!
  make_inputs
  transfer block producer
  wait $twin
}
@test "nsenter(1) and perl can be the ns consumer" {
  ns_pair
  make_inputs
  start_producer <block
  await producer ': ready'
  # shellcheck disable=SC2016 # perl's
  inside producer perl -e '
    my $id = msgget(0x6e730001, 0) // die "msgget: $!";
    for (;;) {
      msgrcv($id, my $msg, 8192, 1, 0) or die "msgrcv: $!";
      my ($type, $text) = unpack("l! a*", $msg);
      last if $text eq "";
      print $text;
    }
    msgsnd($id, pack("l!", 2), 0) or die "msgsnd: $!"' >out
  finish producer 0 'messages sent: [0-9]+$'
  cmp block out
}
@test "unshare(1) and perl can be the ns producer" {
  ns_pair
  local user=()
  unshare --ipc true 2>/dev/null || user=(--user)
  # shellcheck disable=SC2016 # perl's
  start producer unshare "${user[@]}" --ipc perl -e '
    my $id = msgget(0x6e730001, 01600) // die "msgget: $!";
    print STDERR "ns_producer: ready: pid $$\n";
    msgsnd($id, pack("l! a*", 1, $_), 0) or die "msgsnd: $!"
      for "one\n", "two\n", "";
    msgrcv($id, my $done, 0, 2, 0) or die "msgrcv: $!"'
  await producer ': ready'
  start_consumer >out
  finish consumer 0 'ns_consumer: messages received: 2$'
  finish producer
  [ "$(<out)" = $'one\ntwo' ]
}
@test "the ns consumer fails when standard output is full" {
  ns_pair
  start_producer </dev/zero
  await producer ': ready'
  start_consumer >/dev/full
  finish consumer 1 'ns_consumer: write standard output: No space left on device$'
  send KILL producer
  finish producer 137
}
@test "the ns pair prints its usage for a wrong number of operands" {
  for command in 'ns_producer 1' 'ns_producer --help' ns_consumer 'ns_consumer 1 2'; do
    # shellcheck disable=SC2086 # the words of command
    misuse $command
  done
}
@test "an ns consumer prints why a process is not its producer" {
  ns_pair
  run -1 try ns_consumer 4194305 # above every pid
  [[ $output == 'ns_consumer: open /proc/4194305/ns/ipc: No such file or directory' ]]
  run -1 try ns_consumer "$$"
  [[ $output == "ns_consumer: msgget in /proc/$$/ns/ipc: No such file or directory" ||
    $output == "ns_consumer: setns /proc/$$/ns/ipc: "* ]]
}
@test "if namespaces are switched off, the ns producer exits with 77" {
  may_forbid
  # shellcheck disable=SC2016 # the inner shell's
  run -77 try unshare --user --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_ipc_namespaces; exec "$@"' _ ns_producer
  [[ $output == 'ns_producer: unshare: needs root'*': No space left on device' ]]
}

# What the plain pair does not survive
@test "a killed ns consumer leaves the producer waiting, and the queue full" {
  ns_pair
  start_producer </dev/zero
  await producer ': ready'
  # head(1) exits, and SIGPIPE kills the consumer
  [ "$(try ns_consumer "$(program producer)" | head -c 100000 | wc -c)" = 100000 ]
  asleep producer
  run -0 inside producer ipcs -q
  [[ $output =~ ${QUEUE}.*\ 16384\ +2 ]]
  send TERM producer # the namespace and the queue end with it
  finish producer 143
}
@test "a killed ns producer leaves the consumer waiting, and the namespace with it" {
  ns_pair
  begin_idle producer
  local namespace
  namespace=$(namespace_of "$(program producer)")
  send KILL producer
  finish producer 137
  asleep consumer
  [ "$(namespace_of "$(program consumer)")" = "$namespace" ]
  run -0 inside consumer ipcs -q
  [[ $output =~ ${QUEUE}.*\ 0\ +0 ]]
  send TERM consumer
  finish consumer 143
  end_idle
}
@test "an ns pair leaves nothing when both halves are killed" {
  ns_pair
  begin_idle producer
  send KILL producer
  send KILL consumer
  finish producer 137
  finish consumer 137
  end_idle
  run -0 ipcs -q
  [[ ! $output =~ $QUEUE ]]
  printf next >next
  transfer next producer
}

# The demo
@test "the demo shows each namespace, and leaves nothing" {
  ns_pair
  try "$ROOT/$chapter/demo.sh" >out
  [ "$(grep -c '^# Checked: ' out)" = 11 ]
  grep -qx identical out
  tail -n 1 out | grep -qx 'nobody is in there'
}
@test "the demo continues if namespaces are switched off, and prints the remedy" {
  may_forbid
  # shellcheck disable=SC2016 # the inner shell's
  run -0 try unshare --user --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' _ \
    "${no_caps[@]}" "$ROOT/$chapter/demo.sh"
  [[ $output == *'# Checked: all three are gone'*'
Not on this machine: unshare: needs root'*': No space left on device' ]]
}
@test "the demo fails if a namespace hides nothing" {
  mkdir bin
  # shellcheck disable=SC2016 # the script's
  printf '#!/bin/sh\n%s\nexec "$@"\n' \
    'while [ "${1#--}" != "$1" ]; do shift; done' >bin/unshare
  chmod +x bin/unshare
  PATH=$PWD/bin:$PATH run -1 try "$ROOT/$chapter/demo.sh"
  [[ $output == *'FAILED: not so: another inode' ]]
}
@test "the demo removes its objects also when it is interrupted" {
  local after signal
  for after in 'TERM Message queue id' 'QUIT Shared memory id' \
    'USR1 Semaphore id' 'INT Back home'; do
    signal=${after%% *}
    mkfifo shown
    # shellcheck disable=SC2016 # the inner shell's
    start demo sh -c 'exec "$0" >shown' "$ROOT/$chapter/demo.sh"
    exec {lines}<shown
    grep -q -m 1 "${after#* }" <&$lines
    send "$signal" demo
    cat <&$lines >/dev/null
    exec {lines}<&-
    finish demo $((128 + $(kill -l "$signal")))
    rm shown
  done
}
