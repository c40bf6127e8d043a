# 00-harness.bats - the harness itself: what it promises, it catches
load lib/helper

MAN='bats(1), bats(7)'

# suite TEXT: a .bats file with TEXT, run as the suite runs its own
suite() {
  { printf 'load %q\n' "$ROOT/tests/lib/helper" && printf '%s\n' "$@"; } >inner.bats
  # bats puts its inner commands first in PATH, one of them named bats
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" LIMIT=2 \
    NAMESPACES="${NAMESPACES:-yes}" TEST_LIMIT="${TEST_LIMIT:-60}" \
    STRICT="${INNER_STRICT:-0}" timeout -k 1 60 bats --tap inner.bats
}
lessons="load ${ROOT@Q}/tests/lib/lessons"
caught() {
  [[ $status != 0 && $output == *'not ok 1 it'* && $output == *"$1"* ]] ||
    fail "expected: a failure that says $1" "actual: $status $output"
}

@test "a test without fault passes" {
  suite '@test "it" { try true; }'
  [ "$status" = 0 ]
}
@test "a SysV object left behind is caught, whatever its kind" {
  for flag in -Q '-M 1' '-S 1'; do
    suite "@test 'it' { ipcmk $flag; }"
    caught 'left behind'
    # Where there is no namespace to take them along, they are still there
    if [ "$ISOLATION" = none ]; then
      ipcrm "-$(tr QMS qms <<<"${flag:1:1}")" \
        "$(grep -oE 'id: [0-9]+' <<<"$output" | head -n 1 | cut -c 5-)"
    fi
  done
}
@test "an object in /dev/shm left behind is caught" {
  suite "@test 'it' { : >/dev/shm/helper-test-$$; }"
  caught "/dev/shm/helper-test-$$"
  rm -f "/dev/shm/helper-test-$$"
}
@test "a FIFO and a socket left behind are caught" {
  suite '@test "it" { mkfifo pipe; }'
  caught /pipe
  suite '@test "it" { start s socat UNIX-LISTEN:sock,fork -; await_socket; }' \
    'await_socket() { until [ -S sock ]; do :; done; send KILL s; finish s 137; }'
  caught /sock
}
@test "an object that a test removes is caught" {
  suite 'setup() { mkfifo "$BATS_TEST_TMPDIR/old"; cd "$BATS_TEST_TMPDIR"; objects >.before; }' \
    '@test "it" { rm old; }'
  caught '< '
}
@test "a process left running is caught and ended, whatever its command line" {
  # Without namespaces: the end of a PID namespace would end it, too
  NAMESPACES=no suite '@test "it" { start orphan sh -c "echo up
    tail -f /dev/null; :" >out; await_file out; }'
  caught 'left running'
  while grep -qzxs "LAUNCHED_BY=$BATS_TEST_TMPDIR/.*" /proc/[0-9]*/environ; do
    : # one that was killed may need a moment
  done
}
@test "a program that hangs is ended in time and named" {
  suite '@test "it" { start stuck tail -f /dev/null; finish stuck; }'
  caught 'actual: 124'
}
@test "a test that hangs is ended in time" {
  TEST_LIMIT=2 suite '@test "it" { tail -f /dev/null; }'
  [[ $status != 0 && $output != *$'\nok 1'* ]] || fail "$output"
}
@test "a wrong status and a missing line are caught, with what was expected" {
  suite '@test "it" { start p sh -c "exit 3"; finish p 4; }'
  caught 'expected: p ends with 4'
  suite '@test "it" { start p sh -c "echo one >&2"; finish p 0 two; }'
  caught 'expected of p: two'
  suite '@test "it" { start p sh -c "echo one >&2"; await p two; }'
  caught 'expected of p: two'
}
@test "a failure prints the command that runs the test again, and the man page" {
  suite 'MAN="pipe(7)"' '@test "it" { false; }'
  caught "again: bats '$PWD/inner.bats' -f '^it\$'"
  caught 'see: pipe(7)'
}
@test "a test that needs what the machine lacks is skipped with the reason, or fails if STRICT=1" {
  suite '@test "it" { mkfifo idle; requires "a reason" false; }'
  [[ $status = 0 && $output == *'# skip a reason'* ]]
  INNER_STRICT=1 suite '@test "it" { requires "a reason" false; }'
  caught 'lacks: a reason'
}
@test "a program that ends with 77 skips its test, with its reason, or fails if STRICT=1" {
  local test='@test "it" { pid=() # the other half ends, too, by SIGTERM
    start other sh -c "mkfifo p; trap \"rm p; exit\" TERM; echo up >&2
      while :; do read -r _ <>p; done"
    await other up
    start p sh -c "echo no moon >&2; exit 77"; finish p; }'
  suite "$test"
  [[ $status = 0 && $output == *'# skip no moon'* ]] || fail "$output"
  suite "${test/finish p/await p moonlight}"
  [[ $status = 0 && $output == *'# skip no moon'* ]] || fail "$output"
  INNER_STRICT=1 suite "$test"
  caught 'lacks: no moon'
  suite '@test "it" { start p sh -c "exit 77"; finish p 77; }'
  [[ $status = 0 && $output != *'# skip'* ]] || fail "$output"
}
@test "programs start with default signals and no descriptor above 2" {
  run -0 try ls /proc/self/fd
  [ "$output" = $'0\n1\n2\n3' ] # 3 is the folder that ls itself has open
  run -0 try grep SigIgn /proc/self/status
  # 32 and 33 are the C library's own
  [[ $output =~ ^SigIgn:.0{7}[01][08]0{7}$ ]] || fail "$output"
}
@test "each test has an IPC namespace of its own, where the machine allows" {
  [ "$ISOLATION" != none ] || skip "no namespaces here, or NAMESPACES=no"
  suite '@test "it" { readlink /proc/self/ns/ipc; false; }'
  [[ $output == *'ipc:['* && $output != *"$(readlink /proc/self/ns/ipc)"* ]]
}
@test "a runner without tests, or without a file, is an error" {
  : >empty.bats
  run -1 "$ROOT/tests/tools/run" empty.bats
  run -1 "$ROOT/tests/tools/run" nowhere.bats
  run -1 "$ROOT/tests/tools/run"
}
# runner FILE.bats [FILTER]: tests/tools/run as make calls it, with what is given
given=()
runner() {
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" \
    TMPDIR="${TMPDIR:-/tmp}" NAMESPACES="${NAMESPACES:-yes}" \
    FILTER="${2-}" "${given[@]}" timeout -k 1 60 "$ROOT/tests/tools/run" "$1"
}
@test "a planned test that did not run fails the run, with the first cause" {
  printf '%s\n' "load ${ROOT@Q}/tests/lib/helper" '@test "one" { true; }' \
    '@test "two" { kill -KILL $$; }' '@test "three" { true; }' >dies.bats
  runner dies.bats
  [ "$status" = 1 ]
  [[ $output == *'dies.bats: 1 of 3 tests did not run: '*'status 137'* ]] ||
    fail "$output"
  [ "${lines[-1]}" = '2 passed, 1 failed, 0 skipped' ] || fail "$output"
}
@test "variables of make trace, grade and bench do not reach the tests" {
  # shellcheck disable=SC2016 # the inner test's
  printf '@test "one" { %s; }\n' '[ -z "${ALL-}${FORMAT-}${ONLY-}${OUT-}" ]' >one.bats
  given=(ALL=1 FORMAT=junit ONLY=first OUT=/none)
  runner one.bats
  [ "$status" = 0 ] || fail "$output"
}
@test "a run ends with its skipped tests by reason, and counts them" {
  printf '%s\n' "load ${ROOT@Q}/tests/lib/helper" '@test "one" { skip "no moon"; }' \
    '@test "two" { skip "no sun"; }' '@test "three" { skip "no moon"; }' \
    >skips.bats
  runner skips.bats
  [ "$status" = 0 ]
  [[ $output == *$'Skipped:\n   2  no moon\n   1  no sun\n0 passed, 0 failed, 3 skipped' ]] ||
    fail "$output"
}
@test "a bats that is too old is reported once, with the commands that install another" {
  mkdir bin
  # shellcheck disable=SC2016 # the script's
  printf '#!/bin/sh\necho "Bats $VERSION"\n' >bin/bats
  chmod +x bin/bats
  printf '@test "one" { true; }\n' >one.bats
  local command
  export VERSION
  for VERSION in 0.4.0 1.2.1 1.7.0; do
    for command in 'tests/tools/run one.bats' 'setup.sh --check-bats'; do
      # shellcheck disable=SC2086 # the words of command
      PATH=$PWD/bin:$PATH run -1 "$ROOT"/$command
      [[ $output == "setup.sh: Bats $VERSION is too old"*install.sh* ]]
      [ "${#lines[@]}" = 4 ]
    done
  done
  for VERSION in 1.8.0 1.10.0 1.13.0 2.0; do
    PATH=$PWD/bin:$PATH run -0 "$ROOT/setup.sh" --check-bats
    [ -z "$output" ]
  done
}
@test "a filter that no test matches is an error" {
  printf '@test "one" { true; }\n' >one.bats
  runner one.bats another
  [ "$status" = 1 ]
  [[ $output == *'no test ran: none matches FILTER=another'* ]] || fail "$output"
}
@test "each skip has a reason" {
  suite '@test "it" { requires "" false; }'
  caught 'no reason given'
}
@test "a TMPDIR that is too long, or mounted noexec, is reported with the remedy" {
  printf '@test "one" { true; }\n' >one.bats
  local long
  long=$PWD/$(printf '%0100d' 0)
  mkdir "$long"
  TMPDIR=$long runner one.bats
  [ "$status$output" = '1tests/tools/run: TMPDIR is too long: TMPDIR=/tmp make check' ]
  requires 'user namespaces, to mount in' unshare --map-root-user --mount true
  # shellcheck disable=SC2016 # the inner shell's
  PATH=${PATH//"$BATS_LIBEXEC:"/} run -1 unshare --map-root-user --mount sh -c \
    'mount -t tmpfs -o noexec none /mnt && TMPDIR=/mnt exec "$@"' sh \
    "$ROOT/tests/tools/run" one.bats
  [ "$output" = 'tests/tools/run: /mnt is mounted noexec: TMPDIR=/var/tmp make check' ]
}
@test "a lesson's missing line, wrong order or surplus line is caught" {
  printf '#!/bin/sh\nprintf "one\\ntwo\\n"\n' >says
  chmod 755 says
  suite "$lessons" "@test 'it' { lesson $PWD/says; prints one two; }"
  [ "$status" = 0 ] || fail "$output"
  suite "$lessons" "@test 'it' { lesson $PWD/says; prints two one; }"
  caught 'expected, after what stands before it: one'
  suite "$lessons" "@test 'it' { lesson $PWD/says; prints tw; }"
  caught 'expected, after what stands before it: tw'
  suite "$lessons" "@test 'it' { lesson $PWD/says; prints_only one; }"
  caught 'expected: 1 lines'
}
@test "a lesson that ignores a full output or a wrong operand is caught" {
  suite "$lessons" '@test "it" { full true; }'
  caught 'expected: true fails on /dev/full'
  suite "$lessons" '@test "it" { misuse true; }'
  [[ $status != 0 && $output == *'not ok 1 it'* ]]
}
@test "a lesson that this machine forbids is skipped with its reason" {
  printf '#!/bin/sh\necho "says: call: no; remedy" >&2\nexit 77\n' >says
  chmod 755 says
  suite "$lessons" "@test 'it' { lesson $PWD/says; }"
  [[ $status = 0 && $output == *'# skip says: call: no; remedy'* ]]
  INNER_STRICT=1 suite "$lessons" "@test 'it' { lesson $PWD/says; }"
  caught 'lacks: says: call: no'
}
@test "memcheck catches a descriptor that a program leaves open, and a lost block" {
  requires 'valgrind, cc: ./setup.sh' sh -c 'command -v valgrind && command -v cc'
  mkdir -p tree/tests tree/99-leaks elsewhere/99-leaks
  mkdir tree/tests/{lib,tools}
  cp "$ROOT"/tests/tools/{bats-exec-test,isolate,memcheck,run,uncapped} tree/tests/tools/
  cp "$ROOT/tests/lib/helper.bash" tree/tests/lib/
  cp "$ROOT/setup.sh" tree/
  printf '%s\n' '#include <fcntl.h>' '#include <stdlib.h>' 'int main(void)' \
    '{ malloc(1000); fcntl(99, F_GETFD);' \
    'return open("/dev/null", O_RDONLY) == -1; }' \
    >tree/99-leaks/leaks.c
  cc -w -g tree/99-leaks/leaks.c -o elsewhere/99-leaks/leaks
  printf '%s\n' 'load lib/helper' '# bats test_tags=memcheck' \
    '@test "it runs" { run -0 try leaks; }' >tree/tests/99-leaks.bats
  # Where there are no namespaces, tests take turns by a lock in HOME
  run -1 env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" \
    NAMESPACES="${NAMESPACES:-yes}" BUILD="$PWD/elsewhere" tree/tests/tools/memcheck 99-leaks
  for said in 'Open file descriptor' /dev/null '1,000 bytes in 1 blocks are' \
    'memcheck: 1 processes, 1 findings'; do
    [[ $output == *"$said"* ]] || fail "expected: $said" "actual: $output"
  done
  [[ $output != *fcntl* ]] || fail 'expected: fcntl may ask' "actual: $output"
}
# plant PROGRAM...: these are all that faults has, in tree/
plant() {
  requires 'strace, cc: ./setup.sh' sh -c 'command -v strace && command -v cc'
  requires 'namespaces for faults, with loopback up: a container needs --privileged' \
    "$ROOT/tests/tools/isolate" --net true
  mkdir -p tree/tests/tools elsewhere/01-plant/robust
  cp "$ROOT"/tests/tools/{faults,faults.txt,isolate} tree/tests/tools/
  for program; do
    cc -w "tree/01-plant/robust/$program.c" -o "elsewhere/01-plant/robust/$program"
  done
}
@test "faults catches a failure that is ignored, an exit without a message, an object left behind" {
  mkdir -p tree/01-plant/robust
  cat >tree/01-plant/robust/careless.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
	char dir[] = "XXXXXX";
	if (mkdtemp(dir) == NULL || rmdir(dir) == -1)
		return perror("careless: mkdtemp"), 1;
	setpgid(0, 0);
	int id = shmget(IPC_PRIVATE, 1, 0600);
	if (id == -1)
		return 1;
	if (chdir("/") == -1)
		return perror("careless: chdir"), 1;
	return shmctl(id, IPC_RMID, NULL) == -1;
}
END
  plant careless
  run -1 env TMPDIR="$PWD" BUILD="$PWD/elsewhere" tree/tests/tools/faults
  for said in 'EIO of setpgid, 1: went on' 'EIO of shmget, 1: said nothing, status 1' \
    'EIO of chdir, 1: left behind: shm ' 'faults: 4 injected, 0 not come to, 3 findings'; do
    [[ $output == *"$said"* ]] || fail "expected: $said" "actual: $output"
  done
}
@test "faults judges no call that is exempt, if it has come where another one was" {
  mkdir -p tree/01-plant/robust
  cat >tree/01-plant/robust/changing.c <<'END'
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
	int is_first = open(getenv("SEEN"), O_CREAT | O_EXCL, 0600) != -1;
	if (!is_first && errno != EEXIST)
		err(1, "open");
	if (!is_first)
		setpgid(0, 1);
	if (setpgid(0, 0) == -1 || chdir("/") == -1)
		err(1, "setpgid or chdir");
	return 0;
}
END
  plant changing
  echo '*/changing  setpgid\(0,.1  need not succeed' >>tree/tests/tools/faults.txt
  run -0 env SEEN="$PWD/seen" TMPDIR="$PWD" BUILD="$PWD/elsewhere" \
    tree/tests/tools/faults
  [ "$output" = 'faults: 2 injected, 1 not come to, 0 findings' ] ||
    fail "$output"
}
# bats test_tags=slow
@test "faults catches a half that waits forever after the other one has failed" {
  mkdir -p tree/01-plant/robust
  cat >tree/01-plant/robust/fifo_producer.c <<'END'
#include <err.h>
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
	int fd = open(argv[1], O_WRONLY);
	if (fd == -1 || write(fd, "1", 1) != 1)
		err(1, "meet");
	if (chdir("/") == -1 || write(fd, "2", 1) != 1)
		err(1, "go on");
	return 0;
}
END
  cat >tree/01-plant/robust/fifo_consumer.c <<'END'
