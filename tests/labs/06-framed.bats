# 06-framed.bats - task framed of 06-sockets/lab: messages over a stream
load lab
load 06

serve() {
  begin server serve
  expect_line server 'port [1-9]*'
  port=${line#port }
}
reversed() { perl -lpe '$_ = reverse'; } # each line, as rev(1) does
# ask TEXT [ANSWER]: a client sends the lines, and prints their answers
ask() {
  go send "$port" <<<"$1"
  expect_out "${2-$(reversed <<<"$1")}"
  expect_status 0
}
# fake BYTES: a server that takes one frame of one character, and answers with
# these bytes, each when the one before it was read. Then it closes
fake() {
  : >fake.port
  launch perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
    syswrite STDOUT, $s->sockport . "\n";
    my $c = $s->accept or die;
    my $at = sprintf ":%04X", $s->sockport;
    for (1 .. 5) { sysread $c, my $byte, 1 or exit }
    for (split //, eval "\"$ARGV[0]\"") {
      syswrite $c, $_;
      for (1 .. 50) {
        open my $rows, "<", "/proc/net/tcp";
        last if !grep { / \S+ [0-9A-F]+$at 01 \S+:(?!00000000)/ } <$rows>;
        select undef, undef, undef, 0.01;
      }
    }' "$1" >fake.port 2>/dev/null &
  pid[fake]=$!
  within_patience [ -s fake.port ] || fail 'no fake server'
  port=$(<fake.port)
}

unfake() {
  kill "${pid[fake]}" 2>/dev/null || true
  wait "${pid[fake]}" || true
}

# bats test_tags=points:1,hint:1
@test "each line is answered by its characters in reverse order" {
  serve
  ask $'abc\n\nhello there' $'cba\n\nereht olleh'
  ask x
  stop server
}
# bats test_tags=points:1,hint:2
@test "the frames are those of the task, byte for byte" {
  serve
  connect
  send_bytes "$to" '\0\0\0\3abc'
  expect_bytes "$to" '\0\0\0\3cba'
  send_bytes "$to" '\0\0\0\0\0\0\0\4a\0\n\0377'
  expect_bytes "$to" '\0\0\0\0\0\0\0\4\377\n\0a'
  exec {to}>&-
  stop server
}
# bats test_tags=points:2,hint:3
@test "a frame may arrive byte by byte, or together with others" {
  local byte
  serve
  connect
  for byte in '\0' '\0' '\0' '\2' a b '\0' '\0' '\0' '\3' x y z; do
    send_bytes "$to" "$byte"
    taken
  done
  expect_bytes "$to" '\0\0\0\2ba\0\0\0\3zyx'
  send_bytes "$to" '\0\0\0\1a\0\0\0\2bc\0\0'
  expect_bytes "$to" '\0\0\0\1a\0\0\0\2cb'
  send_bytes "$to" '\0\3def'
  expect_bytes "$to" '\0\0\0\3fed'
  exec {to}>&-
  stop server
}
# bats test_tags=points:1,hint:3
@test "an answer that arrives byte by byte is printed when it is whole" {
  fake '\0\0\0\3xyz'
  go send "$port" <<<a
  expect_out xyz
  expect_status 0
  unfake
}
# bats test_tags=points:1,hint:4
@test "a text of 65536 bytes is answered, a longer one is refused" {
  head -c 65536 /dev/zero | tr '\0' x >longest
  { seq 2000 | tr '\n' ' ' && echo && cat longest && echo; } >input
  reversed <input >expected
  serve
  go send "$port" <input
  expect_out_is expected
  expect_status 0
  connect
  send_bytes "$to" '\0\1\0\1x'
  expect_closed "$to"
  connect
  send_bytes "$to" '\377\377\377\377x'
  expect_closed "$to"
  ask still
  go send "$port" <<<"x$(<longest)"
  expect_failure
  expect_err
  stop server
}
# bats test_tags=points:2,hint:5
@test "a silent client, and one that reads no answer, keep no other waiting" {
  local silent deaf frames n
  for n in 1 2 3 4 5 6 7 8; do
    printf '\0\1\0\0' && head -c 65536 /dev/zero
  done >frames
  serve
  ask first
  connect
  silent=$to
  send_bytes "$silent" '\0\0\0\5ab'
  ask second
  connect
  deaf=$to
  for n in {1..60}; do cat frames || break; done >&"$deaf" 2>/dev/null 3>&- &
  frames=$!
  within_patience stuck_or_done "$frames" || fail 'frames are still sent'
  ask third
  send_bytes "$silent" cde
  expect_bytes "$silent" '\0\0\0\5edcba'
  exec {silent}>&- {deaf}>&- {to}>&-
  stop server
  wait $frames || true
}
# The server need not keep all answers, but it may
stuck_or_done() { ! kill -0 "$1" 2>/dev/null || stuck; }

# bats test_tags=points:1,hint:6
@test "what a client needed is given back, however it has left" {
  local n before id
  serve
  ask first
  id=$(program server)
  before=$(kept)
  for n in 1 2 3; do
    connect
    send_bytes "$to" '\0\0\0\5ab' # half a frame
    exec {to}>&-
    connect
    send_bytes "$to" '\0\0\0\1a\0\0\0\1b\0\0\0\1c' # answers are not read
    taken
    exec {to}>&-
    ask "client $n"
  done
  ended=server
  within_patience frees "$before" ||
    happens 'no descriptor and no process of clients that have left' \
      "before: $before descriptors and processes, after: $(kept)"
  stop server
}
kept() { # descriptors and children of the server, zombies, too
  local fds=(/proc/"$id"/fd/*) children
  read -ra children < <(children "$id") || true
  echo $((${#fds[@]} + ${#children[@]}))
}
frees() { [ "$(kept)" -le $(($1 + 2)) ]; } # the next client may free it

# bats test_tags=points:1,hint:7
@test "an answer is printed before the next line is there" {
  local keyboard
  serve
  mkfifo typed
  exec {keyboard}<>typed
  begin main send "$port" <typed
  echo abc >&"$keyboard"
  expect_line main cba
  echo de >&"$keyboard"
  expect_line main ed
  exec {keyboard}>&-
  rm typed
  end main
  expect_status 0
  stop server
}
# bats test_tags=points:1,hint:8
@test "a client fails if an answer does not come, is cut or cannot be printed" {
  local bytes
  fake '\0\0\0\1b'
  go send "$port" <<<a
  expect_out b
  expect_status 0
  unfake
  for bytes in '' '\0\0\0\3xy' '\0\1\0\1xy'; do
    fake "$bytes"
    go send "$port" <<<a
    expect_failure
    expect_err
    expect_out ''
    unfake
  done
  go send "$port" <<<a # nobody listens
  expect_failure
  expect_err
  serve
  STDOUT=/dev/full go send "$port" <<<a
  expect_failure
  expect_err
  stop server
}
# bats test_tags=points:1,hint:9
@test "it does not matter which call is late" {
  answers() {
    serve
    plainly ask $'abc\nde'
    stop server
  }
  late listen answers
  each_call accept,accept4,getsockname,write answers
  stop_all
  serve
  delayed sendto,recvfrom,read,write,connect ask $'abc\nde'
  stop server
}
# bats test_tags=points:1,hint:10
@test "it has no memory error" {
  serve
  in_valgrind go send "$port" <<<$'abc\n\nde'
  expect_no_memory_error
  expect_out $'cba\n\ned'
  stop server
}
