# labs.bats - the grader is graded: what students write is hostile by accident
# bats file_tags=lab
load lib/helper

MAN='tests/TEACHING.md'

needs_namespaces() { # as lab.bash does
  [ $EUID = 0 ] ||
    requires 'namespaces of its own for what a student wrote: make doctor' \
      [ "$ISOLATION" = namespaces ]
}
# student CODE [TEST]: a student's program with this main, and its test
student() {
  local test=${2:-'go; expect_status 0; expect_out hello'}
  needs_namespaces
  printf '%s\n' '#define _GNU_SOURCE' '#include <err.h>' '#include <fcntl.h>' \
    '#include <signal.h>' '#include <stdio.h>' '#include <stdlib.h>' \
    '#include <string.h>' '#include <sys/mman.h>' '#include <sys/stat.h>' \
    '#include <sys/wait.h>' '#include <sys/mount.h>' '#include <sys/msg.h>' '#include <pthread.h>' \
    '#include <unistd.h>' "int main(void) { $1; return 0; }" >student.c
  cc -g -w student.c -o program -pthread
  chmod 755 . program
  printf '%s\n' "load ${ROOT@Q}/tests/labs/lab" \
    "@test \"it says hello\" { $test; }" >inner.bats
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" \
    NAMESPACES="${NAMESPACES:-yes}" PROGRAM="$PWD/program" PATIENCE="${PATIENCE:-1}" \
    timeout -k 1 60 bats --tap inner.bats
}
# told TEXT: the test failed, and its report has TEXT
told() {
  [[ $output == *'not ok 1 it says hello'* && $output == *"$1"* ]] ||
    fail "expected: a failure that says $1" "actual: $output"
}

