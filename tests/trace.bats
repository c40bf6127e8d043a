# trace.bats - make trace: the order that it shows is the order that was; what
# it cannot know it does not draw
load lib/helper
load lib/lessons

MAN='strace(1)'
trace=$ROOT/tests/tools/trace
timeline=$ROOT/tests/tools/timeline
# Without namespaces, trace locks this folder, and so does the harness
HOME=${BATS_TEST_TMPDIR:-$HOME}

# traced VARIABLE=VALUE...: a real run, drawn
traced() {
  needs_strace
  run --separate-stderr try env "$@" "$trace"
  [ "$status" != 77 ] || forbids "$stderr"
  [[ $status = 0 && ${stderr/#'trace: no namespaces here'*/} == '' ]] || fail "$*: $status" "$stderr" "$output"
}
# The columns of a drawing with two processes; a mark may stand before the text
P='.{9}[|:]* ?'
C='.{44} [|:]* ?'

# plant: two logs, and the drawing of them
plant() {
  cat >producer.10 <<'END'
100.000100 mq_open("mail", O_WRONLY|O_CREAT, 0600, NULL) = 3</mail> <0.000020>
100.000200 read(0<pipe:[7]>, "up\n", 8192) = 3 <0.000020>
100.050000 mq_timedsend(3</mail>, "up\n", 3, 0, NULL) = 0 <0.000020>
100.050300 mq_timedsend(3</mail>, "a <long> message", 16, 0, NULL <unfinished ...>
100.060000 +++ killed by SIGKILL +++
END
  cat >consumer.11 <<'END'
100.000000 mq_open("mail", O_RDONLY|O_CREAT, 0600, NULL) = 3</mail> <0.000020>
100.000210 mq_timedreceive(3</mail>, "up\n", 8192, NULL, NULL) = 3 <0.049850>
100.050200 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1} ---
100.050250 write(1</tmp/out>, "<\n", 2) = 2 <0.000020>
100.050400 rt_sigqueueinfo(10, SIGRT_30, {}) = -1 EAGAIN (Try again) <0.000020>
100.050500 mq_timedreceive(3</mail>,  <detached ...>
END
  drawing='      ms producer                            consumer
    0.00                                     mq_open(/mail, O_RDONLY|O_CREAT)
    0.10 mq_open(/mail, O_WRONLY|O_CREAT)
    0.20 read(stdin, "up\n") = 3             mq_receive(/mail)
   50.00 mq_send(/mail, "up\n") = 0          |
   50.06                                     | blocked 50 ms in mq_receive
                                             "up\n" = 3  <- mq_send
   50.20                                     SIGUSR1
   50.25                                     write(stdout, "<\n") = 2
   50.30 mq_send(/mail, 16 bytes)
   50.40 |                                   sigqueue(producer, SIGRTMAX-2) = ..
   50.50 |                                   mq_receive(/mail)
   60.00 killed by SIGKILL                   |
                                             | has not returned

Events less than 0.02 ms apart, which strace cannot tell apart here, share a line.'
}
drawn() { run --separate-stderr try "$timeline" "$@"; }
# draws TEXT: the planted logs draw these lines
draws() {
  drawn producer.10 consumer.11
  [[ $status = 0 && -z $stderr && $output == *"$1"* ]] ||
    fail "expected: $1" "actual: $status $stderr" "$output"
}

@test "two logs give exactly this drawing: a wait, its waker, a signal, an end" {
  plant
  drawn producer.10 consumer.11
  [ "$status" = 0 ]
  diff <(echo "$drawing") - <<<"$output"
}
@test "the picture has lanes, boxes, shades and arrows, and is well-formed" {
  plant
  SVG=$PWD/picture.svg drawn producer.10 consumer.11
  [ "$output" = "$drawing" ] || fail "$output"
  [ "$(grep -c 'font-weight="bold">' picture.svg)" = 2 ]
  [ "$(grep -c 'fill="#bbb"' picture.svg)" = 3 ]
  [ "$(grep -c 'fill="#bbb" stroke-dasharray' picture.svg)" = 1 ]
  [ "$(grep -c 'marker-end' picture.svg)" = 1 ] # from mq_send to mq_receive
  grep -q '>write(stdout, "&lt;\\n") = 2</text>' picture.svg
  grep -q '>killed by SIGKILL</text>' picture.svg
  grep -q '>has not returned</text>' picture.svg
  requires 'xmllint: ./setup.sh dev' xmllint --version
  xmllint --noout picture.svg
  SVG=$PWD/no/picture.svg drawn producer.10 consumer.11
  [[ $status = 1 && $stderr == *'no/picture.svg: No such file'* ]]
}
@test "no waker is named where the log does not show it" {
  plant
  # Another object; too late; failed; two that may be it
  sed -i 's/^100.050000 mq_timedsend(3<.mail>/100.050000 mq_timedsend(4<\/other>/' \
    producer.10
  draws '| took 50 ms in mq_receive'
  plant
  sed -i 's/^100.050000\(.*\) = 0/100.050000\1 = -1 EAGAIN (No)/' producer.10
  draws '| took 50 ms in mq_receive'
  plant
  sed -i 's/100.050000/100.050190/' producer.10
  draws '| took 50 ms in mq_receive'
  plant
  cp producer.10 other.12
  drawn producer.10 consumer.11 other.12
  [[ $output == *'| took 50 ms in mq_receive'* && $output != *'<-'* ]] ||
    fail "$output"
  # A sender that found room was not woken by the receiver, nor by its exit
  plant
  sed -i 's/0 <0.000020>$/0 <0.000900>/; /<unf/d' producer.10
  sed -i '/<detached/d' consumer.11
  echo '100.050500 +++ exited with 0 +++' >>consumer.11
  draws '"up\n" = 3  <- mq_send'
  [ "$(grep -c '<-' <<<"$output")" = 1 ] || fail "$output"
}
@test "the end of a pipe is the work of the last that could write to it" {
  cat >reader.10 <<'END'
100.000000 pipe2([3<pipe:[7]>, 4<pipe:[7]>], 0) = 0 <0.000020>
100.000100 clone(flags=SIGCHLD) = 11 <0.000020>
100.000200 clone(flags=SIGCHLD) = 12 <0.000020>
100.000300 close(4<pipe:[7]>) = 0 <0.000020>
100.000400 read(3<pipe:[7]>, "", 1) = 0 <0.050000>
100.060000 +++ exited with 0 +++
END
  cat >reader.11 <<'END'
100.000300 close(4<pipe:[7]>) = 0 <0.000020>
100.050370 exit_group(0) = ?
100.050500 +++ exited with 0 +++
END
  cat >reader.12 <<'END'
100.050350 close(4<pipe:[7]>) = 0 <0.000020>
100.060000 +++ exited with 0 +++
END
  drawn reader.1?
  [[ $output == *'"" = 0  <- close'* ]] || fail "$output"
  sed -i '1s/.*/100.050360 exit_group(0) = ?/' reader.12 # it held the end
  drawn reader.1?
  [[ $output == *'"" = 0  <- exit'* ]] || fail "$output"
}
@test "a waker stands above what it woke, also where strace has them reversed" {
  plant
  sed -i 's/100.050000/100.050100/; s/0.049850/0.049870/' \
    producer.10 consumer.11
  draws '   50.10 mq_send(/mail, "up\n") = 0          |
   50.10                                     | blocked 50 ms in mq_receive
                                             "up\n" = 3  <- mq_send'
}
@test "events closer than a call under strace takes share a line; others do not" {
  plant
  sed -i 's/100.000100/100.000015/' producer.10
  draws '
    0.00 mq_open(/mail, O_WRONLY|O_CREAT)    mq_open(/mail, O_RDONLY|O_CREAT)
'
  sed -i 's/100.000015/100.000030/' producer.10
  draws '
    0.00                                     mq_open(/mail, O_RDONLY|O_CREAT)
    0.03 mq_open(/mail, O_WRONLY|O_CREAT)
'
}
@test "what repeats is folded, and ALL=1 shows every call" {
  plant
  local i
  for i in 1 2 3 4 5; do
    echo "100.00100$i getpid() = 10 <0.000020>"
    echo "100.00200$i write(1</tmp/out>, \"x\", 1) = 1 <0.000020>"
  done | sort >calls
  sed -i '2r calls' producer.10
  draws '
    2.00 write(stdout, "x") = 1              |
         ... 4 times more                    |
   50.00 mq_send'
  ALL=1 draws 'getpid() = 10'
}
@test "a log that is empty, cut off or not strace's is an error with its line, and no picture" {
  local line message
  while IFS='|' read -r line message; do
    plant
    printf '%b' "$line" >consumer.11
    SVG=$PWD/picture.svg drawn producer.10 consumer.11
    [[ $status = 1 && -z $output && $stderr == "timeline: consumer.11$message"* &&
      ! -e picture.svg ]] || fail "$line: $status $stderr" "$output"
  done <<'END'
|: empty
1.000000 close(3) = 0 <0.000001>\n|, line 1: cut off: the process does not end
1.000000 close(3) = 0 <0.000001>\n1.000001 +++ exi|, line 2: cut off: 1.0
1.000000 close(3) = 0 <0.000001>\nclose(4) = 0\n|, line 2: no time stamp: cl
1.000000 hello\n|, line 1: not a line of strace: hello
\0\0\n|, line 1: no time stamp
END
  plant
  sed -i '$d' consumer.11 # where trace has cut it off, it need not end
  CUT=1 drawn producer.10 consumer.11
  [[ $status = 0 && $output == *SIGUSR1* ]] || fail "$stderr"
  drawn nowhere.12
  [[ $status = 1 && $stderr == 'timeline: nowhere.12: No such file'* ]]
  drawn producer
  [[ $status = 1 && $stderr == 'timeline: producer: a log is named NAME.PID' ]]
  drawn
  [[ $status = 1 && $stderr == 'timeline: no logs'* ]]
}
@test "colour is for a terminal only, and NO_COLOR takes it away" {
  plant
  requires 'script(1)' script -qec true /dev/null
  run -0 try script -qec "$timeline producer.10 consumer.11" /dev/null
  [[ $output == *$'\e[33m|'* ]]
  NO_COLOR=1 run -0 try script -qec "$timeline producer.10 consumer.11" /dev/null
  [[ $output != *$'\e'* ]]
}
@test "in each mechanism, the half that must sleep wakes below what woke it" {
  local pair sleep wake woken
  while read -r pair sleep wake woken; do
    traced PAIR="$pair" FIRST=consumer
    prints "$C$sleep" "$P$wake.*" "$C$woken.*" '.*exit 0.*'
    [ "$(grep -o 'exit 0' <<<"$output" | wc -l)" = 2 ] || fail "$output"
  done <<'END'
02-fifos/fifo open\(mail,.O_RDONLY\) open\(mail,.O_WRONLY returns
posix_mq mq_receive\(/mail\) mq_send\(/mail,."up.n"\) "up.n"
sysv_mq msgrcv\(queue.0x2a\) msgsnd\(queue.0x2a,."up.n"\) "up.n"
posix_sem futex_wait\(/mail.full\) futex_wake\(/mail.full\) =.0
sysv_sem semop\(set.0x[0-9a-f]+,.\[1:.-1\]\) semop\(set.0x[0-9a-f]+,.\[1:.1\]\) =.0
posix_shm futex_wait\(/mail.full\) futex_wake\(/mail.full\) =.0
sysv_shm semop\(set.0x2a,.\[1:.-1\]\) semop\(set.0x2a,.\[1:.1\]\) =.0
tcp accept\(socket\) connect\(socket,.127 returns
unix_stream accept\(socket\) connect\(socket,.mail returns
unix_seqpacket accept\(socket\) connect\(socket,.mail returns
signal sigwaitinfo\(.RTMAX-1.\) sigqueue\(consumer,.SIGRTMAX-1 =.SIGRTMAX-1
END
}
@test "what a pipe and a namespace's queue deliver was sent before" {
  traced PAIR=pipe
  prints "${P}write\(pipe, \"up.n\"\).*" "$C(read\(pipe, )?\"up.*" \
    "$C(read\(pipe, )?\"\".*" "${C}exit 0" '.*exit 0.*'
  traced PAIR=ns
  prints "${P}unshare.*" "${P}msgsnd.*\"up.*" "$C(msgrcv.*)?\"up.*" "${C}exit 0"
}
@test "a plain half sleeps on when the other is killed; a robust one ends" {
  traced PAIR=posix_mq KILL=consumer
  prints "${C}killed by SIGKILL" "${P}mq_send\(/mail, 4096 bytes\) *" \
    ' {9}\| has not returned' 'The trace was cut off 1.5 s after the kill.'
  mkdir out
  ln -s "$BUILD"/[0-9]* out/
  traced PAIR=robust/posix_mq KILL=consumer SVG=1 BUILD="$PWD/out"
  prints ".*${C}killed by SIGKILL" "Picture: $PWD/out/trace/03-msgqueues-robust-posix_mq-consumer-killed.svg"
  prints "${P}exit 1 *.*" 'producer: .*the consumer has exited'
}
@test "the children of a lesson have lanes, and a thread is in its process's lane" {
  traced LESSON=01-pipes/lessons/barrier
  [[ ${lines[1]} =~ \ ms\ barrier\ +child\ 1\ +child\ 2\ +child\ 3\ +child\ 4$ ]] ||
    fail "$output"
  prints '.{8} fork\(\) = child 1' '.*write\(pipe3, "x"\).*' '.*exit 0'
  traced LESSON=./08-ipc-namespace/lessons/pid_namespace_fixed.c
  prints '.* fork\(\) = child 1' '.{8} waitpid\(child 1\).*'
}
@test "any input is carried: empty, without a final newline, in a folder with spaces" {
  local dir="$PWD/a folder"
  mkdir "$dir"
  : >"$dir/empty"
  printf 'no newline' >nonl
  TMPDIR=$dir traced PAIR=posix_mq INPUT="$dir/empty"
  prints "$P(read\(stdin, )?\"\".*" "${P}mq_send\(/mail, \"\"\).*"
  TMPDIR=$dir traced PAIR=posix_mq INPUT=nonl
  prints "${P}mq_send\(/mail, \"no newline\"\).*"
  rm "$dir/empty"
  rmdir "$dir" # nothing is left in it
}
@test "Ctrl-C leaves no process and no folder" {
  needs_strace
  requires 'namespaces: make doctor' "$ROOT/tests/tools/isolate" true
  mkdir tmp
  TMPDIR=$PWD/tmp PAIR=posix_mq KILL=consumer LIMIT=60 start trace "$trace" >out
  until grep -qs . tmp/*/consumer.out; do
    kill -0 "${pid[trace]}"
  done
  kill -INT -- "-${pid[trace]}"
  finish trace 130
  while [ -n "$(processes)" ]; do :; done
  rmdir tmp
}
@test "a wrong operand is reported, with those that are possible" {
  needs_strace
  local asked told
  while IFS='|' read -r asked told; do
    run --separate-stderr -2 try env "$asked" "$trace"
    [[ -z $output && $stderr == "trace: $told"* ]] || fail "$asked: $stderr"
  done <<'END'
A=|which? make trace-03, or make trace PAIR=posix_mq
PAIR=nothing|PAIR=nothing: no such pair. There are:
LESSON=nothing|LESSON=nothing: no such program: 01-pipes/lessons/barrier
FIRST=both|FIRST=both: producer or consumer
KILL=me|KILL=me: producer or consumer
INPUT=/nowhere|INPUT=/nowhere: not a file that can be read
INPUT=/|INPUT=/: not a file that can be read
END
  KILL=producer LESSON=01-pipes/lessons/barrier run -2 try "$trace"
  [ "$output" = 'trace: KILL is for a pair' ]
  FIRST=producer PAIR=07-signals/signal run -2 try "$trace"
  [[ $output == *'signal_producer needs the PID that '*'signal_consumer prints' ]]
}
@test "without strace, or under another tracer, trace ends with 77 and what helps" {
  PAIR=posix_mq run -77 try env PATH=/nowhere "$trace"
  [ "$output" = 'trace: strace is missing: ./setup.sh' ] || fail "$output"
  needs_strace
  PAIR=posix_mq run -77 try strace -f -qq -o log "$trace"
  [[ $output == *'runs under strace or a debugger itself: run it without' ]] ||
    fail "$output"
}
@test "a full standard output fails" {
  needs_strace
  PAIR=posix_mq run -1 try sh -c '"$1" >/dev/full' sh "$trace"
  [[ $output == *'No space left on device'* ]] || fail "$output"
}
