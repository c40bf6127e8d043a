# shellcheck shell=bash
# helper.bash - what every test gets without asking for it: namespaces of its
# own where the machine allows that, a folder of its own, a time limit for all
# that it starts, and a check that nothing is left behind. A .bats file says
# `load lib/helper`, and which man pages help: MAN='fifo(7)'.

bats_require_minimum_version 1.8.0
ROOT=${BASH_SOURCE[0]%/tests/lib/*} # bats loads by an absolute path
[[ ${BUILD:=$ROOT/build} == /* ]] || BUILD=$(realpath -m "$BUILD")
export BUILD # where the programs are
unset LANGUAGE # which the C.UTF-8 of glibc heeds
export LC_ALL=C.UTF-8        # tests read what tools print
LIMIT=${LIMIT:-20}           # seconds a program may take; valgrind needs more
TEST_LIMIT=${TEST_LIMIT:-60} # seconds a test may take
declare -gA pid              # of what start started, by name
least=$EUID most=$EUID       # the users whose objects are the test's
[ -d "${HOME-}" ] || HOME=/dev/shm
no_caps=("$ROOT/tests/tools/uncapped")

# bats loads a file also before it starts the tests
if [[ ${BASH_SOURCE[*]} == *bats-exec-file* ]]; then
  export HOME TEST_LIMIT ISOLATION=none # or namespaces, if NAMESPACES is not no
  [ "${NAMESPACES:-yes}" != yes ] ||
    ! "$ROOT/tests/tools/isolate" true 2>/dev/null || ISOLATION=namespaces
  export OWN_LIBEXEC=$BATS_LIBEXEC BATS_LIBEXEC=$ROOT/tests/tools
fi

setup() {
  : "${ISOLATION:?bats did not start tests/tools/bats-exec-test}"
  set +T # to trace what functions do costs more than what they do
  trap 'bats_error_trap; [ $BASHPID != $$ ] || where' ERR
  cd "$BATS_TEST_TMPDIR" || return
  # 03-msgqueues-robust.bats runs the programs of 03-msgqueues/robust
  chapter=${BATS_TEST_FILENAME##*/} chapter=${chapter%.bats}
  programs=${chapter/%-robust//robust} programs=${programs/%-lessons//lessons}
  chapter=${programs%/*}
  # chroot(8) and ip(8) are in no user's PATH on Debian
  PATH=$BUILD/$programs:$BUILD/$chapter/tools:$PATH:/usr/sbin:/sbin
  : >.before # namespaces of its own are empty
  [ "$ISOLATION" != none ] || objects >.before
}
where() { # in which function a command of the test has failed, and its callers
  local callers=${FUNCNAME[*]:1}
  [ "${FUNCNAME[1]}" = "$BATS_TEST_NAME" ] || echo "in" \
    "${callers%% "$BATS_TEST_NAME"*}: ${BASH_SOURCE[1]}, line ${BASH_LINENO[0]}"
}

teardown() {
  local bad=0 left
  cd "$BATS_TEST_TMPDIR" || return
  left=$(processes)
  if [ -n "$left" ]; then
    printf 'left running:\n%s\n' "$left"
    awk '{ print $1 }' <<<"$left" | xargs -r kill -KILL 2>/dev/null
    bad=1
  fi
  objects >.after
  if [ "$(<.after)" != "$(<.before)" ]; then
    diff .before .after | sed -n 's/^[<>]/left behind (>), taken away (<): &/p'
    # A test that is skipped halfway has not come to its end
    [ "$ISOLATION" = namespaces ] && [ -n "${BATS_TEST_SKIPPED-}" ] || bad=1
  fi
  if [ -z "${BATS_TEST_COMPLETED-}" ] || [ $bad = 1 ]; then
    grep -H . ./*.err 2>/dev/null
    again
    echo "see: ${MAN:-README.md}"
  fi
  ! declare -F clear_away >/dev/null || clear_away # of lab.bash
  return $bad
}
# Objects, this folder's FIFOs and sockets; without namespaces, this user's
objects() {
  local folders=(/dev/shm "$BATS_TEST_TMPDIR") mine=() kind field user
  [ "$ISOLATION" != none ] ||
    folders+=(/dev/mqueue) mine=(! -uid "-$least" ! -uid "+$most")
  for kind in msg:7 sem:4 shm:7; do # with the column that has the user
    while read -ra field; do
      user=${field[${kind#*:}]}
      [[ $user == uid || -n ${mine[*]} && ($user -lt $least ||
        $user -gt $most) ]] || echo "${kind%:*} ${field[*]:0:2}"
    done <"/proc/sysvipc/${kind%:*}"
  done
  find "${folders[@]}" "${mine[@]}" ! -type d \
    \( -path '/dev/*' -o -type p -o -type s \) 2>/dev/null | sort
}
# What this test launched and still runs, a line each: the environment shows it,
# or the user, where it is another one
processes() {
  local id text
  while IFS=/ read -r _ _ id _; do
    text=$(tr '\0\n' '  ' <"/proc/$id/cmdline")
    [ -z "$text" ] || echo "$id $text" # a zombie has none
  done 2>/dev/null < <({
    grep -lzxsF "LAUNCHED_BY=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ
    [ "$least" = $EUID ] ||
      find /proc/[0-9]* -maxdepth 0 ! -uid "-$least" ! -uid "+$most"
  } | awk -F/ '!seen[$3]++')
}
# again: the command that runs this test alone, to be pasted into a shell
again() {
  local build='' title
  [ "$BUILD" = "$ROOT/build" ] || build="BUILD=${BUILD@Q} "
  title=$(printf '%s\n' "$BATS_TEST_DESCRIPTION" |
    sed 's/[][\.*^$+?(){}|]/\\&/g; s/.*/^&$/')
  echo "again: ${build}bats ${BATS_TEST_FILENAME@Q} -f ${title@Q}"
}

fail() {
  printf '%s\n' "$@"
  return 1
}
# requires WHAT COMMAND...: skip where it fails, with WHAT as the reason;
# STRICT=1 fails instead. What the test has started ends, and cleans up
requires() {
  local what=$1
  shift
  "$@" >/dev/null 2>&1 && return
  [[ $what == *[![:space:]]* ]] || fail 'requires: no reason given'
  [ "${STRICT:-0}" = 0 ] || fail "STRICT=1, and this machine lacks: $what"
  processes | awk '{ print $1 }' | xargs -r kill 2>/dev/null || true
  wait
  rm -f idle middle sink # FIFOs of pairs.bash, not of a program
  skip "$what"
}
needs_strace() {
  requires 'strace, and the right to trace: ./setup.sh' \
    strace -qq -o /dev/null true
}
# forbids REASON: a program ended with 77: the test is skipped, with REASON
forbids() { requires "${1//$'\n'/ }" false; }

# launch COMMAND...: become it, with a time limit, the default signals, and
# descriptors 0, 1 and 2 alone: bats and the tests have others open
launch() {
  local fds=(/proc/"$BASHPID"/fd/*) close
  printf -v close ' %s>&-' "${fds[@]##*/}"
  close=${close/ 0>&-/} close=${close/ 1>&-/} close=${close/ 2>&-/}
  eval "exec $close"
  exec env --default-signal LAUNCHED_BY="$BATS_TEST_TMPDIR" \
    timeout -k 1 "$LIMIT" "$@"
}
# try COMMAND...: in the foreground
try() { (launch "$@"); }
# start NAME COMMAND...: in the background; its standard error is NAME.err
start() {
  : >"$1.err"
  launch "${@:2}" <&0 2>"$1.err" &
  pid[$1]=$!
}
# await NAME PATTERN: until a line of NAME.err matches, or NAME has ended
await() {
  local line tail found=1
  exec {lines}< <(exec tail -n +1 -s 0.02 -f --pid="${pid[$1]}" "$1.err" 3>&-)
  tail=$!
  while [ $found = 1 ] && read -r -t "$LIMIT" line <&$lines; do
    [[ $line =~ $2 ]] && found=0
  done
  exec {lines}<&-
  kill $tail 2>/dev/null || true
  wait $tail || true
  [ $found = 0 ] || finish "$1" 0 "$2"
}
# await_file FILE [BYTES]: until it has so many (1)
await_file() {
  [ "$(timeout "$LIMIT" tail -c +1 -s 0.02 -f "$1" 3>&- | head -c "${2:-1}" |
    wc -c)" = "${2:-1}" ] || fail "$1 has less than ${2:-1} bytes"
}
# finish NAME [STATUS [PATTERN]]: it ends with STATUS (0), and NAME.err matches
finish() {
  local got=0
  wait "${pid[$1]}" || got=$?
  [ $got != 77 ] || [ "${2-}" = 77 ] || forbids "$(cat "$1.err")"
  [ $got = "${2:-0}" ] ||
    fail "expected: $1 ends with ${2:-0}" "actual: $got (124, 137: hung)"
  [[ $(<"$1.err") =~ ${3:-} ]] ||
    fail "expected of $1: $3" "actual: $(<"$1.err")"
}

# program NAME: the process id of the program itself, below its timeout(1)
program() {
  local child
  read -r child _ <"/proc/${pid[$1]}/task/${pid[$1]}/children"
  echo "$child"
}
# send SIGNAL NAME: to the program itself. After STOP none of its threads runs
send() { send_to "$1" "$(program "$2")"; }
send_to() { # SIGNAL PID
  kill -s "$1" "$2" || return
  while [ "$1" = STOP ] && grep -hs ^State: "/proc/$2/task/"*/status |
    grep -qv '[TtXZ] ('; do :; done
}

# What a C library says of an error, as a regex: first glibc, then musl. Suites
# define others that only they need
EADDRINUSE='Address (already in|in) use'
EADDRNOTAVAIL='(Cannot assign requested address|Address not available)'
EMFILE='(Too many open files|No file descriptors available)'
