# 06-sockets.bats - chapter 06, the plain pairs
load lib/helper
load lib/pairs
load lib/lessons

MAN='unix(7), tcp(7), socket(7), getaddrinfo(3)'
READY=1 # the consumer prints that it listens, then the producer starts

# tcp_pair HOST: for port 0 the kernel chooses a free one, so that no two tests
# or users need the same. The producer takes it from the line that has 'ready'
tcp_pair() {
  pair tcp "$1" 0
  # shellcheck disable=SC2016 # the inner shell's
  producer=(sh -c 'exec tcp_producer $0' ADDRESS) # two words
}

needs() {
  requires "$1 is missing: ./setup.sh" command -v "$1"
}

# bats test_tags=memcheck
@test "unix_stream carries every input unchanged" {
  pair unix_stream ./socket
  carries_everything consumer
  [ ! -e socket ]
}
# bats test_tags=memcheck
@test "unix_seqpacket carries every input unchanged" {
  pair unix_seqpacket ./socket
  carries_everything consumer
  [ ! -e socket ]
}
# bats test_tags=memcheck
@test "tcp carries every input unchanged, over IPv4" {
  tcp_pair 127.0.0.1
  carries_everything consumer
}
# bats test_tags=memcheck
@test "tcp carries every input unchanged, over IPv6" {
  requires 'no IPv6 loopback: sysctl net.ipv6.conf.lo.disable_ipv6=0' \
    grep -q ' lo$' /proc/net/if_inet6
  tcp_pair ::1
  carries_everything consumer
}

@test "each half reports what it moved, a stream in bytes, packets in messages" {
  echo hello >input
  pair unix_stream ./socket
  start_consumer >out
  await consumer '^unix_stream_consumer: ready on \./socket$'
  start_producer <input
  finish producer 0 '^unix_stream_producer: bytes sent: 6$'
  finish consumer 0 'unix_stream_consumer: bytes received: 6$'

  pair unix_seqpacket ./socket
  start_consumer >out
  await consumer '^unix_seqpacket_consumer: ready on \./socket$'
  start_producer <input
  finish producer 0 '^unix_seqpacket_producer: messages sent: 1$'
  finish consumer 0 'unix_seqpacket_consumer: messages received: 1$'

  tcp_pair 127.0.0.1
  start_consumer >out
  await consumer '^tcp_consumer: ready on 127\.0\.0\.1 [1-9][0-9]*$'
  start_producer <input
  finish producer 0 '^tcp_producer: bytes sent: 6$'
  finish consumer 0 'tcp_consumer: bytes received: 6$'
}

@test "unix_seqpacket keeps the messages apart" {
  pair unix_seqpacket ./socket
  begin_idle consumer
  echo another >idle
  end_idle
  finish producer 0 'messages sent: 2$'
  finish consumer 0 'messages received: 2$'
  [ "$(cat out)" = $'a line\nanother' ]
}

@test "a producer that starts first finds no listener" {
  run -1 try unix_stream_producer ./socket <<<early
  [ "$output" = \
    'unix_stream_producer: connect ./socket: No such file or directory' ]
  run -1 try unix_seqpacket_producer ./socket <<<early
  [ "$output" = \
    'unix_seqpacket_producer: connect ./socket: No such file or directory' ]
  run -1 try tcp_producer 127.0.0.1 1 <<<early
  [ "$output" = 'tcp_producer: connect 127.0.0.1 1: Connection refused' ]
}

@test "a consumer accepts one producer: the next one finds no listener" {
  for mech in unix_stream unix_seqpacket tcp; do
    pair $mech ./socket
    [ $mech != tcp ] || tcp_pair 127.0.0.1
    begin_idle consumer
    run -1 try "${producer[@]/ADDRESS/$(address consumer)}" <<<second
    [[ $output =~ ': No such file or directory'$|': Connection refused'$ ]]
    end_idle
    finish producer
    finish consumer
    [ "$(cat out)" = 'a line' ]
    rm out
  done
}

@test "a full standard output fails the consumer" {
  pair unix_stream ./socket
  full_output consumer
  pair unix_seqpacket ./socket
  full_output consumer
  tcp_pair 127.0.0.1
  full_output consumer
}