#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
	char c[2];
	mkfifo(argv[1], 0600);
	warnx("waiting on %s", argv[1]);
	int fd = open(argv[1], O_RDWR); /* so it never sees EOF */
	read(fd, c, 1);
	unlink(argv[1]);
	read(fd, c + 1, 1);
	return write(1, c, 2) == -1;
}
END
  plant fifo_producer fifo_consumer
  LIMIT=2 run -1 env TMPDIR="$PWD" BUILD="$PWD/elsewhere" tree/tests/tools/faults \
    01-plant/robust/fifo_producer
  # It carries two bytes, not the file. Before they have met, one may wait alone
  for said in 'EIO of chdir, 1: the other half hung' \
    'EIO of chdir, 1: the next transfer failed' 'faults: 4 injected, 0 not come to, 6 findings'; do
    [[ $output == *"$said"* ]] || fail "expected: $said" "actual: $output"
  done
}
# storms CONSUMER: a storm over a pair of scripts. Its producer writes the whole,
# which CONSUMER carries to standard output
storms() {
  mkdir -p planted/99-plant/robust
  # shellcheck disable=SC2016 # the scripts'
  printf '%s\n' '#!/bin/bash' '[ -p "$1" ] || mkfifo "$1" || exit' \
    'exec {lock}<"$0"; flock -n $lock || exit 1' 'exec cat >"$1"' \
    >planted/99-plant/robust/plant_producer
  printf '%s\n' '#!/bin/bash' '[ -p "$1" ] || mkfifo "$1" || exit' \
    'exec {lock}<"$0"; flock -n $lock || exit 1' "$@" \
    >planted/99-plant/robust/plant_consumer
  chmod +x planted/99-plant/robust/*
  run env -u PAIR BUILD="$PWD/planted" TIME=1 LIMIT=1 SEED=5 \
    timeout -k 1 50 "$ROOT/tests/tools/storm"
  [ "${lines[0]}" = 'storm: make storm TIME=1 SEED=5' ] || fail "$output"
}
# bats test_tags=slow
@test "storm catches a hang, a loss and a leftover" {
  # shellcheck disable=SC2016 # the script's
  storms 'exec 3<>"$1"' 'exec cat <&3' # which never sees the end
  [[ $status = 1 && $output == *': hang: running: '* ]] || fail "$output"
  # shellcheck disable=SC2016
  storms 'head -c 20 <"$1"; rm "$1"'
  [[ $status = 1 && $output == *': loss: '* ]] || fail "$output"
  # shellcheck disable=SC2016
  storms 'exec cat <"$1"'
  [[ $status = 1 && $output == *': leftover: '*': name'* ]] || fail "$output"
  [ "${lines[-1]}" = 'again, each of plant: make storm TIME=1 SEED=5 PAIR=NAME' ]
}
@test "a storm that ends early prints the reason, and what it has found" {
  # shellcheck disable=SC2016 # the script's: the storm is its parent's parent
  storms 'read -r _ _ _ storm _ </proc/$PPID/stat; kill $storm; exec cat <"$1"'
  [[ $status = 1 && ${lines[-3]} = *', 1 hangs, 0 losses, '* &&
    $output == *': hang: storm ends early, with 143: TERM comes'* ]] ||
    fail "$output"
}
