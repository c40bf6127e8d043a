// SPDX-License-Identifier: MIT
/*
 * posix_timed.c - the ways out of waiting: at once, at a time, by a signal
 *
 * Shows:  nobody has to wait forever: sem_trywait returns at once,
 *         sem_timedwait at a time, sem_wait when a handler has run
 * Build:  cc posix_timed.c -o posix_timed
 * Run:    ./posix_timed
 * Prints: each call, and how it ended
 * Exit:   0 done; 1 a call failed, or ended in another way
 * See:    sem_wait(3), signal(7), sigaction(2), setitimer(2); sysv_sets.c
 */
#define _XOPEN_SOURCE 700
#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static sem_t sem; /* 0, and nobody posts it: each wait would be forever */

/* Right after the call: result and errno are what it left */
static void show(const char *call, int result, int expected)
{
	int got = result == -1 ? errno : 0;

	printf("%s: %s\n", call, got ? strerror(got) : "took it");
	if (got != expected)
		errx(EXIT_FAILURE, "%s: expected: %s", call,
		     strerror(expected));
}

static void do_nothing(int sig)
{
	(void)sig; /* that a handler has run is all that is needed */
}

/* sem_post is one of the few functions that a handler may call */
static void post(int sig)
{
	int saved = errno;

	(void)sig;
	(void)sem_post(&sem); /* best effort: the next tick posts again */
	errno = saved;
}

/* A tick every 20 ms: one that comes before the wait is not the last */
static void tick(void (*handler)(int), int flags)
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	if (sigaction(SIGALRM, &sa, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &every, NULL) == -1)
		err(EXIT_FAILURE, "sigaction, setitimer");
}

int main(void)
{
	const struct timespec second = { .tv_sec = 1 };
	struct timespec until;

	if (sem_init(&sem, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	show("sem_trywait", sem_trywait(&sem), EAGAIN);

	/* The timeout is an absolute time. A duration, taken as a time, lies
	 * in 1970, so the second call times out at once */
	if (clock_gettime(CLOCK_REALTIME, &until) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	until.tv_sec += second.tv_sec;
	show("sem_timedwait, in a second", sem_timedwait(&sem, &until),
	     ETIMEDOUT);
	show("sem_timedwait, a duration", sem_timedwait(&sem, &second),
	     ETIMEDOUT);

	tick(do_nothing, 0);
	show("sem_wait, a handler ran", sem_wait(&sem), EINTR);
	/* If the handler did not post, sem_wait would go on forever */
	tick(post, SA_RESTART);
	show("sem_wait, with SA_RESTART, posted", sem_wait(&sem), 0);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