@test "a program that does what it should passes" {
  student 'puts("hello")'
  [ "$status" = 0 ] || fail "$output"
}
@test "a fork bomb runs into its limit, and is ended whole" {
  student 'for (;;) if (fork() == -1) pause()'
  told 'after 1 seconds it still runs'
}
@test "kill(-1) ends the student's processes, not the grader" {
  student 'signal(SIGTERM, SIG_IGN); kill(-1, SIGTERM); puts("hello")'
  if [ $EUID = 0 ]; then
    [ "$status" = 0 ] || fail "$output"
  else # of the same user: the test ends, which is a failure with its reason
    [[ $output == *'not ok 1'* || $output == *'test ended with'* ]] ||
      fail "$output"
  fi
}
@test "endless output ends at 16 MiB" {
  student 'for (;;) puts("hello")'
  told 'it wrote more than 16 MiB'
}
@test "a full disk in memory, or no memory, is an error of the program" {
  PATIENCE=10 student 'for (;;) memset(malloc(1 << 20) ?: exit, 1, 1 << 20)'
  told 'expected: exit status 0'
  PATIENCE=10 student 'int fd = shm_open("/full", O_RDWR | O_CREAT, 0600);
    static char b[1 << 20]; memset(b, 1, sizeof b);
    while (write(fd, b, sizeof b) > 0) continue; shm_unlink("/full");
    puts("no hello")'
  told 'expected: '
}
@test "a program that fills /dev/shm, or its folder, fills little" {
  local fill='static char b[1 << 20], name[32]; int n = 0, fd;
    for (;; n++) { snprintf(name, sizeof name, FOLDER "/%d", n);
      if ((fd = open(name, O_RDWR | O_CREAT, 0600)) == -1) break;
      for (int i = 0; i < 15; i++)
        if (write(fd, b, sizeof b) != sizeof b) goto full;
      close(fd); }
    full: puts("full"); while (n >= 0) {
      snprintf(name, sizeof name, FOLDER "/%d", n--); unlink(name); }'
  PATIENCE=10 student "${fill//FOLDER/'"/dev/shm"'}"
  told 'standard output: full'
  requires 'root, whose disk it is' [ $EUID = 0 ]
  PATIENCE=10 student "${fill//FOLDER/'"."'}"
  told 'standard output: full'
}
@test "when memory runs out, the student's program is ended first" {
  student 'char text[16] = ""; FILE *f = fopen("/proc/self/oom_score_adj", "r");
    fgets(text, sizeof text, f); fputs(text, stdout)'
  told 'standard output: 1000'
}
@test "a process that runs on as a daemon is found, and ended" {
  student 'puts("hello"); fflush(stdout);
    if (fork() == 0) { setsid(); if (fork() == 0) { signal(SIGTERM, SIG_IGN);
      pause(); } }'
  told 'left running'
}
@test "a program that ignores signals, or stops itself, is ended" {
  student 'for (int s = 1; s < 65; s++) signal(s, SIG_IGN); for (;;) pause()'
  told 'it waits for a signal'
  student 'raise(SIGSTOP)'
  told 'after 1 seconds it still runs'
}
@test "a program that shuts its folder, and removes all in it, harms only itself" {
  student 'system("rm -rf ./* .[a-z]*"); chmod(".", 0); puts("bye")'
  if [ $EUID = 0 ]; then
    told 'standard output: bye'
  else # of the same user: it can remove what the test has written
    [ "$status" != 0 ]
  fi
}
@test "what is left behind is reported, with its name" {
  student 'shm_open("/mine", O_CREAT | O_RDWR, 0600); puts("hello")'
  told '/dev/shm/mine'
}
@test "a copy that hangs is ended alone, not those beside it" {
  # shellcheck disable=SC2016 # the inner test's
  student 'char in[4096]; getcwd(in, sizeof in);
    if (strstr(in, "/hangs")) pause(); select(0, 0, 0, 0, &(struct timeval){ 2 }); puts("hello")' '
    for copy in hangs runs; do
      mkdir "$copy"
      (cd "$copy"; COPY=1; [ "$copy" = hangs ] || PATIENCE=9
        begin main; end main; expect_out hello) &
      pid[$copy]=$!
    done
    wait "${pid[runs]}"
    ! wait "${pid[hangs]}"'
  [ "$status" = 0 ] || fail "$output"
}
@test "a program that has ended gets no signal, and holds no test up" {
  # shellcheck disable=SC2016 # the inner test's
  student 'puts("hello")' 'go; for signal in STOP TERM; do
    ! send "$signal" main 2>/dev/null || return 1; done
    resume main; expect_out hello'
  [ "$status" = 0 ] || fail "$output"
}
# bats test_tags=slow
@test "a program that waits for a processor is not asleep" {
  # shellcheck disable=SC2016 # the inner test's
  student 'for (;;) continue' '
    cpu=$(taskset -cp $$ | grep -o "[0-9]*$")
    taskset -c "$cpu" perl -e "alarm 2; 1 while 1" 3>&- &
    WRAP=(taskset -c "$cpu" chrt --idle 0)
    begin main
    until_runs main
    for n in 1 2 3 4 5 6; do ! is_asleep main || return 1; done
    killed main'
  [ "$status" = 0 ] || fail "$output"
}
# bats test_tags=slow
@test "a thread that runs is not asleep, and its child is found" {
  # shellcheck disable=SC2016 # the inner test's
  student 'void *spin(void *x) { for (;;) continue; }
    pthread_t t; pthread_create(&t, NULL, spin, NULL); pause()' '
    begin main
    until_runs main
    for n in 1 2 3; do ! is_asleep main || return 1; done
    killed main'
  [ "$status" = 0 ] || fail "$output"
  student 'void *work(void *x) { if (fork() == 0) { raise(SIGSTOP); _exit(0); }
      wait(NULL); puts("hello"); exit(0); }
    pthread_t t; pthread_create(&t, NULL, work, NULL); pause()' '
    begin main
    asleep_all main
    resume main
    end main
    expect_out hello'
  [ "$status" = 0 ] || fail "$output"
}
# bats test_tags=slow
@test "an error of memory is told with its line, and is the program's" {
  chmod go+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
  student 'volatile char *p = malloc(3); p[3] = 1; puts("hello")' \
    'in_valgrind go; expect_status 0'
  told 'main (student.c:'
  # In a bind mount, the kernel ignores the type
  student 'mount("none", "/none", NULL, 0x1000, NULL); puts("hello")' \
    'in_valgrind go; expect_status 0; expect_out hello'
  [ "$status" = 0 ] || fail "$output"
}
@test "what was done is told in a line that can be read" {
  # shellcheck disable=SC2016 # the inner test's
  student 'puts("bye")' 'go "$(printf %5000s word)"; expect_out hello'
  told 'did:      ./program '
  [ "$(awk '{ print length }' <<<"$output" | sort -n | tail -n 1)" -lt 400 ]
}
# bats test_tags=slow
@test "a source that never ends, or is none, does not compile" {
  mkdir lab
  echo '#include "/dev/zero"' >lab/capture.c
  LAB=$PWD/lab run -0 timeout 90 "$ROOT/tests/tools/grade" 01 capture
  [[ $output == *'does not compile'*'total: 0 of '* ]]
}
graded() { # VARIABLE=VALUE...: lab/capture.c, by its first test
  run -0 env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" \
    NAMESPACES="${NAMESPACES:-yes}" LAB="$PWD/lab" ONLY=first "$@" \
    "$ROOT/tests/tools/grade" 01 capture
}
@test "a source that includes a file of root's does not show it" {
  requires 'root' [ $EUID = 0 ]
  mkdir lab
  echo 'an answer' >secret
  chmod 600 secret
  echo "#include \"$PWD/secret\"" >lab/capture.c
  graded
  [[ $output == *'does not compile'* && $output != *answer* ]] || fail "$output"
  ln -sf ../secret lab/capture.c
  graded
  [[ $output == *'is a symbolic link'* && $output != *answer* ]] || fail "$output"
  rm lab/capture.c # with a umask that lets no other user read
  cp "$ROOT/01-pipes/lab/solution/capture.c" lab
  umask 077
  graded
  [[ $output == *' passed '* ]] || fail "$output"
}
@test "why a source does not compile is in the report of each format, in short" {
  mkdir lab
  { echo 'int main(void) { retur 0; }' && seq -f 'unsigned x = y%.0f;' 1000; } \
    >lab/capture.c
  LAB=$PWD/lab FORMAT=gradescope OUT=out run -0 "$ROOT/tests/tools/grade" 01 capture
  [[ $output == *retur*'more lines'* && ${#lines[@]} -lt 60 ]] || fail "$output"
  grep -q retur out
}
# bats test_tags=slow
@test "what a program prints harms no terminal, and no format" {
  needs_namespaces
  mkdir lab
  printf '#include <stdio.h>\nint main(void) { puts("%s"); }\n' \
    'a\377\033[2Jz' >lab/capture.c
  graded FORMAT=junit OUT=out
  [[ $output == *'?[2Jz'* && $output != *$'\033'* &&
    $output != *'does not map'* ]] || fail "$output"
  requires 'xmllint: ./setup.sh dev' command -v xmllint
  xmllint --noout out
}
@test "a program can neither remove nor write anything but the test's folder" {
  requires 'namespaces of its own for what a student wrote: make doctor' \
    [ "$ISOLATION" = namespaces ]
  requires 'a root that is a mount point, which it is not in a chroot' \
    awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo
  mkdir precious
  chmod 777 . precious
  touch precious/thesis
  student 'system("rm -rf ../../../precious ~/precious '"$PWD"'/precious \
    /tmp/* /var/tmp/*"); close(open("/var/tmp/mine", O_CREAT, 0600));
    puts("hello")'
  [ -f precious/thesis ] || fail "$output"
  [ ! -e /var/tmp/mine ]
  student 'puts(tmpfile() ? "hello" : "no /tmp")'
  [ "$status" = 0 ] || fail "$output"
}
@test "as root without namespaces, what is left is seen, and in nobody's way" {
  requires 'root' [ $EUID = 0 ]
  for _ in first second; do # another user, who could not open it
    NAMESPACES=no student 'if (msgget(42, IPC_CREAT | 0600) == -1) err(1, "msgget");
      if (fork() == 0) { setsid(); clearenv(); execl("/bin/tail", "tail", "-f", "/dev/null", NULL); }
      puts("hello")'
    told 'left behind (>), taken away (<): > msg 42'
    [[ $output == *'left running:'*'tail -f'* ]] || fail "$output"
    [ "$(ipcs -q | grep -c 0x)" = 0 ]
  done
}
@test "a test that the program has ended is named, with its status" {
  needs_namespaces
  mkdir lab
  printf '#include <signal.h>\nint main(void) { kill(-1, SIGKILL); }\n' \
    >lab/capture.c
  graded PATIENCE=1
  [[ $output == *'  failed '*happened:* && $output != *'did not run'* ]] ||
    fail "$output"
}
# bats test_tags=slow
@test "an interrupted grader ends what it has started" {
  needs_namespaces
  mkdir tmp
  start grader env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" \
    TMPDIR="$PWD/tmp" LAB="$ROOT/01-pipes/lab/solution" \
    "$ROOT/tests/tools/grade" 01
  until [ -n "$(find tmp -name 'bats-run*')" ]; do runs_on grader; done
  send INT grader
  finish grader 1
  [ -z "$(ls tmp)" ] || fail "left: $(find tmp)"
}
runs_on() { [ -e "/proc/${pid[$1]}" ]; }
# bats test_tags=slow
@test "points that the machine cannot give are named, and do not count" {
  needs_namespaces
  needs_strace # of a program that is traced, no other one can be the tracer
  run -0 strace -f --seccomp-bpf -qq -o /dev/null -e trace=personality \
    env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" \
    LAB="$ROOT/01-pipes/lab/solution" FORMAT=gradescope OUT=out \
    "$ROOT/tests/tools/grade" 01 capture
  grep -q '"output" : " *[1-9]* more points could not be graded' out
  [[ $output == *'total: '[1-9]*' points'*'more points could not be graded'* ]] ||
    fail "$output"
  [[ $output =~ total:\ ([0-9]+)\ of\ ([0-9]+) ]]
  [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "$output"
}
@test "a wrong variable ends the grader with 2, and what would be right" {
  LAB=/no/such run -2 "$ROOT/tests/tools/grade" 01
  [[ $output == *'LAB: /no/such is not a folder'* ]]
  FORMAT=pdf run -2 "$ROOT/tests/tools/grade" 01
  [[ $output == *'expected one of: classroom50 gradescope junit prairielearn'* ]]
  FORMAT=junit OUT=none/junit run -2 "$ROOT/tests/tools/grade" 01
  [[ $output == 'grade: OUT: none/junit: '* ]] || fail "$output"
  run -2 "$ROOT/tests/tools/grade" 01 captur
  [[ $output == *'no task 01-captur; there are: 01-capture'* ]]
  JOBS=x run -2 "$ROOT/tests/tools/grade" 01
  [[ $output == *'JOBS: x is not a number'* ]]
  # Nor does a compiler that is missing cost a student points
  CC=no-such-cc run -2 "$ROOT/tests/tools/grade" 01
  [[ $output == *'does not compile and run'*no-such-cc* ]] || fail "$output"
}
