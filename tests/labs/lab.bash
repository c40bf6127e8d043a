# shellcheck shell=bash
# lab.bash - what the tests of all tasks share. PROGRAM is what a student wrote,
# compiled by tests/tools/grade. A test runs it, and expects something that the
# task demands. If that does not happen, the test prints three things: did,
# expected and happened. Its tags say how many points it is worth, and which
# hint of the lab's README helps.
#
# What students write is hostile by accident. It runs by tests/labs/confined,
# with its output in files of limited size, and in namespaces of its own.
export SHM_SIZE=64m # of /dev/shm in a namespace
# Where namespaces allow it, nothing else can be written or removed there
export WRITABLE=$BATS_RUN_TMPDIR KEEP=${PROGRAM%/*}
load "${BASH_SOURCE[0]%/labs/*}/lib/helper"

if [ "$EUID" = 0 ] && [ -d "${BATS_TEST_TMPDIR-}" ]; then
  # A disk in memory for the test's folder: what fills it harms nobody else
  [ "$ISOLATION" = none ] ||
    mount -t tmpfs -o size=64m,mode=1777 lab "$BATS_TEST_TMPDIR"
  # valgrind, as the student's user, reads the program by its whole path
  chmod go+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
fi

: "${PROGRAM:?the program of a student; see tests/tools/grade}"
LIMIT=20          # seconds until it is killed, whatever happens
PATIENCE=${PATIENCE:-5} # seconds until it is said to hang

# clear_away: after a test without namespaces, remove what its user has left.
# The user of the next test could neither open nor remove it
clear_away() {
  local what id
  [ "$EUID $ISOLATION" = '0 none' ] || return 0
  for id in $(processes | awk '{ print $1 }'); do
    kill -KILL "$id" || true
  done
  while read -r what _ id; do
    case $what in # as objects lists them
    msg) ipcrm -q "$id" ;;
    sem) ipcrm -s "$id" ;;
    shm) ipcrm -m "$id" ;;
    *) rm -f "$what" ;;
    esac || true
  done < <(objects | sort - .before .before | uniq -u)
} 2>/dev/null

# go [ARGUMENT...]: runs PROGRAM to its end. Its standard output is in out, its
# standard error in err, its exit status in $status
go() {
  begin main "$@"
  end main
}
# begin NAME [ARGUMENT...]: runs it in the background. What it writes is in
# NAME.out and NAME.err. Standard input is the test's, /dev/null if it has none
begin() {
  local name=$1
  shift
  # Its kill(-1) would end all that this user runs
  [ $EUID = 0 ] ||
    requires 'namespaces of its own for what a student wrote: make doctor' \
      [ "$ISOLATION" = namespaces ]
  did[$name]="./${PROGRAM##*/}${*:+ $(quoted "$@")}$WITH"
  : >"$name.out"
  # A relative path needs no right to the folders above
  [ -e "${PROGRAM##*/}" ] || cp "$PROGRAM" .
  launch "$ROOT/tests/labs/confined" "${WRAP[@]}" "./${PROGRAM##*/}" "$@" \
    <&0 >"${STDOUT:-$name.out}" 2>"$name.err" &
  pid[$name]=$!
}
declare -gA did pid
# If root grades: a user without a name, another one for each test and copy
export STUDENT=$((100000 + SRANDOM % 1000000))
[ $EUID != 0 ] || least=$STUDENT most=$((STUDENT + 999))
WITH='' # to be added to what the test did
WRAP=() # a command that runs the program: strace, valgrind
COPY=0  # its number, of several that run side by side
# end NAME: waits until it has ended. A program that does not end fails the
# test. What has hung twice in tests of this task gets less time
end() {
  local PATIENCE=$PATIENCE
  [ ! -e "$BATS_FILE_TMPDIR/hung.twice" ] || PATIENCE=$(((PATIENCE + 1) / 2))
  timeout "$PATIENCE" tail -s 0.01 -f /dev/null --pid="${pid[$1]}" 3>&- ||
    hangs "$1"
  status=0
  wait "${pid[$1]}" || status=$?
  ended=$1
  [ "$status" != 153 ] || # SIGXFSZ
    happens 'it ends' 'it wrote more than 16 MiB, and was killed'
}

