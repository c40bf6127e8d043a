# 02-fifos-lessons.bats - chapter 02, the lessons
load helper
load lessons

MAN='fifo(7), open(2)'

# bats test_tags=memcheck
@test "open_modes: open waits for the other end, but for three ways" {
  lesson open_modes
  prints_only 'O_RDONLY, nobody there: waits until .*' \
    'O_WRONLY, nobody there: waits until .*' \
    'O_WRONLY.O_NONBLOCK, no reader: No such device or address' \
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

# bats test_tags=memcheck
@test "safe_open: takes its own FIFO, and refuses what others could put there" {
  mkdir own
  TMPDIR=$PWD/own lesson safe_open
  prints_only 'our FIFO, mode 0600: taken' \
    'our FIFO, mode 0622: refused: others may open it too' \
    "a FIFO of another user: (refused: another user's|[A-Z].*)" \
    'a symbolic link to a FIFO: refused: Too many levels of symbolic links' \
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
