# 02-fifos-lessons.bats - chapter 02, the lessons
load lib/helper
load lib/lessons

MAN='fifo(7), open(2)'
ELOOP='(Too many levels of symbolic links|Symbolic link loop)' # glibc, musl

# bats test_tags=memcheck
@test "open_waits: open of one end waits until the other end is opened" {
  lesson open_waits
  prints_only 'O_RDONLY, no writer: waits until a writer opens' \
    'O_WRONLY, no reader: waits until a reader opens'
}
@test "open_waits: an ignored SIGCHLD, which is inherited, makes no difference" {
  lesson env --ignore-signal=CHLD open_waits
}
# bats test_tags=memcheck
@test "open_modes: with O_NONBLOCK neither open nor read waits" {
  lesson open_modes
  prints_only 'O_WRONLY.O_NONBLOCK, no reader: No such device or address' \
    'O_RDONLY.O_NONBLOCK, no writer: opens at once' \
    'O_WRONLY.O_NONBLOCK, a reader: opens at once' \
    'read, a silent writer: Resource temporarily unavailable' \
    'read, the writer has closed: end of file'
}
# bats test_tags=memcheck
@test "eof_between_writers: the reader stops at EOF and misses the second writer" {
  lesson eof_between_writers
  prints_only 'the reader gets: first' \
    'the reader gets: end of file, and stops' 'lines received: 1 of 2'
}
# bats test_tags=memcheck
@test "eof_between_writers_fixed: with a dummy writer the reader gets both lines" {
  lesson eof_between_writers_fixed
  prints_only 'the reader gets: first' 'the reader gets: second' \
    'lines received: 2 of 2'
}
@test "the lessons on open and EOF leave no FIFO, and fail on a full output" {
  for program in open_waits open_modes eof_between_writers{,_fixed}; do
    full "$program"
    [ -z "$(find . -type p)" ]
  done
}
@test "ten copies of the lessons on open and EOF run at once in one folder" {
  for program in open_waits open_modes eof_between_writers{,_fixed}; do
    for copy in {0..9}; do start "$copy" "$program" >"$copy.out"; done
    for copy in {0..9}; do finish "$copy"; done
  done
}

# judges WHAT: safe_open prints "it: WHAT", and accepts or refuses ./it
judges() {
  local expected=1
  [ "$1" != accepted ] || expected=0
  run --separate-stderr try safe_open it
  [[ $status = "$expected" && $output =~ ^it:\ $1$ ]] ||
    fail "expected: $expected, it: $1" "actual: $status, $output"
}
# bats test_tags=memcheck
@test "safe_open: accepts a FIFO that only this user can open, and does not wait" {
  mkfifo -m 600 it
  judges accepted
  full safe_open it
  rm it
}
@test "safe_open: refuses files that other users could have made" {
  judges 'refused: No such file or directory'
  mkfifo -m 622 it
  judges 'refused: other users have access'
  chmod 600 it
  if chown 65534 it 2>/dev/null; then # only root can
    judges 'refused: owned by another user'
  fi
  mv it other
  ln -s other it
  judges "refused: $ELOOP"
  rm it other
  echo kept >it
  judges 'refused: not a FIFO'
}
@test "safe_open: without a path, or with two, prints its usage" {
  misuse safe_open
  misuse safe_open a b
}

serve() {
  start server fifo_server ./box >totals
  await server '^fifo_server: ready on \./box$'
}
# served ANSWERED [SIGNAL]: the server ends at SIGNAL, with this total
served() {
  send "${2:-TERM}" server
  finish server
  [ "$(cat totals)" = "answered $1" ] || fail "$(cat totals)"
  [ ! -e box ]
}
# ask_and_die: a client asks, and is killed. Its request is left in the file
# request, its process id in dead
ask_and_die() {
  mkfifo -m 600 other
  exec {hold}<>other # a server that never answers
  start client fifo_client ./other hello
  head -c 256 <&$hold >request
  dead=$(program client)
  send KILL client
  finish client 137
  exec {hold}>&-
  rm other "other.$dead"
}

