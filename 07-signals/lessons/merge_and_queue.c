// SPDX-License-Identifier: MIT
/*
 * merge_and_queue.c - send five signals of each kind, and take what is pending
 *
 * Shows:  standard signals merge into one, realtime signals queue in order
 * Build:  cc merge_and_queue.c -o merge_and_queue
 * Run:    ./merge_and_queue
 * Prints: the value that each of the signals received carries
 * Exit:   0 done; 1 a call failed, or other signals were received; 77 a limit
 * See:    sigqueue(3), sigtimedwait(2), signal(7)
 */
#define _GNU_SOURCE /* sigqueue, sigtimedwait */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SENT = 5 };

static void send_five(const char *name, int sig)
{
	for (int i = 1; i <= SENT; i++) {
		union sigval value = { .sival_int = i };

		/* 0 also if the signal merges. EAGAIN: RLIMIT_SIGPENDING */
		if (sigqueue(getpid(), sig, value) == -1)
			err(77, "sigqueue %s: see ulimit -i", name);
	}
}

/* Take all that are pending, without waiting: no handler is needed */
static void receive(const char *name, int sig, int expected)
{
	const struct timespec at_once = { 0, 0 };
	siginfo_t info;
	sigset_t set;
	int received = 0;

	sigemptyset(&set);
	sigaddset(&set, sig);
	printf("%s: sent %d, values received:", name, SENT);
	while (sigtimedwait(&set, &info, &at_once) == sig) {
		printf(" %d", info.si_value.sival_int);
		if (info.si_value.sival_int != ++received)
			errx(EXIT_FAILURE, "%s: not in order", name);
	}
	if (errno != EAGAIN) /* which means: no more are pending */
		err(EXIT_FAILURE, "sigtimedwait %s", name);
	printf("\n");
	if (received != expected)
		errx(EXIT_FAILURE, "%s: expected %d", name, expected);
}

int main(void)
{
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Blocked, so that all are sent before the first is received */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	send_five("SIGUSR1", SIGUSR1);
	send_five("SIGRTMIN", SIGRTMIN);
	/* SIGUSR1 is pending once, with the value of the first signal */
	receive("SIGUSR1", SIGUSR1, 1);
	receive("SIGRTMIN", SIGRTMIN, SENT);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