@test "wrong operands print the usage" {
  for half in producer consumer; do
    misuse unix_stream_$half
    misuse unix_stream_$half ./socket ./socket
    misuse unix_seqpacket_$half
    misuse unix_seqpacket_$half ./socket ./socket
    misuse tcp_$half 127.0.0.1
    misuse tcp_$half 127.0.0.1 1 2
  done
}

@test "a path has at most 107 bytes" {
  local path
  path=$(printf %0107d 0)
  for mech in unix_stream unix_seqpacket; do
    pair $mech "$path"
    start_consumer >out
    await_start consumer
    start_producer <<<text
    finish producer
    finish consumer
    run -2 try ${mech}_consumer "0$path"
    run -2 try ${mech}_producer "0$path" <<<text
    [[ $output == *'(PATH: at most 107 bytes)' ]]
  done
}

@test "tcp: the error names a host without an address" {
  run -1 try tcp_producer 256.0.0.1 1 <<<text
  [[ $output == 'tcp_producer: 256.0.0.1 1: '* ]]
  run -1 try tcp_consumer 256.0.0.1 1
  [[ $output == 'tcp_consumer: 256.0.0.1 1: '* ]]
  # 192.0.2.0/24 is for documentation: no machine has an address in it
  run -1 try tcp_consumer 192.0.2.1 0
  [[ $output =~ ^'tcp_consumer: bind 192.0.2.1 0: '$EADDRNOTAVAIL$ ]]
}

@test "socat stands in for each producer" {
  needs socat
  head -c 1000000 /dev/urandom >input

  start consumer unix_stream_consumer ./socket >out
  await_start consumer
  try socat -u FILE:input UNIX-CONNECT:./socket
  finish consumer 0 'bytes received: 1000000$'
  cmp input out

  start consumer unix_seqpacket_consumer ./socket >out
  await_start consumer
  try socat -u FILE:input UNIX-CONNECT:./socket,type=5
  finish consumer
  cmp input out

  start consumer tcp_consumer 127.0.0.1 0 >out
  await_start consumer
  port=$(sed 's/.* //' consumer.err)
  try socat -u FILE:input "TCP:127.0.0.1:$port"
  finish consumer 0 'bytes received: 1000000$'
  cmp input out
}

@test "socat stands in for each consumer" {
  needs socat
  head -c 1000000 /dev/urandom >input

  start consumer socat -d -d -u UNIX-LISTEN:./socket - >out
  await consumer 'listening on'
  try unix_stream_producer ./socket <input
  finish consumer
  cmp input out

  # A message that does not fit socat's buffer would be cut
  start consumer socat -d -d -u -b 65536 UNIX-LISTEN:./socket,type=5 - >out
  await consumer 'listening on'
  try unix_seqpacket_producer ./socket <input
  finish consumer
  cmp input out

  start consumer socat -d -d -u TCP-LISTEN:0,bind=127.0.0.1 - >out
  await consumer 'listening on'
  port=$(sed -n 's/.* listening on AF=2 127.0.0.1://p' consumer.err)
  try tcp_producer 127.0.0.1 "$port" <input
  finish consumer
  cmp input out
}

@test "nc stands in for either half of unix_stream and tcp" {
  requires 'the OpenBSD nc is missing: ./setup.sh' \
    sh -c 'nc -h 2>&1 | grep -q OpenBSD'
  head -c 1000000 /dev/urandom >input

  start consumer unix_stream_consumer ./socket >out
  await_start consumer
  try nc -N -U ./socket <input
  finish consumer
  cmp input out

  start consumer nc -v -l -U ./socket >out
  await consumer Listening
  try unix_stream_producer ./socket <input
  finish consumer
  cmp input out
  rm socket

  start consumer tcp_consumer 127.0.0.1 0 >out
  await_start consumer
  port=$(sed 's/.* //' consumer.err)
  try nc -N 127.0.0.1 "$port" <input
  finish consumer
  cmp input out

  start consumer nc -v -n -l 127.0.0.1 0 >out </dev/null
  await consumer Listening
  port=$(sed -n 's/^Listening on .* //p' consumer.err)
  try tcp_producer 127.0.0.1 "$port" <input
  finish consumer
  cmp input out
}

