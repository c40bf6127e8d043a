# 06-sockets-lessons.bats - chapter 06, the lessons
load lib/helper
load lib/lessons

MAN='unix(7), socket(7)'

# bats test_tags=memcheck
@test "unix_socketpair: after shutdown the answer still arrives" {
  lesson unix_socketpair
  prints_only 'child: EOF after 16 bytes' \
    'parent: got IS ANYBODY THERE, then EOF'
  full unix_socketpair
}

# bats test_tags=memcheck
@test "unix_dgram: messages stay apart, and a full queue loses nothing" {
  lesson unix_dgram
  prints_only 'received: one' 'received: two' \
    'queue full, the sender has to wait: Resource temporarily unavailable' \
    'lost: 0'
  full unix_dgram
}

# bats test_tags=memcheck
@test "unix_abstract: the name is no file, and vanishes with its socket" {
  lesson unix_abstract
  prints_only 'the socket is open: connect: accepted' \
    'the socket was closed: connect: Connection refused' \
    'the next one: bind: nothing to remove first'
  full unix_abstract
}

# bats test_tags=memcheck
@test "unix_pass_fd: a file arrives open" {
  lesson unix_pass_fd
  prints_only 'the child has exited, its file reads: opened by the child'
  full unix_pass_fd
}
# bats test_tags=memcheck
@test "unix_extra_fds: each descriptor that arrives is open" {
  lesson unix_extra_fds
  prints_only 'sent: 3, wanted: 1, open: 3'
  full unix_extra_fds
}
# bats test_tags=memcheck
@test "unix_extra_fds_fixed: no unwanted descriptor stays open" {
  lesson unix_extra_fds_fixed
  prints_only 'sent: 3, wanted: 1, open: 1'
  full unix_extra_fds_fixed
}

# bats test_tags=memcheck
@test "unix_peer_identity: the kernel knows the client, also after its exit" {
  lesson unix_peer_identity
  prints_only 'SO_PEERCRED: the pid of the client, the uid of this user'
  full unix_peer_identity
}
# bats test_tags=memcheck
@test "unix_forged_pid: the kernel names the sender, and refuses a forged pid" {
  lesson unix_forged_pid
  prints_only "SCM_CREDENTIALS: the child's pid, this user" \
    'a forged pid: Operation not permitted'
  full unix_forged_pid
}

# serve PATH: starts an echo server, and waits until it listens
serve() {
  start server echo_server "$1"
  await server "listening on $1"
}

# echoes CONNECTIONS PATH: what the last connection sends is sent back
echoes() {
  try echo_client "$@" <"$ROOT/README.md" >back || return
  cmp "$ROOT/README.md" back
}

# sleeps NAME: that program is blocked, and does not spin
sleeps() {
  local stat i now before=
  stat=/proc/$(program "$1")/schedstat # nanoseconds on a processor, ...
  for i in {1..20}; do
    for _ in {1..20}; do /bin/true; done
    read -r now _ <"$stat"
    [ "$now" != "$before" ] || return 0
    before=$now
  done
  fail "expected: $1 sleeps" "actual: it ran each of $i times"
}

# bats test_tags=memcheck
@test "echo_server: a client gets back what it sends" {
  serve ./sock
  echoes 1 ./sock
  send TERM server
  finish server 0 'Terminated: ending.*clients served: 1$'
}

@test "echo_server: a slow reader does not stop the others, nor does its death" {
  serve ./sock
  mkfifo out
  exec {out}<>out
  rm out
  start slow sh -c 'exec echo_client 1 ./sock </dev/zero' >&$out
  await server 'a client reads slowly'
  sleeps server
  echoes 1 ./sock
  send KILL slow
  finish slow 137
  echoes 1 ./sock
  send TERM server
  finish server 0 'clients served: 3$'
  exec {out}>&-
}

@test "echo_server: a slow reader that has caught up is served as before" {
  local size=${BIG:-1000000}
  serve ./sock
  mkfifo in out
  exec {in}<>in {out}<>out
  start slow sh -c 'exec echo_client 1 ./sock <in >out'
  start sender head -c "$size" /dev/zero >&$in
  await server 'a client reads slowly'
  [ "$(head -c "$size" <&$out | wc -c)" = "$size" ]
  finish sender
  rm in out
  sleeps server
  echo once more >&$in
  [ "$(head -n 1 <&$out)" = 'once more' ]
  exec {in}>&-
  finish slow 0 "bytes echoed: $((size + 10))$"
  exec {out}<&-
  send TERM server
  finish server 0 'clients served: 1$'
}