quoted() { # the words, as one would type them
  local word text=''
  for word; do
    [[ $word == *[^A-Za-z0-9_./:=,+-]* || -z $word ]] && word="'$word'"
    text+=" $word"
  done
  echo "${text# }"
}

exec {never}<> <(:) # nothing arrives there
a_moment() { read -r -t "${1-0.02}" -u "$never" || true; }
ended=main # the program that is meant: the one that has ended last
# within_patience COMMAND...: until it succeeds, but not forever
within_patience() {
  local i PATIENCE=$PATIENCE
  [ ! -e "$BATS_FILE_TMPDIR/hung.twice" ] || PATIENCE=$(((PATIENCE + 1) / 2))
  for ((i = 0; i < PATIENCE * 50; i++)); do
    ! "$@" || return 0
    a_moment
  done 2>/dev/null
  has_hung
  return 1
}
# in_time NAME COMMAND...: the same, but only while the program NAME runs
in_time() {
  ended=$1
  shift
  within_patience is_over "$@" && "$@" 2>/dev/null
}
is_over() { "$@" || [ ! -e "/proc/${pid[$ended]}/exe" ]; }
has_written() { [ "$(<"$1")" = "$2" ]; } # FILE TEXT
# until_runs NAME: what launches it has become the program itself, or has ended
until_runs() { in_time "$1" has_begun "$1" || true; }
has_begun() {
  local id comm
  id=$(program "$1") && read -r comm <"/proc/$id/comm" &&
    [ "$comm" = "${PROGRAM##*/}" ]
}
has_hung() { # once, or more often
  mkdir "$BATS_FILE_TMPDIR/hung" 2>/dev/null ||
    : >"$BATS_FILE_TMPDIR/hung.twice"
}

# happens EXPECTED HAPPENED: the test fails
happens() {
  local what=${did[$ended]-}
  printf 'did:      %s\n' "${what:0:300}"
  printf 'expected: %s\n' "$1" | sed '2,$s/^/          /'
  printf 'happened: %s\n' "$2" | sed '2,$s/^/          /'
  return 1
}
# hangs NAME: it should have ended. What does each of its processes wait for?
hangs() {
  local id ids='' states=''
  ended=$1
  has_hung
  while read -r id _; do
    # Of copies that run side by side, only this one
    [ "$COPY" = 0 ] || [ "/proc/$id/cwd" -ef . ] || continue
    ids+=" $id"
    case $(cat "/proc/$id/comm") in
    timeout | strace | valgrind*) ;;
    *) states+=$'\n'"process $id, $(cat "/proc/$id/comm"): $(waits "$id")" ;;
    esac
  done 2>/dev/null < <(processes)
  { # some may have ended by now
    for id in $ids; do kill -KILL "$id" || true; done
    wait "${pid[$1]}" || true
  } 2>/dev/null
  happens 'it ends' "after $PATIENCE seconds it still runs:$states"
}
# waits PID: why it does not go on, by the kernel function that it sleeps in
waits() {
  local in
  in=$(cat "/proc/$1/wchan")
  case $in in
  *pipe_read*)
    read -r _ in _ <"/proc/$1/syscall" # its descriptor
    [ "$in" = 0x0 ] && in=', its standard input' || in=''
    echo "it reads an empty pipe$in"
    ;;
  *pipe_write*) echo 'it writes to a full pipe' ;;
  *wait_for_partner*) echo 'it opens a FIFO that no peer opens' ;;
  *futex*) echo 'it waits for a semaphore, a mutex or a futex' ;;
  *semtimedop*) echo 'it waits for a System V semaphore' ;;
  *msgrcv* | *msgsnd* | *wq_sleep*) echo 'it waits at a message queue' ;;
  do_wait*) echo 'it waits for a child' ;;
  *nanosleep*) echo 'it sleeps for a time' ;;
  *skb* | *sock* | unix_* | *accept* | *stream*) echo 'it waits at a socket' ;;
  *sig* | *pause*) echo 'it waits for a signal' ;;
  *poll* | *select*) echo 'it polls' ;;
  0 | '') echo 'it runs' ;;
  *) echo "it waits in $in" ;;
  esac
}

