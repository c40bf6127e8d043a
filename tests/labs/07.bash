# shellcheck shell=bash
# 07.bash - what the tests of 07-signals/lab share: a keyboard, signals for the
# program itself, and a library that lets things happen in the gap just before
# a call that waits

# keyboard: what is written to $keys is the input of a program with <&$typed
keyboard() {
  mkfifo typed
  exec {keys}<>typed
  exec {typed}<typed
  rm typed
}

# itself NAME: $it is the process id of the program, also below strace
itself() {
  ended=$1
  in_time "$1" is_itself "$1" ||
    happens 'it runs on' "it has ended$(said)"
}
is_itself() {
  local id comm
  for id in $(family "$(program "$1")"); do
    read -r comm <"/proc/$id/comm" || comm=''
    [[ $comm == "${PROGRAM##*/}" || $comm == memcheck* ]] || continue
    it=$id
    return 0
  done
  return 1
}
# gets NAME SIGNAL...: sends these signals to the program itself
gets() {
  local signal
  itself "$1"
  shift
  for signal; do
    kill -s "$signal" "$it" 2>/dev/null ||
      happens "it runs on, and gets SIG$signal" "it has ended$(said)"
  done
}
is_stopped() { grep -q '^State:.T' "/proc/$it/status"; }
stops() { # NAME: it does nothing until it gets CONT
  gets "$1" STOP
  in_time "$ended" is_stopped
}

# expect_inherited FILE: its lines SigBlk and SigIgn say no more signals than
# those of the test. Signals 32 and 33 are the C library's
expect_inherited() {
  local name mask had more
  [ "$(grep -cE '^Sig(Blk|Ign)' "$1")" = 2 ] ||
    happens 'the command prints its masks' "$(head -c 200 "$1")$(said)"
  while read -r name mask; do
    had=$(try sed -n "s/^${name}[[:space:]]*//p" /proc/self/status)
    more=$((0x$mask & ~0x$had & ~0x180000000))
    [ $more = 0 ] ||
      happens 'no signal is blocked or ignored that was not before' \
        "$name $mask in the command, $had before"
  done <"$1"
}
# is_prepared: $it blocks SIGUSR1, or has a handler for it
is_prepared() {
  local name mask
  while read -r name mask; do
    case $name in
    SigBlk: | SigCgt:) [ $((0x$mask & 0x200)) = 0 ] || return 0 ;;
    esac
  done <"/proc/$it/status"
  return 1
}

# What $it has started and is another program by now, zombies too
started() {
  local id comm
  for id in $(family "$it"); do
    read -r comm <"/proc/$id/comm" || continue
    [[ $comm == "${PROGRAM##*/}" || $comm == memcheck* ]] || echo "$id"
  done 2>/dev/null
}

# expect_lines NAME.out|NAME.err LINES: what the whole file is, soon
expect_lines() {
  ended=${1%.*}
  in_time "$ended" has_lines "$@" ||
    happens "in $1: ${2:-nothing}" "$(head -c 2000 "$1" | tr '\0' '?')$(died)"
}
has_lines() { [ "$(tr '\0' '?' <"$1")" = "$2" ]; }
# expect_line FILE LINE: one of its lines, soon
expect_line() {
  ended=${1%.*}
  in_time "$ended" grep -qxe "$2" "$1" ||
    happens "in $1 a line: $2" "$(tail -n 9 "$1")$(died)"
}
died() { # to be added to what happened, if it has
  is_itself "$ended" 2>/dev/null || printf '\n%s' 'it has ended'
}