# bats test_tags=memcheck
@test "fifo_server and client: each of several clients gets its own answer" {
  serve
  for word in alpha beta gamma ''; do
    start "client$word" fifo_client ./box "$word" >"$word.out"
  done
  for word in alpha beta gamma ''; do
    finish "client$word"
    [ "$(cat "$word.out")" = "${word^^}" ]
  done
  served 4
}
@test "fifo_server: refuses bytes that are no request, and answers the next request" {
  serve
  echo 'not a request' >box
  await server 'refused: not a request'
  lesson fifo_client ./box 'still there'
  prints_only 'STILL THERE'
  served 1 INT
}
@test "fifo_server: goes on when a client was killed before it got its answer" {
  ask_and_die
  serve
  cat request >box
  await server "client $dead: open: No such file"
  mkfifo -m 600 "box.$dead"
  cat request >box
  await server "client $dead: open: No such device"
  rm "box.$dead"
  lesson fifo_client ./box next
  prints_only NEXT
  served 1 HUP
}
@test "fifo_server: a second one at the same path fails; rm removes a stale FIFO" {
  serve
  run --separate-stderr -1 try fifo_server ./box
  [ "$stderr" = 'fifo_server: mkfifo ./box: File exists' ]
  send KILL server
  finish server 137
  run --separate-stderr -1 try fifo_client ./box alone
  [[ $stderr == *'open ./box (start fifo_server first): No such device or address' ]]
  rm box
  run --separate-stderr -1 try fifo_client ./box alone
  [[ $stderr == *'open ./box (start fifo_server first): No such file or directory' ]]
  serve
  full fifo_client ./box again
  served 1
}
@test "fifo_server: a full standard output is an error when it exits" {
  start server fifo_server ./box >/dev/full
  await server 'ready on'
  send TERM server
  finish server 1 'write standard output: No space left on device'
}
# bats test_tags=slow
@test "fifo_server: each signal that ends it also removes its FIFO" {
  for sig in HUP INT QUIT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF; do
    serve
    served 0 $sig
  done
}
@test "fifo_server and client: a signal that is ignored when they start stays ignored" {
  start server sh -c 'trap "" HUP; exec fifo_server ./box' >totals
  await server 'ready on'
  send HUP server
  lesson fifo_client ./box 'still there'
  prints_only 'STILL THERE'
  mkfifo -m 600 other
  exec {hold}<>other # a server that never answers
  start client sh -c 'trap "" HUP; exec fifo_client ./other hello'
  head -c 256 <&$hold >request
  send HUP client
  send TERM client
  finish client 143
  exec {hold}>&-
  rm other
  served 1
}
# bats test_tags=uncounted
@test "fifo_server: with too few descriptors it exits at once with 77, without a FIFO" {
  local limit
  for limit in 4 5 6; do
    run -77 try sh -c "ulimit -n $limit; exec fifo_server ./box"
    [[ $output =~ ^'fifo_server: open ./box: see ulimit -n: '$EMFILE$ ]] ||
      fail "$output"
    [ ! -e box ]
  done
  start server sh -c 'ulimit -n 7; exec fifo_server ./box' >totals
  await server 'ready on'
  lesson fifo_client ./box text
  served 1
}
# too_long WHAT PROGRAM OPERAND...: PROGRAM prints only WHAT, and exits with 2
too_long() {
  local what=$1
  shift
  run --separate-stderr -2 try "$@" </dev/null
  [[ $stderr == "$1: $what" && -z $output ]] ||
    fail "expected: $1: $what" "actual: $stderr $output"
}
@test "fifo_server and client: wrong operands, and a text that is too long" {
  local text
  misuse fifo_server
  misuse fifo_server a b
  misuse fifo_client ./box
  misuse fifo_client ./box two words
  run -2 try fifo_client "$(printf %04095d 0)" text
  [ "$output" = 'fifo_client: PATH is too long' ]

  serve
  text=$(printf '%0251d' 0)
  lesson fifo_client ./box "$text"
  prints_only "$text"
  run -2 try fifo_client ./box "0$text"
  [ "$output" = 'fifo_client: TEXT is too long: the limit is 251 bytes' ]
  served 1
}
@test "fifo_client: a file that is no FIFO is not overwritten" {
  echo kept >file
  run --separate-stderr -1 try fifo_client ./file hello
  [ "$stderr" = 'fifo_client: ./file: not a FIFO' ]
  [ "$(cat file)" = kept ]
}
@test "fifo_client: a server that is killed before it answers is noticed; no FIFO stays" {
  mkfifo -m 600 box
  exec {hold}<>box # a server that never answers
  for sig in TERM INT HUP QUIT ALRM USR1 USR2 XCPU XFSZ VTALRM PROF; do
    start client fifo_client ./box hello
    head -c 256 <&$hold >request
    reply=box.$(program client)
    [ -p "$reply" ]
    send $sig client
    finish client $((128 + $(kill -l $sig)))
    [ ! -e "$reply" ]
  done
  start client fifo_client ./box hello
  head -c 256 <&$hold >request
  exec {hold}>&-
  finish client 1 'no answer: the server has exited'
  rm box
}
@test "fifo_server: answers the requests that have arrived before SIGTERM ends it" {
  ask_and_die
  serve
  mkfifo -m 600 "box.$dead"
  exec {answer}<>"box.$dead"
  send STOP server
  cat request >box
  send TERM server
  send CONT server
  finish server
  [ "$(cat totals)" = 'answered 1' ]
  [ "$(head -c 5 <&$answer)" = HELLO ]
  exec {answer}<&-
  rm "box.$dead"
}
# bats test_tags=uncounted
@test "the lessons on open and EOF exit with 77 if there are too few descriptors" {
  local limit
  for program in open_waits open_modes eof_between_writers{,_fixed}; do
    for limit in 4 5; do
      run try sh -c "ulimit -n $limit; exec $program"
      [[ $status = 0 || $status = 77 && $output =~ $EMFILE$ ]] ||
        fail "$program, ulimit -n $limit: $status" "$output"
      [ -z "$(find . -type p)" ]
    done
  done
}