# What the program that ended last should have done
expect_status() { # STATUS
  ! grep -qs '^==[0-9]' "$ended.err" || expect_no_memory_error
  [ "$status" = "$1" ] ||
    happens "exit status $1" "exit status $status$(said)"
}
expect_failure() { # any status but 0
  [ "$status" != 0 ] || happens 'an exit status other than 0' 'exit status 0'
}
expect_out() { # TEXT, the whole standard output, without its last newline
  local out
  out=$(head -c 4000 "$ended.out" | tr '\0' '?')
  [ "$out" = "$1" ] ||
    happens "standard output: ${1:-nothing}" \
      "standard output: ${out:-nothing}$(said)"
}
expect_out_is() { # FILE, the same bytes, however many
  local difference
  difference=$(cmp "$1" "$ended.out" 2>&1) ||
    happens "standard output: the $(stat -c %s "$1") bytes of $1" \
      "standard output: $(stat -c %s "$ended.out") bytes; $difference$(said)"
}
expect_err() { # something on standard error
  [ -s "$ended.err" ] ||
    happens 'a message on standard error' 'no message on standard error'
}
expect_no_process() { # of it, or of what it has started
  local left
  left=$(processes)
  [ -z "$left" ] || happens 'no process of it is left' "still there: $left"
}
said() { # on standard error, to be added to what happened
  local text
  text=$(head -c 300 "$ended.err" | head -n 3)
  [ -z "$text" ] || printf '\nstandard error: %s' "$text"
}

