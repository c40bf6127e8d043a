# 01-pipes-robust.bats - chapter 01, the robust pair
load lib/helper
load lib/pairs

MAN='pipe(7), pipe2(2), fork(2)'

# One command line starts both halves, so they share one standard error
carry() {
  start producer pipe_producer <"$1" >out
  finish producer 0 "pipe_consumer: received $(stat -c %s "$1") bytes? in "
  finish_said "pipe_producer: sent $(stat -c %s "$1") bytes? in [0-9]+ write"
  cmp "$1" out
}
finish_said() {
  grep -qE "$1" producer.err || fail "expected: $1" "actual: $(cat producer.err)"
}
# The reader, which pipe_producer started
reader() {
  local producer child
  producer=$(program producer)
  read -r child _ <"/proc/$producer/task/$producer/children"
  echo "$child"
}

# bats test_tags=memcheck
@test "the pipe carries every input unchanged" {
  make_inputs
  for input in empty one nul nonl block big; do carry $input; done
}
@test "any command can read the pipe, and write to the consumer's" {
  make_inputs
  [ "$(try pipe_producer wc -c <big 2>err)" = "$(stat -c %s big)" ]
  try sh -c 'cat big | pipe_consumer >out'
  cmp big out
  try sh -c 'pipe_producer cat <big | pipe_consumer | cmp - big'
}
# bats test_tags=memcheck
@test "the consumer can end a shell pipeline, without the producer" {
  run --separate-stderr -0 try sh -c 'printf "a\nb" | pipe_consumer'
  [ "$output" = $'a\nb' ]
  [ "$stderr" = 'pipe_consumer: received 3 bytes in 1 read' ]
}
@test "pipe_producer finds pipe_consumer beside itself, by path and by PATH" {
  [ "$(printf x | try pipe_producer 2>err)" = x ]
  [ "$(printf x | try "$(command -v pipe_producer)" 2>err)" = x ]
}
@test "each line typed is sent at once, in a write of its own" {
  mkfifo typed
  exec {hold}<>typed
  start producer pipe_producer cat <typed >out
  printf 'one\n' >typed
  await_file out
  printf 'two\n' >typed
  exec {hold}>&-
  finish producer 0 'sent 8 bytes in 2 writes'
  rm typed
}
@test "a command that fails or is missing: the producer names it and fails" {
  run -1 try pipe_producer sh -c 'cat >/dev/null; exit 3' <<<text
  [[ $output == *'pipe_producer: sh: exit status 3'* ]]
  run -1 try pipe_producer ./nowhere <<<text
  [[ $output == *'exec ./nowhere: No such file or directory'* ]]
}
@test "a reader that exits early: the producer reports it, and fails" {
  start producer pipe_producer head -c 1 </dev/zero >out
  finish producer 1 'pipe_producer: head: the reader has closed the pipe'
}
@test "a reader that exits before an empty input ends is judged by its status" {
  for _ in {1..8}; do
    run -0 try pipe_producer true </dev/null
    [ "$output" = 'pipe_producer: sent 0 bytes in 0 writes' ]
  done
}
@test "the producer notices in mid-transfer that its reader is killed" {
  for sig in KILL TERM; do
    start producer pipe_producer sh -c 'echo up; exec cat >/dev/null' \
      </dev/zero >out
    await_file out
    kill -s $sig "$(reader)"
    finish producer 1 "pipe_producer: sh: killed by signal $(kill -l $sig)"
    rm out
  done
}
@test "the producer notices without input that its reader is killed" {
  mkfifo idle
  exec {hold}<>idle
  start producer pipe_producer sh -c 'echo up; exec cat' <idle >out
  await_file out
  kill -s KILL "$(reader)"
  finish producer 1 'pipe_producer: sh: killed by signal 9'
  exec {hold}>&-
  rm idle
}
@test "the consumer notices without input that its output has lost its reader" {
  mkfifo idle
  exec {hold}<>idle
  start consumer pipe_consumer <idle > >(exec true 3>&-)
  finish consumer 1 'pipe_consumer: write standard output: Broken pipe$'
  exec {hold}>&-
  rm idle
}
@test "when the producer is killed, its reader gets EOF" {
  for sig in KILL TERM; do
    mkfifo mid
    start producer pipe_producer sh -c 'pipe_consumer >mid; echo end >ended' \
      </dev/zero
    { head -c 100000 && send $sig producer && cat; } <mid >/dev/null
    finish producer $((128 + $(kill -l $sig)))
    await_file ended
    grep -q 'pipe_consumer: received [0-9]* bytes' producer.err
    rm mid ended
    printf again >next
    carry next
  done
}
@test "a full standard output fails the consumer, and so the producer" {
  start producer pipe_producer </dev/zero >/dev/full
  finish producer 1 'pipe_consumer: write standard output: No space left'
  start consumer pipe_consumer </dev/zero >/dev/full
  finish consumer 1 'pipe_consumer: write standard output: No space left'
}
@test "no descriptor but the pipe reaches the reader" {
  exec 5</dev/null
  run --separate-stderr -0 try pipe_producer \
    sh -c 'exec 5<&-; ls /proc/self/fd; cat' </dev/null # cat reads until EOF
  # 3 is the folder that ls reads
  [ "$(grep -cx '[0-3]' <<<"$output")" = "$(grep -c . <<<"$output")" ]
  exec 5<&-
}
@test "two pipes at once do not mix" {
  make_inputs
  start producer pipe_producer <big >out
  start twin pipe_producer <nul >out2
  finish producer
  finish twin
  cmp big out
  cmp nul out2
}
# helps LIMIT OPTION COMMAND...: with `ulimit OPTION` COMMAND ends with 77 and
# names that limit. With the remedy that was printed COMMAND works
helps() {
  # shellcheck disable=SC2016 # the inner shell's
  local limited=("${@:3}" bash -c 'ulimit -S $0; eval "$1"; exec pipe_producer cat' "$2")
  run -77 try "${limited[@]}" : <<<lost
  [[ $output =~ ': ulimit -'$1': ulimit -' ]] || fail "$output"
  run -0 try "${limited[@]}" "${output##*: }" <<<arrives
  [[ $output == arrives* ]]
}
# bats test_tags=uncounted
@test "a limit forbids the pipe or the reader: the remedy that is printed works" {
  helps 'n is 4' '-n 4'
  local user=()
  # Root may start any number of processes
  [ $EUID != 0 ] || user=(setpriv --reuid 65534 --clear-groups env "PATH=$PATH")
  chmod o+x "$BATS_RUN_TMPDIR" . || true
  helps 'u is 0' '-u 0' "${user[@]}"
}
@test "the producer names a sandbox, or a limit of the machine and how root raises it" {
  needs_strace
  # EPERM: in place of a missing pipe2 musl makes the older call
  run -77 try strace -qq -o trace -e inject=pipe2:error=EPERM pipe_producer cat
  [[ $output == *'a sandbox refuses it' ]] || fail "$output"
  run -77 try strace -qq -o trace -e inject=pipe2:error=ENFILE pipe_producer cat
  [[ $output =~ ': fs.'(file-max|pipe-user-pages-hard)' is '[1-9].*': as root: echo ' ]] ||
    fail "$output"
}
@test "an ignored SIGCHLD, which is inherited, does not hide the reader's status" {
  run -0 try env --ignore-signal=CHLD pipe_producer cat <<<text
  run -1 try env --ignore-signal=CHLD pipe_producer sh -c 'cat; exit 3' <<<text
  [[ $output == *'sh: exit status 3' ]]
}
@test "a reader whose output reaches ulimit -f reports it" {
  # shellcheck disable=SC2016 # the inner shell's
  run -1 try bash -c 'ulimit -f 0 && exec pipe_consumer >out' <<<text
  [ "${lines[0]}" = 'pipe_consumer: write standard output: File too large' ] ||
    fail "$output" # gcov adds lines of its own
}
