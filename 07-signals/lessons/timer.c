// SPDX-License-Identifier: MIT
/*
 * timer.c - two timers that fire every millisecond, and a late reader
 *
 * Shows:  a timer that nobody reads loses no period: it counts overruns
 * Build:  cc timer.c -o timer
 * Run:    ./timer
 * Prints: what one read of a timerfd returns, and one signal of a POSIX timer
 * Exit:   0 done; 1 a call failed, or a count is wrong; 77 a limit
 * See:    timerfd_create(2), timer_create(2), timer_getoverrun(2)
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, timer_create */

#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_NS = 1000000, LATE = 5 }; /* LATE: periods until a read */

/* Fire now, and every PERIOD_NS from now on */
static struct itimerspec from_now(void)
{
	struct itimerspec t = { .it_interval.tv_nsec = PERIOD_NS };

	if (clock_gettime(CLOCK_MONOTONIC, &t.it_value) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	return t;
}

/* How often such a timer has fired, according to the clock */
static long fired(const struct itimerspec *t)
{
	struct timespec now = from_now().it_value, first = t->it_value;
	long long ns = (now.tv_sec - first.tv_sec) * 1000000000LL;

	return 1 + (long)((ns + now.tv_nsec - first.tv_nsec) / PERIOD_NS);
}

static void check(long count, const struct itimerspec *t)
{
	if (count < LATE || count > fired(t))
		errx(EXIT_FAILURE, "expected %d to %ld", LATE, fired(t));
}

/* The descriptor counts the periods. A read resets the count to 0 */
static void with_descriptor(void)
{
	uint64_t count;
	struct itimerspec t = from_now();
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd == -1 || timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL) == -1)
		err(77, "timerfd: see ulimit -n");
	while (fired(&t) < LATE)
		continue; /* busy with something else */
	if (read(fd, &count, sizeof count) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "read timerfd");
	printf("timerfd: reads: 1, periods: %ld\n", (long)count);
	check((long)count, &t);
}

/* At most one signal is pending. The other periods are its overruns */
static void with_signal(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN };
	struct itimerspec t = from_now();
	timer_t timer;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 ||
	    timer_settime(timer, TIMER_ABSTIME, &t, NULL) == -1)
		err(77, "timer_create: see ulimit -i");
	while (fired(&t) < LATE)
		continue;
	if (sigwaitinfo(&set, NULL) == -1)
		err(EXIT_FAILURE, "sigwaitinfo");
	int overruns = timer_getoverrun(timer);
	printf("timer_create: signals: 1, overruns: %d\n", overruns);
	check(1 + overruns, &t);
	if (timer_delete(timer) == -1)
		err(EXIT_FAILURE, "timer_delete");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);

	with_descriptor();
	with_signal();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