@test "bash alone is a tcp producer" {
  start consumer tcp_consumer 127.0.0.1 0 >out
  await_start consumer
  port=$(sed 's/.* //' consumer.err)
  echo hello >"/dev/tcp/127.0.0.1/$port"
  finish consumer 0 'bytes received: 6$'
  [ "$(cat out)" = hello ]
}

# What the plain pairs do not survive, and the robust ones do

@test "a consumer killed while it waits leaves its socket file: rm removes it" {
  for mech in unix_stream unix_seqpacket; do
    pair $mech ./socket
    start_consumer >out
    await_start consumer
    send KILL consumer
    finish consumer 137
    [[ $(ls -l socket) == s* ]]
    run -1 try ${mech}_producer ./socket <<<text
    [[ $output == *'connect ./socket: Connection refused' ]]
    run -1 try ${mech}_consumer ./socket
    [[ $output =~ 'bind ./socket: '$EADDRINUSE$ ]]

    rm socket
    start_consumer >out
    await_start consumer
    start_producer <<<text
    finish producer
    finish consumer
  done
}

@test "a port check looks like a producer with an empty input" {
  requires 'the OpenBSD nc is missing: ./setup.sh' \
    sh -c 'nc -h 2>&1 | grep -q OpenBSD'
  pair unix_stream ./socket
  start_consumer >out
  await_start consumer
  try nc -z -U ./socket
  finish consumer 0 'bytes received: 0$'
  tcp_pair 127.0.0.1
  start_consumer >out
  await_start consumer
  # shellcheck disable=SC2046 # two words
  try nc -z $(address consumer)
  finish consumer 0 'bytes received: 0$'
}

@test "socat without -b65536 keeps 8192 bytes of each message" {
  needs socat
  head -c 588895 /dev/urandom >input # 9 messages
  for size in 73728 588895; do
    options=()
    [ $size = 73728 ] || options=(-b65536)
    start consumer socat -d -d -u "${options[@]}" UNIX-LISTEN:./socket,type=5 - >out
    await consumer 'listening on'
    try unix_seqpacket_producer ./socket <input
    finish consumer
    [ "$(stat -c %s out)" = $size ]
  done
}

@test "a killed producer looks like one that has finished" {
  for mech in unix_stream unix_seqpacket tcp; do
    pair $mech ./socket
    [ $mech != tcp ] || tcp_pair 127.0.0.1
    begin_idle consumer
    send KILL producer
    finish producer 137
    finish consumer 0 'received: [17]$'
    end_idle
    rm out
  done
}

@test "a producer that sends notices that its consumer was killed" {
  for mech in unix_stream unix_seqpacket tcp; do
    pair $mech ./socket
    [ $mech != tcp ] || tcp_pair 127.0.0.1
    mkfifo out
    exec {out}<>out
    rm out
    start_consumer >&$out
    await_start consumer
    start_producer </dev/zero
    [ "$(head -c 1 <&$out | wc -c)" = 1 ] # the transfer has begun
    send KILL consumer
    finish consumer 137
    finish producer 1 'send.*: (Broken pipe|Connection reset by peer)$'
    exec {out}>&-
  done
}

@test "a producer that waits for input does not notice that its consumer died" {
  for mech in unix_stream unix_seqpacket; do
    pair $mech ./socket
    begin_idle consumer
    send KILL consumer
    finish consumer 137
    asleep producer
    echo another >idle
    finish producer 1 'send ./socket: Broken pipe$'
    end_idle
    rm out
  done
}

@test "bytes that tcp sends to a killed consumer are lost, but reported as sent" {
  tcp_pair 127.0.0.1
  begin_idle consumer
  send KILL consumer
  finish consumer 137
  echo another >idle
  end_idle
  finish producer 0 'bytes sent: 15$'
  [ "$(cat out)" = 'a line' ]
}

@test "a killed tcp consumer keeps its port in use for a minute" {
  tcp_pair 127.0.0.1
  begin_idle consumer
  send KILL consumer
  finish consumer 137
  end_idle
  finish producer
  port=$(sed 's/.* //' consumer.err)
  run -1 try tcp_consumer 127.0.0.1 "$port"
  [[ $output =~ "bind 127.0.0.1 $port: "$EADDRINUSE$ ]]
}
