# 05-shm-robust.bats - chapter 05, the robust pairs; see also robust.bats
load lib/helper
load lib/pairs

MAN='shm_overview(7), futex(2), shmop(2), pthread_mutexattr_setrobust(3)'

# A name and a key that no other test takes
sum=$(cksum <<<"$BATS_TEST_TMPDIR")
unique=$((${sum% *} % 0xfffff0))
posix_shm() { pair posix_shm "/test-$unique.shm"; }
sysv_shm() { pair sysv_shm "$(printf 0x6d%06x $unique)"; }

needs_two_segments() {
  requires 'two segments: as root: echo 4096 >/proc/sys/kernel/shmmni' \
    awk '$1 < 2 { exit 1 }' /proc/sys/kernel/shmmni
}
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
@test "the name is free while data flows: a second pair can use it" {
  needs_two_segments
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
# left_alone OUTPUT: both halves refuse what has that name, and print OUTPUT
left_alone() {
  local half
  for half in producer consumer; do
    run -1 try "${PAIR}_$half" "$NAME" <<<text
    [[ $output == "${PAIR}_$half: $NAME: "$1 ]] ||
      fail "expected: $1" "actual: $output"
  done
}
@test "another program's object is refused, named, and not touched" {
  posix_shm
  echo text >input
  (umask 077 && echo precious >"/dev/shm$NAME")
  left_alone "9 bytes, not a ring: rm /dev/shm$NAME removes it"
  [ "$(cat "/dev/shm$NAME")" = precious ]
  head -c 2000000 /dev/zero >"/dev/shm$NAME"
  left_alone "2000000 bytes, not a ring: rm /dev/shm$NAME removes it"
  rm "/dev/shm$NAME"
  (umask 077 && : >"/dev/shm$NAME") # as before its ftruncate(2)
  left_alone "0 bytes, not a ring: rm /dev/shm$NAME removes it"
  rm "/dev/shm$NAME"
  install -m 1600 input "/dev/shm$NAME" # marked as the pair's, but too short
  left_alone "5 bytes, not a ring: rm /dev/shm$NAME removes it"
  rm -f "/dev/shm$NAME"
  mkfifo -m 600 "/dev/shm$NAME"
  left_alone "0 bytes, not a ring: rm /dev/shm$NAME removes it"
  rm "/dev/shm$NAME"
  ln -s /etc/passwd "/dev/shm$NAME"
  left_alone 'not a ring of this user: *'
  rm "/dev/shm$NAME"
}
@test "another program's segment is refused, named, and not touched" {
  local bytes word mode
  sysv_shm
  shmid=$(ipcmk -M 7 | awk '{ print $NF }')
  NAME=$(ipcs -m | awk -v id="$shmid" '/^0x/ && $2 == id { print $1 }')
  left_alone "7 bytes, not a segment of ??-bit halves: ipcrm -M $NAME removes it"
  ipcrm -m "$shmid"
  sysv_shm
  bytes=$(segment_size)
  # Another word than a state, also if the mode is the pair's; none, as in a new
  # segment; one where the slots are
  for word in 1700:precious@0 1600:precious@0 1600:@0 1600:precious@500000; do
    mode=${word%:*} word=${word#*:}
    perl -e '$id = shmget($ARGV[0], $ARGV[1], oct $ARGV[4]) // die;
      shmwrite($id, "$ARGV[2]", $ARGV[3], length $ARGV[2]) or die' \
      $((NAME)) "$bytes" "${word%@*}" "${word#*@}" "$mode"
    left_alone "another program's segment: ipcrm -M $NAME removes it"
    ipcrm -M "$NAME"
  done
}
@test "an object or segment that others may open is refused" {
  posix_shm
  install -m 1644 /dev/null "/dev/shm$NAME"
  left_alone "others may open it: rm /dev/shm$NAME removes it"
  rm "/dev/shm$NAME"
  sysv_shm
  perl -e 'defined shmget($ARGV[0], $ARGV[1], 01706) or die' \
    $((NAME)) "$(segment_size)"
  left_alone "others may attach it: ipcrm -M $NAME removes it"
  ipcrm -M "$NAME"
}
@test "a segment that another user created is refused, even with a new owner" {
  requires 'root, to be another user' [ "$(id -u)" = 0 ]
  sysv_shm
  # The creator may remove and change what it gave away: IPC_SET
  setpriv --reuid 65534 --clear-groups perl -e '
    $id = shmget($ARGV[0], $ARGV[1], 01600) // die;
    shmctl($id, 2, $ds = "\0" x 112) // die; # IPC_STAT
    substr($ds, 4, 4) = pack "L", 0;
    shmctl($id, 1, $ds) // die' $((NAME)) "$(segment_size)"
  left_alone 'a segment of uid 65534: choose another key'
  ipcrm -M "$NAME"
}
# segment_size: of the segment that a waiting half has made
segment_size() {
  start_consumer >/dev/null
  await consumer "$WAITING"
  ipcs -m | awk -v key="$NAME" '$1 == key { print $5 }'
  send TERM consumer
  finish consumer 143
}
@test "memory of a maker that was killed before it was ready is taken over" {
  posix_shm
  for first in consumer producer; do
    install -m 1600 /dev/null "/dev/shm$NAME"
    printf next >next
    transfer next $first
  done
  sysv_shm
  bytes=$(segment_size)
  for first in consumer producer; do
    perl -e 'defined shmget($ARGV[0], $ARGV[1], 01700) or die' \
      $((NAME)) "$bytes" # 01000 is IPC_CREAT
    transfer next $first
  done
}
@test "posix_shm reserves its memory at the start, with mode 600" {
  posix_shm
  start_consumer >out
  await consumer "$WAITING"
  [ "$(stat -c %a "/dev/shm$NAME")" = 1600 ]
  [ $(($(stat -c '%b * %B' "/dev/shm$NAME"))) -ge 1048576 ]
  send TERM consumer
  finish consumer 143
}
@test "sysv_shm is marked for removal as soon as both are attached" {
  sysv_shm
  start_consumer >out
  await consumer "$WAITING"
  # permissions and processes attached
  [ "$(ipcs -m | awk -v key="$NAME" '$1 == key { print $4, $6 }')" = '700 1' ]
  send TERM consumer
  finish consumer 143
  begin_idle consumer
  [ -z "$(ipcs -m | awk -v key="$NAME" '$1 == key')" ]
  [ "$(ipcs -m | awk -v user="$(id -un 2>/dev/null)" '$1 == "0x00000000" &&
    $3 == user && $6 == 2 && $7 == "dest"' | wc -l)" = 1 ]
  end_idle
  finish producer
  finish consumer
}

traced() {
  needs_strace
}

# --- What the machine forbids

# short_of LIMIT CAUSE [FIRST]: a consumer under LIMIT ends with 77 and CAUSE, a
# regex, and works with the remedy that it printed. FIRST: it is the first half
short_of() {
  local remedy
  [ -n "${3-}" ] || {
    start_producer <<<text
    await producer "$WAITING"
  }
  run -77 try "${user[@]}" bash -c "$1; exec ${consumer[*]}"
  [[ ${lines[-1]} =~ ^${PAIR}_consumer:\ [a-z_]+\ $NAME:\ [^:]+:\ $2:\ ([^:]*)$ ]] ||
    fail "expected: $2" "actual: $output"
  remedy=${BASH_REMATCH[1]}
  [ -n "${3-}" ] || {
    send TERM producer 2>/dev/null || true
    wait "${pid[producer]}" || true # or it has seen the consumer exit
  }
  start consumer "${user[@]}" bash -c "$1; $remedy; exec ${consumer[*]}" >out
  await consumer "$WAITING"
  start_producer <<<text
  finish producer
  finish consumer
  [ "$(cat out)" = text ]
}
# bats test_tags=slow
@test "each ulimit that stops a half is named, and its remedy works" {
  local user=() half
  posix_shm
  short_of 'ulimit -Sf 0' 'ulimit -f is 0' first
  short_of 'ulimit -Sf 9' 'ulimit -f is 9' first
  # A hard limit only root may raise
  run -77 try bash -c "ulimit -f 9; exec ${consumer[*]}"
  [[ $output == *': ulimit -f is 9: as root: ulimit -f unlimited' ]]
  for half in posix_shm sysv_shm; do
    $half
    short_of_some v 1100 3200 9000
    short_of_some d 100 200 4000
  done
}
# short_of_some OPTION KIB...: of ulimit, with those values that stop the consumer,
# and not the C library before. musl needs less than glibc
short_of_some() {
  local kib found=
  for kib in "${@:2}"; do
    start_producer <<<text
    await producer "$WAITING"
    run try bash -c "ulimit -S$1 $kib; exec ${consumer[*]}"
    send TERM producer 2>/dev/null || true
    wait "${pid[producer]}" || true
    [ "$status" != 77 ] || found+=" $kib"
  done
  [ -n "$found" ] || fail "no value of ulimit -$1 stops $PAIR"
  for kib in $found; do
    short_of "ulimit -S$1 $kib" "ulimit -$1 is $kib"
  done
}
# bats test_tags=uncounted
@test "ulimit -u is named if it allows no thread" {
  local user=()
  # To root it does not apply
  [ "$(id -u)" != 0 ] || user=(setpriv --reuid 65534 --clear-groups)
  for pair in posix_shm sysv_shm; do
    $pair
    producer=("${user[@]}" "${producer[@]}")
    short_of 'ulimit -Su 1' 'ulimit -u is 1'
  done
}

# machine_lacks CAUSE: both halves end with 77 and CAUSE, a regex, and after the
# remedy that they printed a transfer works
machine_lacks() {
  local half remedy
  for half in producer consumer; do
    run -77 try "${PAIR}_$half" "$NAME" <<<text
    [[ $output =~ ^"${PAIR}_$half: "[a-z_]+\ $NAME:\ [^:]+:\ $1:\ as\ root:\ (.*)$ ]] ||
      fail "expected: $1" "actual: $output"
  done
  remedy=${BASH_REMATCH[1]}
  sh -c "$remedy"
  printf text >text
  transfer text consumer
}
as_root() {
  requires 'root and namespaces: make doctor' \
    [ "$(id -u) $ISOLATION" = '0 namespaces' ]
}
# bats test_tags=slow
@test "a full or read-only /dev/shm is named at the start" {
  local options
  as_root
  posix_shm
  for options in size=64k nr_inodes=1; do
    mount -t tmpfs -o $options small /dev/shm
    machine_lacks '/dev/shm is full'
    umount /dev/shm
  done
  mount -t tmpfs -o size=8M,ro small /dev/shm
  machine_lacks '/dev/shm is not writable'
  umount /dev/shm
}
@test "a missing /dev/shm is named, and no half waits for it" {
  as_root
  posix_shm
  echo text >text
  # An empty /dev, for these alone
  # shellcheck disable=SC2016 # the inner shell's
  run -0 try unshare -m bash -c 'mount -t tmpfs none /dev && : >/dev/null
    posix_shm_producer "$1" <text 2>refused
    echo $?
    posix_shm_consumer "$1" 2>>refused
    echo $?
    sed -n "s/.*: as root: //p;q" refused | sh
    posix_shm_producer "$1" <text 2>said &
    posix_shm_consumer "$1" 2>>said && wait $!' bash "$NAME"
  [ "$output" = $'77\n77\ntext' ] || fail "$output" "$(cat refused)"
  grep -cx 'posix_shm_.*: shm_open .*: No such file or directory: no /dev/shm: .*' \
    refused | grep -qx 2
}
@test "kernel.shmmni, shmmax and shmall are named, and their remedies work" {
  local limit
  as_root
  sysv_shm
  for limit in shmmni=0 shmmax=4096 shmall=1; do
    requires 'a writable /proc/sys' \
      sh -c "echo ${limit#*=} >/proc/sys/kernel/${limit%=*}"
    machine_lacks "kernel.${limit%=*} is ${limit#*=}"
  done
}
@test "ulimit -n is named if it allows no descriptor" {
  traced
  posix_shm # of so few the dynamic linker would need one more
  run -77 try bash -c "ulimit -Sn 64; exec strace -qq -o trace -P /dev/shm$NAME \
    -e 'inject=/^open(at)?\$:error=EMFILE' ${consumer[*]}"
  [[ $output =~ ^posix_shm_consumer:\ shm_open\ $NAME:\ $EMFILE:\ ulimit\ -n\ is\ 64:\ ulimit\ -n\ 1024$ ]]
}
# bats test_tags=slow
@test "a sandbox that refuses a call is named" {
  traced
  local error
  for error in ENOSYS EPERM; do
    posix_shm
    run -77 try strace -qq -o trace -P "/dev/shm$NAME" \
      -e "inject=/^open(at)?\$:error=$error" \
      posix_shm_consumer "$NAME"
    [[ $output == "posix_shm_consumer: shm_open $NAME: "*'a sandbox refuses it' ]]
    sysv_shm
    run -77 try strace -qq -o trace -e inject=shmget:error=$error \
      sysv_shm_consumer "$NAME"
    [[ $output == "sysv_shm_consumer: shmget $NAME: "*'a sandbox refuses it' ]]
  done
}

# --- Signals

@test "a signal that was ignored stays ignored" {
  for pair in posix_shm sysv_shm; do
    $pair
    start consumer bash -c "trap '' HUP INT; exec ${consumer[*]}" >out
    await consumer "$WAITING"
    send HUP consumer
    send INT consumer
    start_producer <<<text
    finish producer
    finish consumer
  done
}
@test "a half that waits for a peer stopped while joining can be interrupted" {
  traced
  posix_shm
  start stopped strace -qq -o trace -e inject=fallocate:signal=STOP:when=1 \
    posix_shm_producer "$NAME" </dev/null
  until grep -qs SIGSTOP trace; do :; done
  # It holds the lock of JOINING. The handler of the first Ctrl-C waits for it,
  # too; the second one ends the program
  start_producer <<<text
  asleep producer
  while send INT producer 2>/dev/null; do :; done
  finish producer 130
  continue_traced stopped
  await stopped "$WAITING"
  start_consumer >out
  finish stopped
  finish consumer
}

# --- Deaths

# second_killed FIRST CALL: the second half is killed at each of its CALLs, one
# after the other. The first one ends with it or, if they have not met, goes on
# with the next half
second_killed() {
  local second=producer n status
  [ "$1" = consumer ] || second=consumer
  for ((n = 1; ; n++)); do
    "start_$1" <<<text >out
    await "$1" "$WAITING"
    run try strace -f -qq -o trace -e "inject=$2:signal=KILL:when=$n" \
      "${PAIR}_$second" "$NAME" <<<text
    [ "$status" != 0 ] || break
    start next "${PAIR}_$second" "$NAME" <<<text >out2
    status=0
    wait "${pid[$1]}" || status=$?
    [ $status -le 1 ] || fail "$2, $n: $1 ends with $status (124: it hung)"
    await next "$WAITING|exited|: sent|: received" # it waits: it came too late
    grep -q 'sent\|received\|exited' next.err || send TERM next
    wait "${pid[next]}" || true
    objects | diff .before - || fail "left behind at $2, $n"
  done
  finish "$1"
  [ $n -gt 1 ] || fail "no $2"
}
# bats test_tags=slow
@test "posix_shm: the first half never hangs, wherever the second one is killed" {
  traced
  posix_shm
  for call in futex 'fcntl,?fcntl64' fallocate '?unlink,unlinkat'; do
    second_killed consumer "$call"
    second_killed producer "$call"
  done
}
# bats test_tags=slow
@test "sysv_shm: the first half never hangs, wherever the second one is killed" {
  traced
  sysv_shm
  for call in futex shmget shmat shmctl; do
    # If musl's unlock is killed before its wake, the kernel does not know it
    [ $call != futex ] || ! grep -q ld-musl "$(type -P sysv_shm_producer)" ||
      continue
    second_killed consumer "$call"
    second_killed producer "$call"
  done
}
@test "a half that starts after a pair has met waits for a peer of its own" {
  traced
  # The third half is stopped in CALL, and goes on when the pair is done
  late_half() { # CALL WHEN [PATH]
    rm -f trace
    start_consumer >out
    await consumer "$WAITING"
    start late strace -qq -o trace ${3:+-P "$3"} \
      -e "inject=/^($1)\$:signal=STOP:when=$2" \
      "${PAIR}_producer" "$NAME" </dev/null
    until grep -qs SIGSTOP trace; do :; done
    start_producer <<<text
    finish producer
    finish consumer
    continue_traced late
    await late "$WAITING"
    start_consumer >out
    finish late
    finish consumer
  }
  posix_shm
  late_half 'open(at)?' 2 "/dev/shm$NAME"
  sysv_shm
  late_half shmctl 1
  late_half shmat 1
}
# bats test_tags=slow
@test "300 transfers in two loops under one name: nothing is lost" {
  local times=300
  needs_two_segments # one may still be in use when the next pair starts
  for pair in posix_shm sysv_shm; do
    $pair
    start producers bash -c "for i in {1..$times}; do
      ${producer[*]} <<<\$i || exit; done" </dev/null
    start consumers bash -c "for i in {1..$times}; do
      ${consumer[*]} || exit; done" >out
    finish producers
    finish consumers
    seq $times | cmp - out
  done
}
