# 02-fifos-lessons.bats - chapter 02, the lessons
load lib/helper
load lib/lessons

MAN='fifo(7), open(2)'

# bats test_tags=memcheck
@test "open_waits: open waits for the other end" {
  lesson open_waits
  prints_only 'O_RDONLY, nobody there: waits until .*' \
    'O_WRONLY, nobody there: waits until .*'
}
@test "open_waits: refuses an operand, and a full output" {
  misuse open_waits 1
  full open_waits
}
# bats test_tags=memcheck
@test "open_modes: three ways to open do not wait" {
  lesson open_modes
  prints_only 'O_WRONLY.O_NONBLOCK, no reader: No such device or address' \
    'O_RDONLY.O_NONBLOCK, no writer: at once' \
    '  read, no writer: end of file' \
    'O_WRONLY.O_NONBLOCK, a reader: at once' \
    '  read, a silent writer: Resource temporarily unavailable' \
    '  read, the writer has closed: end of file' \
    'O_RDWR, nobody else: at once' \
    '  read, its own writer: Resource temporarily unavailable'
}
@test "open_modes keeps its FIFO in TMPDIR, and leaves nothing there" {
  mkdir own
  TMPDIR=$PWD/own full open_modes
  rmdir own
  TMPDIR=$PWD/none run --separate-stderr -1 try open_modes
  [[ $stderr == *'mkdtemp '*'/none/fifo-'*': No such file or directory'* ]]
  misuse open_modes 1
}
@test "a lesson that needs a folder tells when TMPDIR is too long for one" {
  local tmp program
  tmp=$(printf './%.0s' {1..2037}) # 4074 bytes
  for program in open_waits open_modes safe_open; do
    TMPDIR=$tmp lesson $program
    TMPDIR=$tmp/ lesson $program
    TMPDIR=$tmp// run --separate-stderr -77 try $program
    [ "$stderr" = "$program: TMPDIR is too long: set a shorter one, such as /tmp" ]
  done
}

# bats test_tags=memcheck
@test "safe_open: takes its own FIFO, and refuses what others could put there" {
  mkdir own
  TMPDIR=$PWD/own lesson safe_open
  prints_only 'our FIFO, mode 0600: taken' \
    'our FIFO, mode 0622: refused: others may open it too' \
    "a FIFO of another user: (refused: another user's|[A-Z].*)" \
    "a symbolic link to a FIFO: refused: $ELOOP" \
    'a regular file: refused: not a FIFO'
  rmdir own
  full safe_open
}
@test "safe_open: judges a path without waiting for its other end" {
  mkfifo -m 600 good
  lesson safe_open good
  prints_only 'good: taken'
  ln -s good link
  run -1 try safe_open link
  [[ $output == 'link: refused: '* ]]
  run -1 try safe_open none
  [[ $output == 'none: refused: No such file or directory' ]]
  rm good link
  misuse safe_open ''
  misuse safe_open a b
}

serve() {
  start server fifo_server ./box
  await server 'ready at \./box'
}

# bats test_tags=memcheck
@test "fifo_server and client: each of several clients gets its own answer" {
  serve
  for word in alpha beta gamma delta; do
    start $word fifo_client ./box "$word" >$word.out
  done
  for word in alpha beta gamma delta; do
    finish $word
    [ "$(cat $word.out)" = ${word^^} ]
  done
  send TERM server
  finish server 0 'answered 4, refused 0'
}
@test "fifo_server: hostile requests are refused, and the next one is answered" {
  serve
  mkfifo box.7x
  ln -s box.7x box.7
  echo kept >box.9
  { printf '../box.7x up\n'; printf '7 link\n9 file\n1234567890123 long\n'
    printf '8\n 8 a\n3\0 nul\n'; head -c 9000 /dev/zero; printf '\n'
    printf 'unfinished'; } | cat >box
  lesson fifo_client ./box 'still there'
  prints_only 'STILL THERE'
  [ "$(cat box.9)" = kept ]
  rm box.7 box.7x
  send INT server
  finish server 0 'client 7 has gone.*client 9 .*too long.*answered 1, refused 7'
}
@test "fifo_server: a client that vanishes does not stop it" {
  serve
  echo '2147483647 nobody' >box
  await server 'client 2147483647 has gone.*No such file'
  mkfifo -m 600 box.5
  echo '5 unread' >box
  await server 'client 5 has gone.*No such device'
  rm box.5
  lesson fifo_client ./box next
  prints_only NEXT
  send HUP server
  finish server 0 'answered 1, refused 0'
}
@test "fifo_server: one at a name; what a killed one left is taken over" {
  serve
  run --separate-stderr -1 try fifo_server ./box
  [[ $stderr == *'a server is there'* ]]
  send KILL server
  finish server 137
  run --separate-stderr -1 try fifo_client ./box alone
  [[ $stderr == *'start fifo_server ./box first' ]]
  serve
  full fifo_client ./box again
  send TERM server
  finish server
  [ ! -e box ]
  misuse fifo_server
  misuse fifo_server ''
  misuse fifo_client ./box
  misuse fifo_client ./box $'two\nlines'
}
@test "fifo_server and client tell the limit of a path, and of a text" {
  local limit='PATH is longer than 4084, or its end than 244 bytes' path text
  local name long # of 244 and of 4084 bytes
  name=$(printf %0244d 0)
  long=$(printf './%.0s' {1..2040})name
  for path in "${name%?}" "$name" "${long%?}" "$long"; do
    start server fifo_server "$path"
    await server 'ready at'
    lesson fifo_client "$path" text
    prints_only TEXT
    send TERM server
    finish server
  done
  for path in "${name}0" "./${name}0" "${long}0"; do
    too_long "$limit" fifo_server "$path"
    too_long "$limit" fifo_client "$path" text
  done

  serve
  # A newline, a PID and a space stand before the text; the PID varies
  text=$(printf '%04070d' 0)
  lesson fifo_client ./box "$text"
  prints_only "$text"
  run --separate-stderr -2 try fifo_client ./box "$text$text"
  [[ $stderr == 'fifo_client: a request of '*' bytes: the limit is 4096' ]]
  send TERM server
  finish server
}
@test "fifo_client: a server killed before it answers is noticed; nothing stays" {
  mkfifo -m 600 box
  exec {hold}<>box # a server that never answers
  for sig in TERM INT HUP; do
    start client fifo_client ./box hello
    read -r -u $hold && read -r -u $hold line
    [ -p "box.${line%% *}" ]
    send $sig client
    finish client $((128 + $(kill -l $sig)))
    [ ! -e "box.${line%% *}" ]
  done
  start client fifo_client ./box hello
  read -r -u $hold && read -r -u $hold line
  exec {hold}>&-
  finish client 1 'the server has gone'
  rm box
}
@test "fifo_server: SIGTERM ends it when it has answered those who have asked" {
  serve
  mkfifo -m 600 box.5
  exec {answer}<>box.5
  send STOP server
  echo '5 in time' >box
  send TERM server
  send CONT server
  finish server 0 'answered 1, refused 0'
  read -r -u $answer line
  [ "$line" = 'IN TIME' ]
  exec {answer}<&-
  rm box.5
}
