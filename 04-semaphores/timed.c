// SPDX-License-Identifier: MIT
/*
 * timed.c - the ways out of waiting: at once, at a time, by a signal
 *
 * Shows:  waiting for a semaphore can end without it: sem_trywait at once,
 *         sem_timedwait and semtimedop in time, any of them by a handler
 * Build:  cc timed.c -o timed
 * Run:    ./timed [MILLISECONDS]
 * Prints: each call, how it ended, and whether it took its time
 * Exit:   0 done; 1 a call failed, or ended in another way; 2 usage
 * See:    sem_wait(3), semop(2), signal(7), sigaction(2), setitimer(2)
 */
#define _GNU_SOURCE /* semtimedop */

#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <time.h>

static sem_t sem; /* 0, and nobody posts it: each wait would be for ever */
static int set = -1;

static int usage(FILE *out)
{
	fputs("usage: timed [MILLISECONDS]\n"
	      "Waits in vain, with a limit of MILLISECONDS (1 to 1000).\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void remove_set(void)
{
	if (set != -1)
		(void)semctl(set, 0, IPC_RMID); /* at exit: best effort */
}

static void no_action(int signo)
{
	(void)signo; /* that a handler ran is all that is needed */
}

/* The signals that would end the program wait while the set exists */
static void make_set(sigset_t *old)
{
	sigset_t ends;

	(void)sigemptyset(&ends); /* these four cannot fail */
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	if (atexit(remove_set) != 0)
		errx(EXIT_FAILURE, "atexit failed");
	set = semget(IPC_PRIVATE, 1, 0600); /* new: Linux begins with 0 */
	if (set == -1)
		err(EXIT_FAILURE, "semget");
}

static struct timespec after(clockid_t clock, long ms)
{
	struct timespec t;

	if (clock_gettime(clock, &t) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static int later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec ||
	       (a.tv_sec == b.tv_sec && a.tv_nsec >= b.tv_nsec);
}

/* Right after the call: r and errno are its result */
static void show(const char *call, int r, int want)
{
	int got = r == -1 ? errno : 0;

	printf("%s: %s\n", call, got ? strerror(got) : "took it");
	if (got != want)
		errx(EXIT_FAILURE, "%s: expected: %s", call, strerror(want));
}

/* The one takes a time of day, the other a duration */
static void with_limit(long ms)
{
	struct timespec until, at = after(CLOCK_REALTIME, ms);
	struct timespec length = { ms / 1000, ms % 1000 * 1000000 };
	struct sembuf take = { 0, -1, 0 };

	show("sem_timedwait", sem_timedwait(&sem, &at), ETIMEDOUT);
	printf("time of day is past: %s\n",
	       later(after(CLOCK_REALTIME, 0), at) ? "yes" : "no");
	/* In the past already: a duration given as time of day ends at once */
	show("sem_timedwait, a duration", sem_timedwait(&sem, &length),
	     ETIMEDOUT);
	until = after(CLOCK_MONOTONIC, ms);
	show("semtimedop", semtimedop(set, &take, 1, &length), EAGAIN);
	printf("duration is over: %s\n",
	       later(after(CLOCK_MONOTONIC, 0), until) ? "yes" : "no");
}

/* The timer goes on ticking: a tick before the wait is not the last one */
static void tick(int us, int flags, void (*handler)(int))
{
	struct itimerval every = { { 0, us }, { 0, us } };
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	(void)sigemptyset(&action.sa_mask); /* cannot fail */
	if (sigaction(SIGALRM, &action, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	if (setitimer(ITIMER_REAL, &every, NULL) == -1)
		err(EXIT_FAILURE, "setitimer");
}

/* sem_post is one of the few calls that a handler may make */
static void post(int signo)
{
	int saved = errno;

	(void)signo;
	(void)sem_post(&sem); /* the next tick posts again */
	errno = saved;
}

static void by_signal(void)
{
	struct sembuf take = { 0, -1, 0 };

	tick(20000, 0, no_action);
	show("sem_wait, a handler ran", sem_wait(&sem), EINTR);
	tick(20000, SA_RESTART, no_action);
	show("semop, with SA_RESTART", semop(set, &take, 1), EINTR);
	/* Had the handler not posted, sem_wait would go on for ever */
	tick(20000, SA_RESTART, post);
	show("sem_wait, with SA_RESTART, posted", sem_wait(&sem), 0);
	tick(0, 0, no_action);
}

int main(int argc, char *argv[])
{
	sigset_t old;
	char *end = "";
	long ms = 100;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		ms = strtol(argv[1], &end, 10);
	if (argc > 2 || *end || end == argv[1] || ms < 1 || ms > 1000)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sem_init(&sem, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	make_set(&old);
	show("sem_trywait", sem_trywait(&sem), EAGAIN);
	with_limit(ms);
	by_signal();
	if (semctl(set, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	set = -1;
	if (sem_destroy(&sem) == -1)
		err(EXIT_FAILURE, "sem_destroy");
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
