// SPDX-License-Identifier: MIT
/*
 * timer.c - two timers that fire every millisecond, and a late reader
 *
 * Shows:  a timer that nobody looks at loses no period: it counts overruns
 * Build:  cc timer.c -o timer
 * Run:    ./timer
 * Prints: what one read of a timerfd says, and one signal of a POSIX timer
 * Exit:   0 done; 1 a call failed, or a count is wrong; 2 usage
 * See:    timerfd_create(2), timer_create(2), timer_getoverrun(2),
 *         sigwaitinfo(2)
 */
#define _GNU_SOURCE /* sigwaitinfo; si_overrun */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 1000000L
#define PERIODS	  5

static int usage(FILE *out)
{
	fputs("usage: timer\n"
	      "Be late for two timers, and ask how many periods have passed.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static struct timespec now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	return t;
}

static struct timespec later(struct timespec t, long ns)
{
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	return t;
}

static long periods_since(struct timespec start)
{
	struct timespec t = now();

	return ((t.tv_sec - start.tv_sec) * 1000000000L + t.tv_nsec -
		start.tv_nsec) /
	       PERIOD_NS;
}

/* Wait until so many periods after start: by a timer that fires once */
static void be_late(struct timespec start)
{
	struct itimerspec once = { .it_value =
				       later(start, PERIODS * PERIOD_NS) };
	uint64_t expirations;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd == -1 ||
	    timerfd_settime(fd, TFD_TIMER_ABSTIME, &once, NULL) == -1 ||
	    read(fd, &expirations, sizeof expirations) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "wait for a timerfd");
}

/* What a timer says must lie between the clock before and the clock after */
static void check(long before, long count, long after)
{
	if (count < PERIODS || count < before || count > after)
		errx(EXIT_FAILURE, "%ld periods, by the clock %ld to %ld",
		     count, before, after);
}

/* The periods are counted in the descriptor; a read takes the count to 0 */
static void with_descriptor(void)
{
	struct timespec start = now();
	struct itimerspec every = { .it_interval.tv_nsec = PERIOD_NS,
				    .it_value = later(start, PERIOD_NS) };
	uint64_t count;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd == -1 ||
	    timerfd_settime(fd, TFD_TIMER_ABSTIME, &every, NULL) == -1)
		err(EXIT_FAILURE, "timerfd");
	be_late(start);
	long before = periods_since(start);
	if (read(fd, &count, sizeof count) == -1)
		err(EXIT_FAILURE, "read timerfd");
	check(before, (long)count, periods_since(start));
	printf("timerfd: one read, %ld periods\n", (long)count);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close timerfd");
}

/* One signal is pending at most; the rest is counted when it is taken */
static void with_signal(void)
{
	struct timespec start = now();
	struct itimerspec every = { .it_interval.tv_nsec = PERIOD_NS,
				    .it_value = later(start, PERIOD_NS) };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN };
	siginfo_t info;
	sigset_t set;
	timer_t timer;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 ||
	    timer_settime(timer, TIMER_ABSTIME, &every, NULL) == -1)
		err(EXIT_FAILURE, "timer_create");
	be_late(start);
	long before = periods_since(start);
	while (sigwaitinfo(&set, &info) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "sigwaitinfo");
	int overrun = timer_getoverrun(timer);
	check(before, overrun + 1L, periods_since(start));
	if (info.si_code != SI_TIMER || info.si_overrun != overrun)
		errx(EXIT_FAILURE, "the signal tells something else");
	printf("timer_create: one signal, and %d overruns\n", overrun);
	if (timer_delete(timer) == -1)
		err(EXIT_FAILURE, "timer_delete");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	with_descriptor();
	with_signal();
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
