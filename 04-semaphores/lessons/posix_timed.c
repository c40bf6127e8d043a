// SPDX-License-Identifier: MIT
/*
 * posix_timed.c - the ways out of waiting: at once, at a time, by a signal
 *
 * Shows:  waiting for a semaphore can end without it: sem_trywait at once,
 *         sem_timedwait in time, sem_wait by a handler
 * Build:  cc posix_timed.c -o posix_timed
 * Run:    ./posix_timed
 * Prints: each call, how it ended, and whether it took its time
 * Exit:   0 done; 1 a call failed, or ended in another way; 2 usage
 * See:    sem_wait(3), signal(7), sigaction(2), setitimer(2); sysv_sets.c
 */
#define _GNU_SOURCE /* setitimer */

#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

enum { LIMIT_MS = 100 };

static sem_t sem; /* 0, and nobody posts it: each wait would be for ever */

static int usage(FILE *out)
{
	fputs("usage: posix_timed\n"
	      "Wait for a semaphore in vain: at once, in time, by a signal.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static struct timespec now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	return t;
}

/* Right after the call: r and errno are its result */
static void show(const char *call, int r, int want)
{
	int got = r == -1 ? errno : 0;

	printf("%s: %s\n", call, got ? strerror(got) : "took it");
	if (got != want)
		errx(EXIT_FAILURE, "%s: expected: %s", call, strerror(want));
}

/* The limit is a time of day. A duration is one too, in 1970: long past */
static void with_limit(void)
{
	const struct timespec duration = { .tv_nsec = LIMIT_MS * 1000000 };
	struct timespec until = now(), then;

	until.tv_nsec += duration.tv_nsec;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	show("sem_timedwait", sem_timedwait(&sem, &until), ETIMEDOUT);
	then = now();
	printf("time of day is past: %s\n",
	       then.tv_sec > until.tv_sec || (then.tv_sec == until.tv_sec &&
					      then.tv_nsec >= until.tv_nsec)
		   ? "yes"
		   : "no");
	show("sem_timedwait, a duration", sem_timedwait(&sem, &duration),
	     ETIMEDOUT);
}

static void no_action(int signo)
{
	(void)signo; /* that a handler ran is all that is needed */
}

/* sem_post is one of the few calls that a handler may make */
static void post(int signo)
{
	int saved = errno;

	(void)signo;
	(void)sem_post(&sem); /* the next tick posts again */
	errno = saved;
}

/* The timer goes on ticking: a tick before the wait is not the last one */
static void tick(int flags, void (*handler)(int))
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGALRM, &action, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &every, NULL) == -1)
		err(EXIT_FAILURE, "sigaction, setitimer");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sem_init(&sem, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");

	show("sem_trywait", sem_trywait(&sem), EAGAIN);
	with_limit();
	tick(0, no_action);
	show("sem_wait, a handler ran", sem_wait(&sem), EINTR);
	/* Had the handler not posted, sem_wait would go on for ever */
	tick(SA_RESTART, post);
	show("sem_wait, with SA_RESTART, posted", sem_wait(&sem), 0);

	if (signal(SIGALRM, SIG_IGN) == SIG_ERR || sem_destroy(&sem) == -1)
		err(EXIT_FAILURE, "end: signal, sem_destroy");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