# delayed CALLS COMMAND...: the first twenty calls of each of these names, in
# each process, start 50 ms late
delayed() {
  local WRAP WITH=", where each call of $1 is delayed"
  needs_strace
  WRAP=(strace -f --seccomp-bpf -qq -o /dev/null -e "trace=$1"
    -e "inject=$1:delay_enter=50000:when=1..20")
  shift
  "$@"
}
# each_call CALLS COMMAND...: once as it is, to count these calls. Then, for
# each N, with the Nth call of each of these names delayed, in each process,
# while the other processes go on. COMMAND is a function that runs the program
# and checks what it does. Ten at a time run side by side, each in a folder of
# its own. Names and keys of objects need $COPY in them. Of more than 40
# numbers, 40 are tried
each_call() {
  local calls=$1 count first n step bad WRAP WITH COPY=0
  shift
  needs_strace
  WRAP=(strace -f --seccomp-bpf -qq -o .calls -e "trace=$calls")
  "$@"
  # Lines are as: 123 read(0, ...
  count=$(awk -F '[ (]+' '{ if (++n[$1, $2] > most) most = n[$1, $2] }
    END { print +most }' .calls)
  [ "$count" -gt 0 ] || fail "no call of $calls was seen"
  step=$(((count + 39) / 40))
  for ((first = 1; first <= count; first += 10 * step)); do
    for ((n = first; n <= count && n < first + 10 * step; n += step)); do
      mkdir "at.$n"
      (
        cd "at.$n" || exit
        COPY=$n STUDENT=$((STUDENT + n))
        WRAP=(strace -f --seccomp-bpf -qq -o /dev/null -e "trace=$calls"
          -e "inject=$calls:delay_enter=200000:when=$n")
        WITH=", where call $n of $calls in each process is delayed"
        "$@" >.report 2>&1
      ) &
      pid[at.$n]=$!
    done
    bad=''
    for ((n = first; n <= count && n < first + 10 * step; n += step)); do
      wait "${pid[at.$n]}" || bad=${bad:-$n}
    done
    [ -z "$bad" ] || { cat "at.$bad/.report" && return 1; }
  done
}
# plainly COMMAND...: without strace or valgrind, beside what has it
plainly() {
  local WRAP=() WITH=''
  "$@"
}
# in_valgrind COMMAND...: under valgrind. An error of memory is exit status 99
in_valgrind() {
  local WRAP=(valgrind -q --vgdb=no --error-exitcode=99
    --child-silent-after-fork=yes --suppressions=.known)
  local WITH=', under valgrind' PATIENCE=15
  # What glibc passes, and what mount(2) ignores, is no error of the program
  printf '{\n%s\nMemcheck:Param\n%s\nobj:*\n}\n' 1 'mq_notify(notification)' \
    2 'mount(source)' 3 'mount(type)' >.known
  "$@"
}
expect_no_memory_error() {
  local errors
  [ "$status" = 99 ] || return 0
  errors=$(grep '^==' "$ended.err" | head -n 12) || true
  happens 'no memory error' "${errors:-valgrind has found one in a child}"
}

# failing CALL ERROR COMMAND...: this system call fails, each time
failing() {
  local WRAP WITH=", where $1 fails with ${2%%:*}"
  needs_strace
  WRAP=(strace -f --seccomp-bpf -qq -o /dev/null -e "trace=$1"
    -e "inject=$1:error=$2")
  shift 2
  "$@"
}
# killed NAME: ends the program and its children by SIGKILL, at once
killed() {
  local id
  {
    for id in $(family "$(program "$1")"); do kill -KILL "$id" || true; done
    wait "${pid[$1]}" || true
  } 2>/dev/null
}
# children PID: those of all its threads, in a line
children() { cat "/proc/$1/task/"*/children 2>/dev/null; }
family() { # PID: it and all that descend from it
  local child
  echo "$1"
  for child in $(children "$1"); do family "$child"; done
}
# halt NAME: all its processes stop, also those that it has started meanwhile.
# They are stopped when it returns
halt() {
  local id all='' known
  until known=$all && all=$(family "$(program "$1")") && [ "$all" = "$known" ]
  do
    for id in $all; do
      send_to STOP "$id" || true # it has ended
    done
  done 2>/dev/null
}
# resume NAME: what of it was stopped, or has stopped itself, goes on
resume() {
  local id
  for id in $(family "$(program "$1")"); do
    kill -CONT "$id" || true # one has ended meanwhile
  done 2>/dev/null
}
# asleep_all NAME: until each process of it sleeps. A busy wait, or one that
# looks again and again, fails: between two looks no process may have run. 50
# looks take 5 s; on a busy machine fewer are enough, before LIMIT ends it
asleep_all() {
  local n begin=$SECONDS
  ended=$1
  for ((n = 0; n < 50 && SECONDS - begin < LIMIT / 2; n++)); do
    ! is_asleep "$1" || return 0
    # Without an exe it has ended. Without a process of its own it begins
    [ -e "/proc/${pid[$1]}/exe" ] || happens 'it runs on' "it has ended$(said)"
  done
  happens 'it sleeps until there is something to do' \
    'it runs again and again: a busy wait, or short sleeps'
}
# is_asleep NAME: for 0.1 s none of its threads has run. One that waits for a
# processor (R) has not run either, but does not sleep
is_asleep() {
  local before after
  before=$(runs "$1")
  a_moment 0.1
  after=$(runs "$1")
  [[ -n $after && $before == "$after" && $after != *' R '* ]]
}
# runs NAME: of each thread its state, how long it ran, and how often it was put
# on a processor: one that is never put off it is on it once
runs() {
  local id thread state ran times
  for id in $(family "$(program "$1")"); do
    for thread in "/proc/$id/task/"*; do
      read -r state <"$thread/stat" || continue
      read -r ran _ times <"$thread/schedstat" || continue
      state=${state##*) }
      echo "${thread##*/} ${state%% *} $ran $times"
    done
  done 2>/dev/null
}
