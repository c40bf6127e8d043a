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

enum { PERIOD_NS = 1000000, PERIODS = 5 };

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

/* So many periods pass, by a timer that fires once */
static void be_late(void)
{
	struct itimerspec once = { .it_value.tv_nsec = PERIODS * PERIOD_NS };
	uint64_t expirations;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd == -1 || timerfd_settime(fd, 0, &once, NULL) == -1 ||
	    read(fd, &expirations, sizeof expirations) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "wait for a timerfd");
}

/* As many as we were late for, and no more than the clock says */
static void check(long count, struct timespec start)
{
	struct timespec t = now();
	long long ns = (t.tv_sec - start.tv_sec) * 1000000000LL;

	ns += t.tv_nsec - start.tv_nsec;
	if (count < PERIODS || count > ns / PERIOD_NS)
		errx(EXIT_FAILURE, "%ld periods, in %lld ns", count, ns);
}

/* The periods are counted in the descriptor; a read takes the count to 0 */
static void with_descriptor(const struct itimerspec *every)
{
	struct timespec start = now();
	uint64_t count;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd == -1 || timerfd_settime(fd, 0, every, NULL) == -1)
		err(EXIT_FAILURE, "timerfd");
	be_late();
	if (read(fd, &count, sizeof count) == -1)
		err(EXIT_FAILURE, "read timerfd");
	check((long)count, start);
	printf("timerfd: one read, %ld periods\n", (long)count);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close timerfd");
}

/* One signal is pending at most; the rest is counted when it is taken */
static void with_signal(const struct itimerspec *every)
{
	struct timespec start = now();
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN };
	siginfo_t info;
	sigset_t set;
	timer_t timer;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 ||
	    timer_settime(timer, 0, every, NULL) == -1)
		err(EXIT_FAILURE, "timer_create");
	be_late();
	while (sigwaitinfo(&set, &info) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "sigwaitinfo");
	int overrun = timer_getoverrun(timer);
	check(overrun + 1L, start);
	if (info.si_code != SI_TIMER || info.si_overrun != overrun)
		errx(EXIT_FAILURE, "the signal tells something else");
	printf("timer_create: one signal, and %d overruns\n", overrun);
	if (timer_delete(timer) == -1)
		err(EXIT_FAILURE, "timer_delete");
}

int main(int argc, char *argv[])
{
	const struct itimerspec every = { { 0, PERIOD_NS }, { 0, PERIOD_NS } };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	with_descriptor(&every);
	with_signal(&every);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
