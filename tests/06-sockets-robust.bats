# 06-sockets-robust.bats - chapter 06, the robust pairs
load lib/helper
load lib/pairs

MAN='unix(7), tcp(7), socket(7), getaddrinfo(3)'

# listener PAIR [NAME]: the producer gets the name that the consumer prints. For
# port 0 the kernel chooses a free one, so that no two tests need the same
listener() {
  local name=./socket
  [ "$1" != tcp ] || name=127.0.0.1:0
  pair "$1" "${2-$name}"
  producer[1]=ADDRESS
}
GONE='has exited|Broken pipe|reset by peer'

needs() {
  requires "$1 is missing: ./setup.sh" command -v "$1"
}

notices_that_the_reader_has_exited() {
  for sig in KILL TERM; do
    begin_idle consumer
    send $sig consumer
    finish producer 1 'the consumer has exited'
    finish consumer $((128 + $(kill -l $sig)))
    end_idle
    rm out
  done
}

serves_one_producer() {
  begin_idle consumer
  run -1 try "${PAIR}_producer" "$(address consumer)" <<<intruder
  [[ $output == *"start ${PAIR}_consumer"* ]]
  printf 'another\n' >idle
  end_idle
  finish producer 0 'sent 15 bytes in 2 (message|write)s'
  finish consumer 0 'received 15 bytes in 2 (message|read)s'
  [ "$(cat out)" = $'a line\nanother' ]
}

says_what_to_start() {
  run -1 try "$1_producer" "$2" <<<early
  [ "$output" = "$1_producer: connect $2: $3: start $1_consumer $2 first" ]
}

refuses_second_consumer() {
  start_consumer >out
  await consumer "$WAITING"
  run -1 try "${PAIR}_consumer" "$(address consumer)"
  [[ $output == "${PAIR}_consumer: ./socket: another consumer is at work" ||
    ($PAIR = tcp && $output =~ $EADDRINUSE) ]]
  start_producer <<<unharmed
  finish producer
  finish consumer
  [ "$(cat out)" = unharmed ]
}

takes_over_stale_file() {
  start_consumer >out
  await consumer "$WAITING"
  [ "$(stat -c %A socket)" = srw------- ]
  send KILL consumer
  finish consumer 137
  [ -S socket ]
  run -1 try "${PAIR}_producer" ./socket <<<early
  [[ $output == *"Connection refused: start ${PAIR}_consumer"* ]]
  printf late >next
  transfer next consumer
  [ ! -e socket ]
}

refuses_what_is_no_socket() {
  echo precious >file
  ln -s file link
  ln -s nowhere dangling
  mkfifo fifo
  local cause
  for NAME in ./file ./link ./dangling ./fifo ./no/folder; do
    run -1 try "${PAIR}_consumer" $NAME
    cause="$NAME: a file of uid $(id -u): choose another path"
    [ $NAME != ./no/folder ] || cause="bind $NAME: No such file or directory"
    [ "$output" = "${PAIR}_consumer: $cause" ]
    run -1 try "${PAIR}_producer" $NAME <file
    [[ $output == *"connect $NAME: "* ]]
  done
  [ "$(cat file)" = precious ]
  [ -p fifo ] && [ -L link ] && [ -L dangling ] && [ ! -e nowhere ]
  rm fifo
}