@test "echo_server: a thousand clients may connect, of which one is served" {
  requires 'ulimit -n of 1100' test "$(ulimit -Hn)" -ge 1100
  serve ./sock
  echoes 1000 ./sock
  send TERM server
  finish server 0 'clients served: 1000$'
}

@test "echo_server: a client beyond its table is refused, others are served" {
  requires 'ulimit -n of 1200' test "$(ulimit -Hn)" -ge 1200
  ulimit -Sn 1200
  serve ./sock
  run -1 try echo_client 1100 ./sock <"$ROOT/README.md"
  [[ $output == *'the server ended: 0 of '* ]]
  # Its table is full until the server has closed these connections
  until [ "$(find "/proc/$(program server)/fd" | wc -l)" -lt 100 ]; do :; done
  echoes 1 ./sock
  send TERM server
  finish server 0
}

@test "echo_server: out of descriptors, new clients wait until one leaves" {
  start server sh -c 'ulimit -n 12; exec echo_server ./sock'
  await server 'listening on'
  mkfifo hold
  start idle sh -c 'exec echo_client 6 ./sock <hold'
  exec {hold}>hold
  rm hold
  local fds=() # until all 6 are there
  until [ ${#fds[@]} = 12 ]; do fds=("/proc/$(program server)"/fd/*); done
  start waiting echo_client 1 ./sock <"$ROOT/README.md" >back
  await server "new clients wait until one leaves: $EMFILE"
  sleeps server
  exec {hold}>&-
  finish idle 0 'bytes echoed: 0$'
  finish waiting
  cmp "$ROOT/README.md" back
  send TERM server
  finish server 0 'clients served: 7$'
}

@test "echo_server: a client that never reads does not delay its end" {
  serve ./sock
  mkfifo out
  exec {out}<>out
  rm out
  start slow sh -c 'exec echo_client 1 ./sock </dev/zero' >&$out
  await server 'a client reads slowly'
  send TERM server
  finish server 0 'Terminated: ending.*clients served: 1$'
  start reader cat <&$out >back
  finish slow 1 'the server ended: [1-9][0-9]* of [0-9]* bytes'
  send TERM reader
  finish reader 143
  exec {out}>&-
}

# bats test_tags=slow
@test "echo_server: each signal but SIGKILL removes its name, unless ignored" {
  for sig in HUP INT QUIT ALRM TERM USR1 USR2 XCPU XFSZ PROF VTALRM; do
    serve ./sock
    send $sig server
    finish server 0 'clients served: 0$'
    [ ! -e sock ]
  done
  start server sh -c 'trap "" HUP; exec echo_server ./sock'
  await server 'listening on ./sock'
  send HUP server
  echoes 1 ./sock
  send TERM server
  finish server 0 'clients served: 1$'
}

@test "echo_server: without a descriptor for any client it exits with 77" {
  start server sh -c 'ulimit -Sn 6; exec echo_server ./sock'
  await server 'listening on ./sock'
  run -1 try echo_client 1 ./sock <<<text
  finish server 77 "accept: see ulimit -n: $EMFILE"
  [ ! -e sock ]
}

@test "echo_server: a name in use is refused, and not touched" {
  serve ./sock
  run -1 try echo_server ./sock
  [[ $output =~ 'bind ./sock: '$EADDRINUSE ]]
  echoes 1 ./sock
  send TERM server
  finish server
  echo mine >file
  run -1 try echo_server ./file
  [[ $output =~ 'bind ./file: '$EADDRINUSE && $(<file) == mine ]]
}
@test "echo_server: one that was killed leaves its socket file: rm removes it" {
  serve ./sock
  send KILL server
  finish server 137
  [[ $(ls -F sock) == *= ]]
  run -1 try echo_server ./sock
  [[ $output =~ 'bind ./sock: '$EADDRINUSE ]]
  rm sock
  serve ./sock
  echoes 1 ./sock
  send TERM server
  finish server
  [ ! -e sock ]
}
@test "echo_server: continues to serve if its messages cannot be written" {
  start server sh -c 'exec echo_server ./sock >/dev/full 2>/dev/full'
  # It cannot print that it listens: connect until it echoes
  until echoes 1 ./sock 2>/dev/null; do kill -0 "${pid[server]}"; done
  send TERM server
  finish server
}
@test "echo_server: refuses wrong operands" {
  misuse echo_server
  misuse echo_server ./sock 0
  misuse echo_server ''
  misuse echo_server ./sock ''
}
@test "echo_client: megabytes go both ways at once, without a deadlock" {
  serve ./sock
  head -c "${BIG:-5000000}" /dev/zero | tr '\0' x >in
  try echo_client 3 ./sock <in >back
  cmp in back
  send TERM server
  finish server 0 'clients served: 3$'
}

@test "echo_client: refuses wrong operands, and fails without a listener" {
  misuse echo_client
  misuse echo_client 0 ./sock
  misuse echo_client 1x ./sock
  misuse echo_client 1
  misuse echo_client 1 ./sock one
  misuse echo_client 1 ''
  run -1 try echo_client 1 ./sock </dev/null
  [[ $output == *'connect ./sock: No such file or directory'* ]]
}
@test "echo_client: an input that cannot be read is an error" {
  serve ./sock
  run -1 try echo_client 1 ./sock </
  [[ $output == *'read standard input: Is a directory'* ]]
  send TERM server
  finish server
}
@test "echo_client: ends when the child that sends is killed" {
  local client child
  serve ./sock
  mkfifo idle
  exec {hold}<>idle
  echo text >idle
  start client echo_client 1 ./sock <idle >out
  await_file out
  client=$(program client)
  child=$(cat "/proc/$client/task/$client/children")
  kill -KILL "$child"
  finish client 1 'the child failed'
  exec {hold}>&-
  rm idle
  send TERM server
  finish server
}
@test "echo_client: a server that closes at once, or changes bytes, is an error" {
  requires 'socat is missing: ./setup.sh' command -v socat
  head -c 100000 /dev/zero >in
  for _ in {1..10}; do
    start server socat -d -d UNIX-LISTEN:./sock SYSTEM:true
    await server 'listening on'
    run -1 try echo_client 1 ./sock <in
    wait "${pid[server]}" || true
  done
  start server socat -d -d UNIX-LISTEN:./sock SYSTEM:'tr a b'
  await server 'listening on'
  run -1 try echo_client 1 ./sock <<<a
  [[ $output == *'the echo differs' ]]
  finish server
}
@test "echo_client: a standard output without a reader is an error" {
  serve ./sock
  head -c 300000 /dev/zero >in # more than a pipe holds
  try sh -c '{ echo_client 1 ./sock <in 2>said; echo $? >status; } | true'
  [[ $(cat status) = 1 && $(cat said) == *'write standard output: Broken pipe' ]]
  send TERM server
  finish server 0
}
@test "echo_client: a full standard output fails" {
  serve ./sock
  run -1 try sh -c 'echo_client 1 ./sock <"$1" >/dev/full' sh "$ROOT/README.md"
  [[ $output == *'write standard output: No space left on device'* ]]
  send TERM server
  finish server 0
}

# bats test_tags=memcheck
@test "stream_record: three sends are one read" {
  lesson stream_record
  prints_only 'record: onetwothree' 'records sent: 3, received: 1'
  full stream_record
}
# bats test_tags=memcheck
@test "stream_record_fixed: with a length in front, each record arrives alone" {
  lesson stream_record_fixed
  prints_only 'record: one' 'record: two' 'record: three' \
    'records sent: 3, received: 3'
  full stream_record_fixed
}
# bats test_tags=memcheck
@test "stream_framing: messages are decoded whole, wherever the stream was cut" {
  lesson stream_framing
  prints_only 'cut in two, in 17 ways: always one\|three\|' \
    'length 4294967295: refused after 4 bytes'
  full stream_framing
}

# bats test_tags=memcheck
@test "udp: without flow control datagrams are lost" {
  lesson udp
  prints_only 'sent: 1000, received: [1-9][0-9]*, lost: [1-9][0-9]*'
  full udp
}
# bats test_tags=memcheck
@test "udp_window: within a window none is lost" {
  lesson udp_window
  prints_only 'sent: 1000, received: 1000, lost: 0'
  full udp_window
}
# bats test_tags=uncounted
@test "lessons: without a free descriptor they exit with 77 and name the limit" {
  local lesson
  for lesson in stream_record stream_record_fixed udp udp_window unix_abstract \
    unix_dgram unix_extra_fds unix_extra_fds_fixed unix_forged_pid \
    unix_pass_fd unix_peer_identity unix_socketpair; do
    run --separate-stderr -77 try sh -c 'ulimit -Sn 4; exec "$0"' $lesson
    [[ $stderr =~ ^"$lesson: ".*': see ulimit -n: '$EMFILE$ ]]
  done
}
two_hosts=$ROOT/06-sockets/lessons/two_hosts.sh

@test "two_hosts.sh: the tcp pair carries a file from one host to another" {
  printf 'over a cable' >input
  lesson "$two_hosts" input
  prints_only 'b: tcp_consumer: waiting on 192\.0\.2\.2:5000' \
    'a: tcp_producer: connect 127\.0\.0\.1:5000: Connection refused.*' \
    'a: tcp_producer: sent 12 bytes in 1 write' \
    'b: tcp_consumer: received 12 bytes in 1 read' \
    "b: $(cksum <input)" "a: $(cksum <input)"
}
@test "two_hosts.sh: works if ip(8) looks up a pid in /proc, as iproute2 6.15 does" {
  lesson "$two_hosts" /dev/null # or a skip
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  mkdir bin
  cat >bin/ip <<END
#!/bin/sh
case \$5=\$6 in netns=[0-9]*)
  set -- "\$1" "\$2" "\$3" "\$4" netns "/proc/\$6/ns/net" ;;
esac
exec $(command -v ip) "\$@"
END
  chmod +x bin/ip
  run --separate-stderr -0 try env PATH="$PWD/bin:$PATH" "$two_hosts" /dev/null
}
@test "two_hosts.sh: names what is missing, and refuses wrong operands" {
  mkdir bin
  for tool in bash dirname; do ln -s "$(command -v $tool)" bin; done
  run --separate-stderr -77 env PATH="$PWD/bin" "$BASH" "$two_hosts"
  [[ $stderr == *'ip is missing: install iproute2' ]]
  run --separate-stderr -1 try "$two_hosts" none
  [[ $stderr == 'two_hosts.sh: none: cannot be read' ]]
  run --separate-stderr -2 try "$two_hosts" a b
  [[ $stderr == 'usage: two_hosts.sh [FILE]' ]]
  run --separate-stderr -2 try "$two_hosts" --no-such-option
}
@test "two_hosts.sh: an empty file arrives, too" {
  lesson "$two_hosts" /dev/null # or a skip
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  # Root without NET_ADMIN: a user namespace lends it
  lesson unshare --user --map-root-user setpriv --bounding-set=-net_admin \
    "$two_hosts" /dev/null
}
@test "two_hosts.sh: a signal ends both hosts" {
  lesson "$two_hosts" /dev/null # or a skip
  requires 'user namespaces: make doctor' unshare --user --map-root-user true
  mkfifo input # without a writer: the producer waits for its input
  exec {hold}<>input
  for sig in HUP INT TERM USR1; do
    start hosts "$two_hosts" input >out
    await_file out
    send $sig hosts
    finish hosts $((128 + $(kill -l $sig)))
    # The namespace's processes end a moment after unshare has been killed
    until [ -z "$(processes)" ]; do :; done
    rm out
  done
  exec {hold}>&-
  rm input
}
@test "echo_server and echo_client name the limit of a path" {
  local path
  for length in 106 107; do
    path=$(printf %0${length}d 0)
    serve "$path"
    echoes 1 "$path"
    send TERM server
    finish server
  done
  misuse echo_server "0$path"
  misuse echo_client 1 "0$path"
  [[ $stderr == *'at most 107 bytes'* ]]
}
@test "an ignored or blocked SIGCHLD, which is inherited, makes no difference to a lesson" {
  local program how
  for program in udp_window unix_extra_fds unix_extra_fds_fixed unix_forged_pid \
    unix_pass_fd unix_peer_identity unix_socketpair; do
    lesson env --ignore-signal=CHLD $program
  done
  start server echo_server ./s
  await server listening
  for how in ignore block; do
    lesson env --$how-signal=CHLD echo_client 1 ./s <<<text
    [ "$output" = text ]
  done
  send TERM server
  finish server
}
