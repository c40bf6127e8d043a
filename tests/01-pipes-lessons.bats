# 01-pipes-lessons.bats - chapter 01, the lessons
load lib/helper
load lib/lessons

MAN='pipe(7), pipe2(2)'

# names_limit PROGRAM [OPERAND...]: PROGRAM ends with 77, and names a limit
names_limit() {
  run -77 try "$@"
  [[ $output == *' see ulimit -'[niu]* ]] || fail "$*: $output"
}
# no_child PROGRAM...: each names the limit of processes, which spares root
no_child() {
  local program user=()
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  [ $EUID != 0 ] || user=(setpriv --reuid 65534 --clear-groups)
  for program; do
    names_limit "${user[@]}" prlimit --nproc=0 "$(command -v "$program")"
  done
}

# bats test_tags=memcheck
@test "pipeline: without operands, head exits with 0, and SIGPIPE kills yes" {
  lesson pipeline
  prints_only y y 'head: exit status 0' 'yes: killed by signal 13, Broken pipe'
}
@test "pipeline: the two commands share the pipe, and B's status is returned" {
  lesson pipeline printf 'b\na\n' '|' sort
  prints_only a b 'sort: exit status 0' 'printf: exit status 0'
  run -3 try pipeline sh -c 'exit 5' '|' sh -c 'cat; exit 3'
  prints_only 'sh: exit status 3' 'sh: exit status 5'
  run --separate-stderr -127 try pipeline echo '|' ./missing
  [[ $stderr == *'pipeline: exec ./missing: No such file'* ]]
}
@test "pipeline, broken_pipe: a parent that ignores SIGPIPE makes no difference" {
  lesson env --ignore-signal=PIPE pipeline
  prints_only y y 'head: exit status 0' 'yes: killed by signal 13, Broken pipe'
  lesson env --ignore-signal=PIPE --block-signal=PIPE broken_pipe
  prints 'SIGPIPE default: the writer was killed by signal 13, Broken pipe'
}
@test "pipeline: refuses half a pipeline, and a full standard output" {
  misuse pipeline echo
  misuse pipeline echo '|'
  misuse pipeline '|' cat
  full pipeline
}
# bats test_tags=memcheck
@test "broken_pipe: SIGPIPE kills the writer, or write fails with EPIPE" {
  lesson broken_pipe
  prints_only \
    'SIGPIPE default: the writer was killed by signal 13, Broken pipe' \
    'SIGPIPE ignored: the writer went on; write: Broken pipe'
  full broken_pipe
}
# bats test_tags=memcheck
@test "no_close: with its own write end open, the reader never sees EOF" {
  lesson no_close
  prints_only 'writer: exited' 'reader: read returns 5' \
    'reader: no bytes, no EOF: a blocking read would hang' \
    'reader: closes its own write end' 'reader: read returns 0, EOF'
  full no_close
}
# bats test_tags=memcheck
@test "no_close_fixed: EOF follows the last byte" {
  lesson no_close_fixed
  prints_only 'writer: exited' 'reader: closes its own write end' \
    'reader: read returns 5' 'reader: read returns 0, EOF'
  full no_close_fixed
}
# bats test_tags=memcheck
@test "capacity: a full pipe: write fails with EAGAIN; only large writes are split" {
  lesson capacity
  prints_only 'size of a new pipe: [0-9]+' 'asked for 131073, got 262144' \
    'write 263144: 262144 written' \
    'write 1: Resource temporarily unavailable' 'read 262144' \
    'write [0-9]+: [0-9]+ written' \
    'write [0-9]+: Resource temporarily unavailable'
  full capacity
}
# bats test_tags=memcheck
@test "barrier: the parent goes on when the last child has closed" {
  lesson barrier
  prints_only 'parent: EOF; children that have arrived: 4' \
    'parent: gate closed; children that went on: 4'
  full barrier
}
# bats test_tags=memcheck
@test "atomic_writes: records of PIPE_BUF bytes stay whole" {
  lesson atomic_writes
  prints_only '4096 bytes: 800 records, 0 torn' \
    '8193 bytes: 800 records, [0-9]+ torn'
  full atomic_writes
}
@test "atomic_writes: some records of more than PIPE_BUF bytes are torn" {
  for _ in {1..20}; do # most runs see some, but no run is bound to
    lesson atomic_writes
    [[ $output =~ ', '[1-9][0-9]*' torn' ]] && return
  done
  fail "$output"
}
# bats test_tags=memcheck
@test "packet_mode: one read returns one packet, or a part of it, never two" {
  lesson packet_mode
  prints_only bytes: 'read 100: 8: onethree' 'read 100: empty' \
    'read 4: 4: head' 'read 100: 4: tail' 'read 8192: 4196' \
    'read 8192: empty' packets: 'read 100: 3: one' 'read 100: 5: three' \
    'read 4: 4: head' 'read 100: empty' 'read 8192: 4096' 'read 8192: 100'
  full packet_mode
}
# bats test_tags=memcheck
@test "zero_copy: standard output and the copy both have the whole file" {
  head -c 200001 /dev/urandom >file
  lesson sh -c 'zero_copy file copy | cat >out'
  cmp file out
  cmp file copy
  [[ $stderr == *'zero_copy: bytes to standard output and to copy: 200001' ]]
  lesson sh -c 'zero_copy file copy2 >out2' # a file serves as well as a pipe
  cmp file out2
  cmp file copy2
}
@test "zero_copy: an empty file is copied, and no file is overwritten" {
  : >file
  lesson sh -c 'zero_copy file copy | cat'
  [[ -e copy && ! -s copy ]]
  run --separate-stderr -1 try zero_copy file copy
  [[ $stderr == 'zero_copy: create copy: File exists' ]]
  misuse zero_copy file
}
@test "zero_copy: a reader that exits early is an error" {
  head -c 300000 /dev/zero >file # more than a pipe holds
  run --separate-stderr -1 try sh -c '
    { zero_copy file copy; echo $? >&3; } 3>status | true
    exit "$(cat status)"'
  [[ $stderr == *'zero_copy: splice to standard output: Broken pipe'* ]] ||
    fail "$stderr"
}
@test "zero_copy: fails where splice cannot write" {
  echo text >file
  run --separate-stderr -1 try sh -c 'zero_copy file copy >>out'
  [[ $stderr == *'zero_copy: splice to standard output: Invalid argument' ]]
  [ ! -s out ]
  run --separate-stderr -1 try sh -c 'zero_copy file copy2 >/dev/full'
  [[ $stderr == *'zero_copy: splice to standard output: '* ]] || fail "$stderr"
}
# bats test_tags=memcheck
@test "two_way: writing first deadlocks, a poll loop moves everything" {
  lesson two_way
  prints_only 'write first: stuck after [0-9]+ of [0-9]+ bytes' \
    'poll loop: all written, [0-9]+ bytes read back'
  [[ ${lines[0]} =~ of\ ([0-9]+) && ${lines[1]} == *" ${BASH_REMATCH[1]} "* ]]
  full two_way
}
@test "a limit forbids a descriptor or a child: each lesson names it" {
  local program
  for program in atomic_writes barrier broken_pipe capacity no_close \
    no_close_fixed packet_mode pipeline two_way 'zero_copy /dev/null copy'; do
    # shellcheck disable=SC2086 # the words of program
    names_limit prlimit --nofile=4 $program
  done
  [ ! -e copy ]
  no_child atomic_writes barrier broken_pipe no_close no_close_fixed pipeline \
    two_way
}
@test "an ignored SIGCHLD, which is inherited, makes no difference to a lesson" {
  local program
  for program in atomic_writes barrier broken_pipe no_close no_close_fixed \
    pipeline two_way; do
    lesson env --ignore-signal=CHLD $program
  done
}
