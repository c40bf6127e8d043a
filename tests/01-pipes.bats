# 01-pipes.bats - chapter 01, the plain pair
load lib/helper
load lib/pairs

MAN='pipe(7), fork(2), waitpid(2), signal(7)'

# One command line starts both halves, so both write to producer.err
setup_pair() {
  pair pipe
  producer+=(pipe_consumer)
}

# reader: the process id of the command that pipe_producer started
reader() {
  local producer child
  producer=$(program producer)
  read -r child _ <"/proc/$producer/task/$producer/children"
  echo "$child"
}
# reaches STATE PID: waits until that process is in this state, as Z: a zombie
reaches() {
  until grep -q "^State:.$1" "/proc/$2/status"; do [ -e "/proc/$2" ]; done
}

# bats test_tags=memcheck
@test "the consumer receives every input unchanged" {
  setup_pair
  make_inputs
  for input in empty one nul nonl block big; do
    start_producer <$input >out
    bytes=$(stat -c %s $input)
    finish producer 0 "^pipe_consumer: bytes received: $bytes
pipe_producer: bytes sent: $bytes$"
    cmp $input out
  done
}
@test "without a command the producer starts ./pipe_consumer" {
  printf 'a\nb' >input
  cp "$(command -v pipe_consumer)" .
  run --separate-stderr -0 try pipe_producer <input
  [ "$output" = $'a\nb' ]
  [[ $stderr == *'pipe_consumer: bytes received: 3'* ]]
}
@test "any command can read the pipe" {
  make_inputs
  run --separate-stderr -0 try pipe_producer wc -c <big
  [ "$output" = "$(stat -c %s big)" ]
  try pipe_producer cat <block >out
  cmp block out
}
@test "any command can write to the consumer's pipe" {
  make_inputs
  try sh -c 'cat big | pipe_consumer' 2>err | cmp - big
  run --separate-stderr -0 try sh -c 'printf x | pipe_consumer'
  [ "$output" = x ]
}
@test "each line typed arrives at once" {
  setup_pair
  mkfifo typed
  exec {keyboard}<>typed
  start_producer <typed >out
  printf 'one\n' >typed
  await_file out
  [ "$(cat out)" = one ]
  exec {keyboard}>&-
  finish producer 0 'bytes sent: 4$'
  rm typed
}
@test "the producer exits with the command's status" {
  run -3 try pipe_producer sh -c 'cat; exit 3' <<<text
  [[ $output == *'pipe_producer: bytes sent: 5'* ]]
  run -127 try pipe_producer ./missing </dev/null
  [[ $output == *'pipe_producer: exec ./missing: No such file or directory'* ]]
  run -1 try pipe_producer sh -c 'cat; kill -KILL $$' <<<text
  [[ $output == *'pipe_producer: sh: killed by signal 9'* ]]
}
@test "a full standard output fails the consumer, and so the producer" {
  setup_pair
  start_producer <<<text >/dev/full
  finish producer 1 'pipe_consumer: write standard output: No space left on device'
}
@test "an option, or an operand of the consumer, prints the usage" {
  run --separate-stderr -2 try pipe_producer --help </dev/null
  [[ $stderr == 'pipe_producer: usage: pipe_producer '* && -z $output ]]
  run --separate-stderr -2 try pipe_consumer copy </dev/null
  [[ $stderr == 'pipe_consumer: usage: pipe_consumer '* && -z $output ]]
}
@test "the command gets the pipe and no other new descriptor" {
  run --separate-stderr -0 try pipe_producer \
    sh -c 'ls /proc/self/fd; cat' </dev/null
  [ "$output" = $'0\n1\n2\n3' ] # 3 is the folder that ls reads
}
@test "Ctrl-Z and fg, in the middle of a transfer, lose no byte" {
  make_inputs
  mkfifo resume
  : >first
  start producer pipe_producer \
    sh -c 'head -c 10000 >first; read -r _ <resume; cat >rest' <big
  await_file first
  asleep producer # the pipe is full
  send STOP producer
  send CONT producer
  echo go on >resume
  finish producer 0 "bytes sent: $(stat -c %s big)$"
  cat first rest | cmp - big
  rm resume
}
@test "not survived: when the reader is killed, SIGPIPE kills the producer" {
  start producer pipe_producer sh -c 'echo started; exec cat >/dev/null' \
    </dev/zero >out
  await_file out
  kill -KILL "$(reader)"
  finish producer 141 '^$' # 128 + SIGPIPE, and no message
}
@test "not survived: an idle producer does not notice that its reader is killed" {
  setup_pair
  mkfifo typed
  exec {keyboard}<>typed
  start_producer <typed >out
  printf 'one\n' >typed
  await_file out
  victim=$(reader)
  kill -KILL "$victim"
  reaches Z "$victim" # a zombie: the producer has not waited for it
  asleep producer
  printf 'two\n' >typed # no process will ever read this
  finish producer 141 '^$'
  exec {keyboard}>&-
  rm typed
}
@test "not survived: a killed producer looks like the end of the input" {
  : >first
  : >status
  start producer pipe_producer \
    sh -c 'head -c 1 >first; pipe_consumer >/dev/null; echo $? >status' \
    </dev/zero
  await_file first
  send KILL producer
  finish producer 137
  await_file status
  [ "$(cat status)" = 0 ]
}
