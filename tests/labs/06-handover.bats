# 06-handover.bats - task handover of 06-sockets/lab: a server is replaced
load lab
load 06

serve() { # NAME: a server with this name, ready
  begin "$1" sock "$1"
  expect_line "$1" ready
}
# ask NAME: a new client sends a line, and this server answers
ask() {
  local answer
  answer=$(socat -t "$PATIENCE" - UNIX-CONNECT:sock <<<hello 2>&1 3>&-) || true
  ended=$1
  [ "$answer" = "$1: hello" ] ||
    happens "a new client gets: $1: hello" "it gets: ${answer:-nothing}
$1: $(has_ended_or_runs "$1")$(said)"
}
# client NAME: is connected until hang_up NAME. says NAME LINE ANSWER
client() {
  local fd
  mkfifo ".typed.$1"
  exec {fd}<>".typed.$1"
  keyboard[$1]=$fd
  : >"$1.out"
  : >"$1.err"
  rm ".typed.$1"
  launch socat -t 0 - UNIX-CONNECT:sock <"/dev/fd/$fd" >"$1.out" 2>"$1.err" &
  pid[$1]=$!
  did[$1]='a client that stays connected'
}
says() {
  type "$1" "$2"
  expect_line "$1" "$3"
}
leaves() { # CLIENT SERVER: the server ends well, since it was its last client
  hang_up "$1"
  end "$2"
  expect_status 0
  wait "${pid[$1]}" || true
}
over() { # NAME: the last server
  stop "$1"
  rm -f sock*
}

# bats test_tags=points:1,hint:1
@test "a server answers each line of several clients, with its name in front" {
  serve v1
  client ann
  says ann hello 'v1: hello'
  client bob
  says bob '' 'v1: '
  says ann again 'v1: again'
  ask v1
  hang_up ann
  says bob there 'v1: there'
  hang_up bob
  over v1
}
# bats test_tags=points:2,hint:2
@test "a successor gets the new clients, and the old server keeps its own" {
  serve v1
  client ann
  client bob
  says ann hello 'v1: hello'
  says bob hello 'v1: hello'
  serve v2
  ask v2
  says ann again 'v1: again'
  hang_up ann
  says bob again 'v1: again'
  ask v2
  leaves bob v1
  ask v2
  over v2
}
# bats test_tags=points:1,hint:3
@test "each server can be replaced in turn, and ends when it has no client" {
  serve v1
  ask v1
  serve v2
  end v1
  expect_status 0
  client ann
  says ann hello 'v2: hello'
  serve v3
  serve v4
  end v3
  expect_status 0
  says ann again 'v2: again'
  ask v4
  leaves ann v2
  over v4
}
# bats test_tags=points:1,hint:4
@test "when a successor is ready, the old server accepts no more" {
  local n
  serve v1
  client ann
  says ann hello 'v1: hello'
  serve v2
  halt v2
  for n in 1 2 3; do client "new$n"; done
  for n in 1 2 3; do
    type "new$n" hello
    within_patience asleep "new$n"
  done
  resume v2
  for n in 1 2 3; do expect_line "new$n" 'v2: hello'; done
  for n in 1 2 3; do hang_up "new$n"; done
  leaves ann v1
  over v2
}
asleep() { # or has an answer, or has ended
  local before
  [ ! -s "$1.out" ] && is_running "$1" || return 0
  before=$(runs "$1")
  a_moment 0.05
  [ "$before" = "$(runs "$1")" ] &&
    [ "$(cat "/proc/$(program "$1")/comm")" = socat ]
}
# bats test_tags=points:2,hint:5
@test "a client that waits in the queue of the old server is answered" {
  local n
  serve v1
  ask v1
  halt v1
  for n in 1 2 3 4; do
    client "c$n"
    type "c$n" hello
    within_patience asleep "c$n"
  done
  begin v2 sock v2
  asleep_all v2
  resume v1
  expect_line v2 ready
  for n in 1 2 3 4; do expect_line "c$n" 'v[12]: hello'; done
  for n in 1 2 3 4; do hang_up "c$n"; done
  end v1
  expect_status 0
  ask v2
  over v2
}
# bats test_tags=points:2,hint:5
@test "while a server is replaced again and again, each client is answered" {
  local n
  serve v1
  ask v1
  # One after the other, until there is a file "enough"
  launch perl -MIO::Socket::UNIX -e '
    my ($n, %bad);
    $SIG{PIPE} = "IGNORE";
    until (-e "enough") {
      my $s = IO::Socket::UNIX->new("sock");
      my $answer = "$!";
      if ($s) {
        syswrite $s, "hello\n";
        $answer = <$s> // "no answer";
      }
      $answer =~ /^v\d: hello$/ ? $n++ : $bad{$answer}++;
      select undef, undef, undef, 0.002;
    }
    print "not answered: $_\n" for sort keys %bad;
    print "answered\n" if $n;' >visits 2>&1 &
  pid[visitors]=$!
  late bind,listen,unlink,unlinkat,rename serve v2
  delayed connect,recvmsg,sendmsg,sendto,close serve v3
  serve v4
  ask v4
  : >enough
  wait "${pid[visitors]}" || true
  ended=v4
  [ "$(<visits)" = answered ] ||
    happens 'all that connect are answered' "$(<visits)"
  for n in 1 2 3; do
    end "v$n"
    expect_status 0
  done
  over v4
}
# bats test_tags=points:2,hint:6
@test "if a successor dies before it has the listener, the old server goes on" {
  local WRAP
  needs_strace
  serve v1
  client ann
  says ann hello 'v1: hello'
  failing recvmsg ENOMEM go sock v2
  expect_failure
  expect_err
  ask v1
  WRAP=(strace -f -qq -o /dev/null -e inject=recvmsg:signal=KILL)
  WITH=', which is killed in its first recvmsg' begin v3 sock v3
  WRAP=()
  end v3
  expect_failure
  ask v1
  says ann again 'v1: again'
  serve v4
  ask v4
  leaves ann v1
  over v4
}
# bats test_tags=points:1,hint:7
@test "where a server was killed, a new one begins, whoever still has clients" {
  serve v1
  client ann
  says ann hello 'v1: hello'
  serve v2
  client bob
  says bob hello 'v2: hello'
  killed v2
  serve v3
  ask v3
  says ann again 'v1: again'
  leaves ann v1
  hang_up bob
  over v3
}
# bats test_tags=points:1,hint:8
@test "it does not matter which call is late" {
  replaces() {
    plainly serve v1
    client ann
    says ann hello 'v1: hello'
    serve v2
    ask v2
    says ann again 'v1: again'
    leaves ann v1
    ask v2
    stop v2
    rm -f sock*
  }
  each_call connect,recvmsg,sendmsg,sendto,recvfrom,accept,accept4 replaces
  stop_all
  delayed accept,accept4,sendmsg,close,recvfrom,sendto,clone serve v1
  ask v1
  serve v2
  ask v2
  end v1
  expect_status 0
  over v2
}
# bats test_tags=points:1,hint:9
@test "it has no memory error, and fails if it cannot print or listen" {
  serve v1
  in_valgrind serve v2
  end v1
  expect_status 0
  ask v2
  serve v3
  end v2
  expect_no_memory_error
  expect_status 0
  over v3
  STDOUT=/dev/full go sock v4
  expect_failure
  expect_err
  rm -f sock*
  go missing/sock v5
  expect_failure
  expect_err
}