# each_gap MOST WHAT COMMAND...: for each N up to MOST, WHAT happens in the gap
# just before call N that waits: in user space, where no call notices it.
#   signal N   the program gets the signal N
#   child      a child of it ends, if it has one that ends
#   time MS    as many milliseconds pass
# Then there is a file gap. COMMAND is as that of each_call
each_gap() {
  local most=$1 what=$2 n bad='' COPY WRAP WITH
  shift 2
  compile gap.so -shared -fPIC -ldl <<<"$gap_source"
  for ((n = 1; n <= most; n++)); do
    mkdir "gap.$n"
    cp gap.so "gap.$n"
    (
      cd "gap.$n" || exit
      COPY=$n
      WRAP=(env LD_PRELOAD=./gap.so "GAP=$n $what")
      WITH=", where this happens just before call $n that waits: $what"
      "$@" >.report 2>&1
    ) &
    pid[gap.$n]=$!
  done
  for ((n = 1; n <= most; n++)); do
    wait "${pid[gap.$n]}" || bad=${bad:-$n}
  done
  [ -z "$bad" ] || { cat "gap.$bad/.report" && return 1; }
}
# compile NAME [OPTION...]: C from standard input, once for all tests of a file
compile() {
  local built=$BATS_FILE_TMPDIR/$1
  [ -e "$built" ] || ${CC:-cc} -w -x c - -o "$built" "${@:2}"
  cp "$built" .
}
gap_source='
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int self, calls, at, number;
static char what[16];

/* The programs that this one starts, and its children, are not disturbed */
__attribute__((constructor)) static void start(void)
{
	self = getpid();
	if (getenv("GAP"))
		sscanf(getenv("GAP"), "%d %15s %d", &at, what, &number);
	unsetenv("LD_PRELOAD");
	unsetenv("GAP");
}

static void gap(void)
{
	int saved = errno;
	siginfo_t info;
	struct timespec t;

	if (getpid() != self || __sync_add_and_fetch(&calls, 1) != at)
		return;
	close(open("gap", O_WRONLY | O_CREAT, 0666));
	if (!strcmp(what, "signal"))
		kill(self, number);
	if (!strcmp(what, "child"))
		while (syscall(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOWAIT,
			       NULL) == -1 && errno == EINTR)
			continue;
	if (!strcmp(what, "time")) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += number * 1000000L;
		t.tv_sec += t.tv_nsec / 1000000000;
		t.tv_nsec %= 1000000000;
		while (syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC,
			       TIMER_ABSTIME, &t, NULL) == -1 && errno == EINTR)
			continue;
	}
	errno = saved;
}

#define WAITS(type, name, parameters, arguments) \
	type name parameters \
	{ \
		type(*next) parameters = dlsym(RTLD_NEXT, #name); \
		gap(); \
		return next arguments; \
	}
WAITS(ssize_t, read, (int a, void *b, size_t c), (a, b, c))
WAITS(int, poll, (struct pollfd *a, nfds_t b, int c), (a, b, c))
WAITS(int, ppoll, (struct pollfd *a, nfds_t b, const struct timespec *c,
	const sigset_t *d), (a, b, c, d))
WAITS(int, select, (int a, fd_set *b, fd_set *c, fd_set *d, struct timeval *e),
	(a, b, c, d, e))
WAITS(int, pselect, (int a, fd_set *b, fd_set *c, fd_set *d,
	const struct timespec *e, const sigset_t *f), (a, b, c, d, e, f))
WAITS(int, epoll_wait, (int a, struct epoll_event *b, int c, int d),
	(a, b, c, d))
WAITS(int, epoll_pwait, (int a, struct epoll_event *b, int c, int d,
	const sigset_t *e), (a, b, c, d, e))
WAITS(int, pause, (void), ())
WAITS(int, sigsuspend, (const sigset_t *a), (a))
WAITS(int, sigwait, (const sigset_t *a, int *b), (a, b))
WAITS(int, sigwaitinfo, (const sigset_t *a, siginfo_t *b), (a, b))
WAITS(int, sigtimedwait, (const sigset_t *a, siginfo_t *b,
	const struct timespec *c), (a, b, c))
WAITS(int, nanosleep, (const struct timespec *a, struct timespec *b), (a, b))
WAITS(int, clock_nanosleep, (clockid_t a, int b, const struct timespec *c,
	struct timespec *d), (a, b, c, d))
WAITS(int, usleep, (useconds_t a), (a))
WAITS(unsigned, sleep, (unsigned a), (a))
WAITS(pid_t, wait, (int *a), (a))
WAITS(pid_t, waitpid, (pid_t a, int *b, int c), (a, b, c))
WAITS(int, waitid, (idtype_t a, id_t b, siginfo_t *c, int d), (a, b, c, d))
'