# The abstract name of this test and no other: unlike a path, it is the same for
# all, and BATS_TEST_TMPDIR may be longer than a socket's name can be
abstract_name() { echo "${BATS_TEST_TMPDIR#"${BATS_RUN_TMPDIR%/*}"/}"; }

abstract() {
  listener "$PAIR" "@$(abstract_name)"
  head -c 5000 /dev/urandom >next
  transfer next consumer
  find . -name '*@*' -o -type s | diff - /dev/null
  start_consumer >out
  await consumer "$WAITING"
  run -1 try "${PAIR}_consumer" "$NAME"
  [ "$output" = "${PAIR}_consumer: $NAME: another consumer is at work" ]
  send KILL consumer
  finish consumer 137
  transfer next consumer
}

checks_user() {
  requires 'root, to be another user' \
    [ "$(id -u)" = 0 ]
  listener "$PAIR" "@$(abstract_name)"
  start_consumer >out
  await consumer "$WAITING"
  run -1 try setpriv --reuid=65534 --regid=65534 --clear-groups \
    "${PAIR}_producer" "$NAME" <<<foreign
  [[ $output == *'a consumer of another user'* ]]
  await consumer 'refused a producer of another user'
  start_producer <<<own
  finish producer
  finish consumer
  [ "$(cat out)" = own ]
}

# default_name REGEX: what the halves meet at when none is given
default_name() {
  one_at_a_time
  printf hello >input
  start consumer "${PAIR}_consumer" >out
  await consumer "^${PAIR}_consumer: waiting on $1$"
  start producer "${PAIR}_producer" <input
  finish producer
  finish consumer
  cmp input out
  [ ! -e "$1" ]
}

# stand_in_producer COMMAND...: another program that sends input
stand_in_producer() {
  head -c 1000000 /dev/urandom >input
  start_consumer >out
  await consumer "$WAITING"
  try "$@"
  finish consumer 0 'received 1000000 bytes'
  cmp input out
}

# stand_in_consumer PATTERN COMMAND...: ready when it prints that; writes out. PORT is
# a sed script that finds the port, of tcp, in what it prints
stand_in_consumer() {
  local ready=$1
  shift
  head -c 1000000 /dev/urandom >input
  start consumer "$@" </dev/null >out
  await consumer "$ready"
  [ "$PAIR" != tcp ] || NAME=127.0.0.1:$(sed -n "$PORT" consumer.err)
  start producer "${PAIR}_producer" "$NAME" <input
  finish producer 0 'sent 1000000 bytes'
  finish consumer
  cmp input out
}

# The names that programs take by default are not separated by namespaces here:
# this user's tests of them run one at a time
one_at_a_time() {
  [ "$ISOLATION" = none ] || { exec {turn}<"$HOME" && flock $turn; }
}

# bats test_tags=memcheck
@test "unix_stream carries every input unchanged" {
  listener unix_stream
  carries_everything consumer
}
# bats test_tags=memcheck
@test "unix_seqpacket carries every input unchanged" {
  listener unix_seqpacket
  carries_everything consumer
}
# bats test_tags=memcheck
@test "tcp carries every input unchanged" {
  listener tcp
  carries_everything consumer
}
# bats test_tags=memcheck
@test "tcp carries every input unchanged over IPv6" {
  requires 'no IPv6 loopback: sysctl net.ipv6.conf.lo.disable_ipv6=0' \
    grep -q ' lo$' /proc/net/if_inet6
  listener tcp '[::1]:0'
  BIG=1000000
  carries_everything consumer
  [[ $(address consumer) == '[::1]:'* ]]
}
@test "unix_stream uses the user's own name when none is given" {
  listener unix_stream
  default_name "/tmp/linux-ipc-$(id -u).stream"
}
@test "unix_seqpacket uses the user's own name when none is given" {
  listener unix_seqpacket
  default_name "/tmp/linux-ipc-$(id -u).seqpacket"
}
@test "tcp uses the user's own port of 127.0.0.1 when none is given" {
  listener tcp
  default_name "(127\.0\.0\.1|\[::1\]):$((20000 + $(id -u) % 10000))"
}
@test "a consumer alone waits, and SIGTERM, SIGINT and SIGHUP clean up" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    for sig in TERM INT HUP; do ends_alone consumer $sig; done
  done
}
@test "a producer alone names the consumer to start" {
  for p in unix_stream unix_seqpacket; do
    says_what_to_start $p ./socket 'No such file or directory'
    says_what_to_start $p "@$(abstract_name)" 'Connection refused'
  done
  says_what_to_start tcp 127.0.0.1:1 'Connection refused'
}
@test "the socket file of a killed unix_stream consumer is taken over" {
  listener unix_stream
  takes_over_stale_file
}
@test "the socket file of a killed unix_seqpacket consumer is taken over" {
  listener unix_seqpacket
  takes_over_stale_file
}
@test "a consumer that waits is not disturbed by a second one" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    refuses_second_consumer
  done
}
@test "a consumer serves one producer; the next one finds no listener" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    serves_one_producer
    rm out
  done
}
@test "of two consumers that find one stale file, one takes it over" {
  needs_strace
  for p in unix_stream unix_seqpacket; do
    listener $p
    ends_alone consumer KILL
    lock=$(stat -c '%d %i' socket | xargs printf '@linux-ipc-%x-%x')
    # The slow one removes the file some time after it has found it stale
    start slow strace -qq -o trace \
      -e inject=?unlink,unlinkat:delay_enter=300000:when=1 \
      "${consumer[@]}" >slow.out
    until grep -q "$lock" /proc/net/unix; do
      kill -0 "${pid[slow]}"
    done
    run -1 try "${consumer[@]}"
    [ "$output" = "${p}_consumer: ./socket: another consumer is at work" ]
    await slow "$WAITING"
    start producer "${p}_producer" ./socket <<<text
    finish producer
    finish slow
    [ "$(cat slow.out)" = text ]
  done
}
# bats test_tags=slow
@test "of many consumers that find one stale file, one listens" {
  local each left
  for p in unix_stream unix_seqpacket; do
    listener $p
    for _ in {1..5}; do
      ends_alone consumer KILL
      for each in a b c d; do start $each "${consumer[@]}" >$each.out; done
      left=0
      for each in a b c d; do
        await $each "$WAITING|another consumer is at work"
        if grep -q "$WAITING" $each.err; then
          left=$((left + 1))
        else
          finish $each 1
        fi
      done
      [ $left = 1 ]
      start producer "${p}_producer" ./socket <<<text
      finish producer
      for each in a b c d; do wait "${pid[$each]}" || true; done
      [ "$(cat ./?.out)" = text ]
    done
  done
}
@test "a consumer whose file was removed does not remove the next one's" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    for sig in TERM KILL; do
      start old "${consumer[@]}"
      await old "$WAITING"
      rm socket
      start_consumer >out
      await consumer "$WAITING"
      send $sig old
      finish old $((128 + $(kill -l $sig)))
      start_producer <<<text
      finish producer
      finish consumer
      [ "$(cat out)" = text ]
    done
  done
}
@test "a signal that was ignored at the start stays ignored, as under nohup" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    consumer=(sh -c 'trap "" HUP INT; exec "$0" ./socket' "${p}_consumer")
    start_consumer >out
    await consumer "$WAITING"
    send HUP consumer
    send INT consumer
    start_producer <<<text
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  done
}
@test "a producer that was never accepted fails, however little it sends" {
  local input
  : >empty
  echo text >text
  for p in unix_stream unix_seqpacket tcp; do
    for input in empty text; do
      listener $p
      mkfifo idle
      exec {hold}<>idle
      start_both consumer idle out
      asleep producer
      start late "${p}_producer" "$(address consumer)" <$input
      asleep late
      echo first >idle
      await_file out
      finish late 1 "$GONE|Connection refused"
      end_idle
      finish producer
      finish consumer
      [ "$(cat out)" = first ]
      rm out
    done
  done
}
@test "a connection that sent nothing is no transfer: the consumer waits on" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    mkfifo idle
    exec {hold}<>idle
    start_both consumer idle out
    asleep producer
    send KILL producer
    finish producer 137
    await consumer 'refused a producer that sent nothing'
    end_idle
    start_producer <<<text
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  done
}
@test "a port check is no transfer, and nc with an empty input is one" {
  requires 'the OpenBSD nc is missing: ./setup.sh' \
    sh -c 'nc -h 2>&1 | grep -q OpenBSD'
  listener unix_stream
  start_consumer >out
  await consumer "$WAITING"
  try nc -z -U ./socket
  await consumer 'refused a producer that sent nothing'
  try nc -N -U ./socket </dev/null
  finish consumer 0 'received 0 bytes'
  listener tcp
  start_consumer >out
  await consumer "$WAITING"
  # shellcheck disable=SC2046 # two words
  try nc -z $(address consumer | tr : ' ')
  await consumer 'refused a producer that sent nothing'
  start_producer </dev/null
  finish producer
  finish consumer 0 'received 0 bytes'
}
# bats test_tags=uncounted
@test "without a free descriptor it exits with 77, and its remedy helps" {
  local remedy
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    consumer=(sh -c 'ulimit -Sn 4; eval "$1"; exec "$0" "$2"'
      "${p}_consumer" : "$NAME")
    start_consumer >out
    await consumer "$WAITING"
    start_producer <<<text
    wait "${pid[producer]}" || true
    finish consumer 77 "$EMFILE: ulimit -n is 4: ulimit -n 1024$"
    [ ! -e socket ]
    remedy=$(sed -n '$s/.*: //p' consumer.err)
    consumer[4]=$remedy
    start_consumer >out
    await consumer "$WAITING"
    start_producer <<<text
    finish producer
    finish consumer
    [ "$(cat out)" = text ]
  done
}
# bats test_tags=slow
@test "if a sandbox refuses a call, 77 and the message name it" {
  needs_strace
  local error half call name
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    for error in EPERM ENOSYS; do
      for call in consumer:socket consumer:bind consumer:listen \
        producer:socket producer:connect; do
        half=${call%:*} call=${call#*:} name=$NAME
        [ "$p $half" != "tcp producer" ] || name=127.0.0.1:1 # nobody listens there
        run -77 try strace -qq -o trace -e "inject=$call:error=$error" \
          "${p}_$half" "$name" </dev/null
        [[ $output == "${p}_$half: "*" ${name%0}"*': '*'a sandbox refuses it' ]]
        rm -f socket
      done
    done
  done
}
# bats test_tags=slow
@test "if a sandbox refuses a socket's option, 77 and the message name it" {
  needs_strace
  local refuse=(strace -qq -o trace -e inject=setsockopt:error=EPERM) half
  for half in producer consumer; do
    run -77 try "${refuse[@]}" tcp_$half 127.0.0.1:1 </dev/null
    [[ $output == "tcp_$half: setsockopt SO_LINGER: "*'a sandbox refuses it' ]]
  done
  listener unix_seqpacket
  consumer=("${refuse[@]}" "${consumer[@]}")
  start_consumer >out
  await consumer "$WAITING"
  start_producer <<<text
  finish consumer 77 'setsockopt SO_PASSCRED: .*a sandbox refuses it'
  finish producer 1
}
@test "if a socket's buffer is too small for a packet, 77 names the limit" {
  needs_strace
  listener unix_seqpacket
  start_consumer >out
  await consumer "$WAITING"
  run -77 try strace -qq -o trace -e 'inject=/^send(to)?$:error=EMSGSIZE' \
    unix_seqpacket_producer ./socket <<<text
  [[ $output == *': net.core.wmem_default is too small: as root: echo 212992 '* ]]
  end consumer TERM
}

# forbidden HALF ADDRESS SETUP PATTERN: in a new network namespace, after SETUP,
# it exits with 77 and PATTERN. With its remedy a pair works there
forbidden() {
  requires 'a network namespace: make doctor' unshare -rn true
  rm -f err
  run -0 try unshare -rn sh -c '
    eval "$3"
    setpriv --bounding-set=-net_bind_service "tcp_$1" "$2" <in 2>said
    [ $? = 77 ] && cat said
    eval "$(sed "s/.*: //" said)"
    setpriv --bounding-set=-net_bind_service tcp_consumer "$2" >out 2>err &
    until grep -q waiting err; do kill -0 $! || exit; done
    tcp_producer "$2" <in && wait $!' sh "$1" "$2" "$3"
  [[ $output =~ $4 ]] || fail "expected: $4" "actual: $output"
  cmp in out
}
@test "tcp: if the network forbids it, exit 77, and each remedy helps" {
  local ipv6='lo has no IPv6: as root: ip link set lo up'
  local port=/proc/sys/net/ipv4/ip_local_port_range
  echo text >in
  forbidden producer 127.0.0.1:5000 : 'lo is down: as root: ip link set lo up'
  if [ -n "$(getent hosts localhost)" ]; then # a new machine may not know it
    forbidden producer localhost:5000 : 'lo is down: as root: ip link set lo up'
  fi
  forbidden consumer 127.0.0.1:80 'ip link set lo up' \
    'ip_unprivileged_port_start is 1024: as root: echo 80 >/proc/sys'
  requires 'no IPv6 in this kernel' test -e /proc/sys/net/ipv6
  forbidden consumer '[::1]:5000' : "$ipv6"
  forbidden producer '[::1]:5000' 'ip link set lo up
    echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6' "$ipv6"
}
@test "tcp: with all ports in use it exits with 77, and the remedy helps" {
  requires 'a network namespace: make doctor' unshare -rn true
  run -0 try unshare -rn sh -c '
    ip link set lo up
    echo 4000 4000 >/proc/sys/net/ipv4/ip_local_port_range
    tcp_consumer 127.0.0.1:4000 >out 2>err &
    until grep -q waiting err; do :; done
    tcp_consumer 127.0.0.1:0 2>said
    [ $? = 77 ] && cat said
    eval "$(sed "s/.*: //" said)"
    echo text | tcp_producer 127.0.0.1:4000 && wait $!'
  [[ $output == *'ip_local_port_range is 4000'*': as root: echo 1024 65535 >'* ]]
}
@test "an interrupted wait for the first byte does not take a port check for a transfer" {
  needs_strace
  local kind type=''
  echo text >input
  for kind in stream seqpacket; do
    pair unix_$kind ./s
    [ $kind = stream ] || type=,type=5
    consumer=(strace -qq -o trace -e inject=recvfrom:error=EINTR:when=1
      "${consumer[@]}")
    start_consumer >out
    await consumer "$WAITING"
    try socat -u /dev/null "UNIX-CONNECT:./s$type,shut-none"
    await consumer 'sent nothing'
    start_producer <input
    finish producer
    finish consumer
    cmp input out
  done
}
@test "tcp: without a listener a producer does not connect to itself" {
  requires 'a network namespace: make doctor' unshare -rn true
  # One port is left for its own end of the connection: that of the other end
  run -1 try unshare -rn sh -c '
    ip link set lo up
    echo 4000 4000 >/proc/sys/net/ipv4/ip_local_port_range
    echo text | tcp_producer 127.0.0.1:4000'
  [[ $output == *'start tcp_consumer 127.0.0.1:4000 first' ]]
}
@test "a killed unix_stream consumer fails its producer" {
  listener unix_stream
  for sig in KILL TERM; do survives consumer $sig consumer 1 "$GONE"; done
}
@test "a killed unix_seqpacket consumer fails its producer" {
  listener unix_seqpacket
  for sig in KILL TERM; do survives consumer $sig consumer 1 "$GONE"; done
}
@test "a killed tcp consumer resets the connection" {
  listener tcp
  for sig in KILL TERM; do survives consumer $sig consumer 1 "$GONE"; done
}
@test "if a unix_stream producer is killed, its consumer gets EOF" {
  listener unix_stream
  for sig in KILL TERM; do
    survives producer $sig consumer 0 'unix_stream_consumer: received'
  done
}
@test "a killed unix_seqpacket producer has sent no end: its consumer fails" {
  listener unix_seqpacket
  for sig in KILL TERM; do
    survives producer $sig consumer 1 'the producer died unfinished'
  done
}
@test "a killed tcp producer resets the connection, and its consumer fails" {
  listener tcp
  for sig in KILL TERM; do
    survives producer $sig consumer 1 'Connection reset by peer'
  done
}
@test "a producer without input notices that its consumer has exited" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    notices_that_the_reader_has_exited
  done
}
@test "unix_stream and unix_seqpacket fail when standard output is full" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    full_output consumer
  done
}
@test "tcp fails when standard output is full, and its producer notices" {
  listener tcp
  full_output consumer
  start_consumer >/dev/full
  await consumer "$WAITING"
  start_producer <<<'short enough for one packet'
  finish consumer 1 'No space left on device'
  finish producer 1 "$GONE"
}
@test "tcp names a consumer that has reset before all is sent" {
  needs_strace
  listener tcp
  start_consumer >/dev/full
  await consumer "$WAITING"
  send STOP consumer
  # The producer is stopped after it has met EOF, before it calls shutdown
  producer=(strace -qq -o trace -e inject=setsockopt:signal=STOP:when=2
    "${producer[@]}")
  start_producer <<<text
  until grep -qs SIGSTOP trace; do :; done
  send CONT consumer
  finish consumer 1 'No space left on device'
  continue_traced producer
  finish producer 1 'the consumer has exited'
}
@test "a host that has no address here is named, with the reason" {
  run -1 try tcp_producer 256.0.0.1:1 <<<x
  [[ $output == 'tcp_producer: getaddrinfo 256.0.0.1:1: '* ]]
  # 192.0.2.0/24 is for documentation: no machine has it
  run -1 try tcp_consumer 192.0.2.1:0
  [[ $output =~ ^'tcp_consumer: bind 192.0.2.1:0: '$EADDRNOTAVAIL ]]
}
@test "a file that is no socket of this user is refused and not touched" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    refuses_what_is_no_socket
    rm file link dangling
  done
}
@test "an abstract name is no file, and is free when its owner is killed" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    abstract
  done
}
@test "each half of a Unix pair refuses a peer of another user" {
  for p in unix_stream unix_seqpacket; do
    listener $p
    checks_user
  done
}
@test "unix_seqpacket keeps the messages apart, as they were written" {
  listener unix_seqpacket
  begin_idle consumer
  printf 'two\n' >idle
  end_idle
  finish producer 0 'sent 11 bytes in 2 messages'
  finish consumer 0 'received 11 bytes in 2 messages'
}
@test "a packet longer than the contract allows is refused" {
  needs socat
  listener unix_seqpacket
  start_consumer >out
  await consumer "$WAITING"
  head -c 65537 /dev/zero >input
  try socat -u -b 70000 FILE:input UNIX-CONNECT:./socket,type=5 || true
  finish consumer 1 'a message of more than 65536 bytes'
  [ ! -s out ]
}
@test "EOF without the empty packet is a producer that died" {
  needs socat
  listener unix_seqpacket
  start_consumer >out
  await consumer "$WAITING"
  printf half >input
  try socat -u FILE:input UNIX-CONNECT:./socket,type=5
  finish consumer 1 'the producer died unfinished'
  [ "$(cat out)" = half ]
}
@test "a port is free again while an earlier connection to it still lives" {
  listener tcp
  begin_idle consumer
  start twin tcp_consumer "$(address consumer)" >out2
  await twin "$WAITING"
  end_idle
  finish producer
  finish consumer
  start producer tcp_producer "$(address consumer)" <<<second
  finish producer
  finish twin
  [ "$(cat out out2)" = $'a line\nsecond' ]
}
@test "socat stands in for each producer" {
  needs socat
  listener unix_stream
  stand_in_producer socat -u FILE:input UNIX-CONNECT:./socket
  listener "$PAIR" "@$(abstract_name)"
  stand_in_producer socat -u FILE:input "ABSTRACT-CONNECT:$(abstract_name)"
  listener unix_seqpacket
  stand_in_producer socat -u FILE:input UNIX-CONNECT:./socket,type=5,shut-null
  listener tcp
  stand_in_producer sh -c 'socat -u FILE:input \
    TCP:"$(sed "s/.* waiting on //" consumer.err)"'
}
@test "socat stands in for each consumer" {
  needs socat
  listener unix_stream
  stand_in_consumer 'listening on' socat -d -d -u UNIX-LISTEN:./socket -
  listener "$PAIR" "@$(abstract_name)"
  stand_in_consumer 'listening on' \
    socat -d -d -u "ABSTRACT-LISTEN:$(abstract_name)" -
  listener unix_seqpacket
  stand_in_consumer 'listening on' \
    socat -d -d -u -b 65536 UNIX-LISTEN:./socket,type=5 -
  listener tcp
  PORT='s/.* listening on AF=2 127.0.0.1://p'
  stand_in_consumer 'listening on' \
    socat -d -d -u TCP-LISTEN:0,bind=127.0.0.1 -
}
@test "nc stands in for either half of unix_stream and tcp" {
  requires 'the OpenBSD nc is missing: ./setup.sh' \
    sh -c 'nc -h 2>&1 | grep -q OpenBSD'
  listener unix_stream
  stand_in_producer sh -c 'nc -N -U ./socket <input'
  stand_in_consumer 'Listening' nc -v -l -U ./socket
  rm socket
  listener tcp
  stand_in_producer sh -c 'nc -N $(sed "s/.* waiting on //; s/:/ /" \
    consumer.err) <input'
  PORT='s/^Listening on .* //p'
  stand_in_consumer 'Listening' nc -v -n -l 127.0.0.1 0
}
@test "every socket is closed by exec" {
  for p in unix_stream unix_seqpacket tcp; do
    listener $p
    begin_idle consumer
    for half in producer consumer; do
      local victim sockets=0
      victim=$(program $half)
      for fd in "/proc/$victim/fd/"*; do
        [[ $(readlink "$fd") == socket:* ]] || continue
        sockets=$((sockets + 1))
        flags=$(awk '$1 == "flags:" { print $2 }' "${fd/fd/fdinfo}")
        (((0$flags & 02000000) != 0)) || fail "$p $half: $fd: flags $flags"
      done
      # The connection, and nothing else: the listener is closed
      [ $sockets = 1 ]
    done
    end_idle
    finish producer
    finish consumer
    rm out
  done
}
