// SPDX-License-Identifier: MIT
/*
 * posix_timed.c - three ways to end a wait: at once, at a time, by a signal
 *
 * Shows:  a wait ends at once, at a given time, or when a handler has run
 * Build:  cc posix_timed.c -o posix_timed
 * Run:    ./posix_timed
 * Prints: each call, and how it ended
 * Exit:   0 done; 1 a call failed, or ended in another way
 * See:    sem_wait(3), signal(7), sigaction(2), setitimer(2)
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

/* To be called while errno is still that of the call */
static void show(const char *call, int result, int expected)
{
	int got = result == -1 ? errno : 0;

	printf("%s: %s\n", call, strerror(got));
	if (got != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
}

static void do_nothing(int sig)
{
	(void)sig; /* a handler that runs is enough to end the wait */
}

int main(void)
{
	sem_t sem; /* 0, and nobody posts it: sem_wait would block forever */
	const struct timespec second = { .tv_sec = 1 };
	struct timespec until;
	struct sigaction sa = { .sa_handler = do_nothing }; /* no SA_RESTART */
	struct itimerval ticks = { { 0, 20000 }, { 0, 20000 } };

	if (sem_init(&sem, 0, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	show("sem_trywait", sem_trywait(&sem), EAGAIN);

	if (clock_gettime(CLOCK_REALTIME, &until) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	until.tv_sec += second.tv_sec;
	show("sem_timedwait, in a second", sem_timedwait(&sem, &until),
	     ETIMEDOUT);
	/* The timeout is an absolute time. A duration, taken as a time, lies
	 * in 1970, so the call times out at once */
	show("sem_timedwait, a duration", sem_timedwait(&sem, &second),
	     ETIMEDOUT);

	/* A tick every 20 ms: if one comes before the wait, another follows */
	if (sigaction(SIGALRM, &sa, NULL) == -1 ||
	    sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL) == -1 || /* to none */
	    setitimer(ITIMER_REAL, &ticks, NULL) == -1)
		err(EXIT_FAILURE, "sigaction, sigprocmask, setitimer");
	show("sem_wait, a handler ran", sem_wait(&sem), EINTR);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
