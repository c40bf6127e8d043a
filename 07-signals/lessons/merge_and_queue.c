// SPDX-License-Identifier: MIT
/*
 * merge_and_queue.c - send five signals of each kind, and count what comes
 *
 * Shows:  standard signals merge into one, realtime signals queue in order
 * Build:  cc merge_and_queue.c -o merge_and_queue
 * Run:    ./merge_and_queue
 * Prints: how many came, and the value that each brought
 * Exit:   0 done; 1 a call failed, or other signals came; 2 usage
 * See:    sigqueue(3), sigtimedwait(2), signal(7)
 */
#define _GNU_SOURCE /* sigqueue, sigtimedwait */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SENT = 5 };

static int usage(FILE *out)
{
	fputs("usage: merge_and_queue\n"
	      "Send five signals of each kind, and count what comes.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Blocked, so that all five are sent before the first is taken */
static void send_five(int sig)
{
	for (int i = 1; i <= SENT; i++) {
		union sigval value = { .sival_int = i };

		/* 0 also for one that merges; EAGAIN: RLIMIT_SIGPENDING */
		if (sigqueue(getpid(), sig, value) == -1)
			err(EXIT_FAILURE, "sigqueue %d", sig);
	}
}

/* Take all that is pending, without waiting: no handler is needed */
static int take_all(const char *name, int sig)
{
	const struct timespec at_once = { 0, 0 };
	siginfo_t si;
	sigset_t set;
	int n = 0, in_order = 1;

	sigemptyset(&set);
	sigaddset(&set, sig);
	printf("%s: sent %d, values that came:", name, SENT);
	while (sigtimedwait(&set, &si, &at_once) == sig) {
		n++;
		printf(" %d", si.si_value.sival_int);
		in_order = in_order && si.si_code == SI_QUEUE &&
			   si.si_value.sival_int == n;
	}
	if (errno != EAGAIN) /* that means: nothing more is pending */
		err(EXIT_FAILURE, "sigtimedwait %d", sig);
	printf("\n");
	if (!in_order)
		errx(EXIT_FAILURE, "%s: not ours, or not in order", name);
	return n;
}

int main(int argc, char *argv[])
{
	sigset_t set;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	send_five(SIGUSR1);
	send_five(SIGRTMIN);
	/* One bit is pending for SIGUSR1, and the value of the first */
	int standard = take_all("SIGUSR1", SIGUSR1);
	int realtime = take_all("SIGRTMIN", SIGRTMIN);
	printf("came: %d standard, %d realtime\n", standard, realtime);
	if (standard != 1 || realtime != SENT)
		errx(EXIT_FAILURE, "expected 1 and %d", SENT);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
