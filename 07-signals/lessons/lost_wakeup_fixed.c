// SPDX-License-Identifier: MIT
/*
 * lost_wakeup_fixed.c - wait for a signal, and miss none
 *
 * Shows:  a handler sets a flag; block, test, sigsuspend leaves no gap
 * Build:  cc lost_wakeup_fixed.c -o lost_wakeup_fixed
 * Run:    ./lost_wakeup_fixed
 * Prints: what a signal does that comes between the test and the wait
 * Exit:   0 done; 1 a call failed, or the signal was missed; 2 usage
 * See:    sigaction(2), sigsuspend(2), signal-safety(7); twin: lost_wakeup.c
 */
#define _GNU_SOURCE /* sigaction, sigsuspend */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What main and a handler share: volatile, so that it is read again each time,
 * and of the one type that a signal cannot interrupt half written */
static volatile sig_atomic_t last;

static int usage(FILE *out)
{
	fputs("usage: lost_wakeup_fixed\n"
	      "A signal between the test and the wait: it is not missed.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* It may run between any two instructions, in the midst of a printf: it only
 * stores. One that makes a call keeps errno, and calls async-signal-safe ones
 */
static void on_event(int sig)
{
	last = sig;
}

/* Whoever started us may have blocked it, and that we have inherited */
static void install(int sig)
{
	struct sigaction sa = { .sa_handler = on_event };
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigaction(sig, &sa, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigaction %d", sig);
}

static void print_state(void)
{
	sigset_t pending;

	if (sigpending(&pending) == -1)
		err(EXIT_FAILURE, "sigpending");
	printf("before the wait SIGUSR1 is pending: %s, handled: %s\n",
	       sigismember(&pending, SIGUSR1) == 1 ? "yes" : "no",
	       last == SIGUSR1 ? "yes" : "no");
}

int main(int argc, char *argv[])
{
	sigset_t usr1, before;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	install(SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &usr1, &before) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	while (last == 0) {
		/* The sender comes now, after the test and before the wait */
		if (raise(SIGUSR1) != 0)
			err(EXIT_FAILURE, "raise");
		print_state();
		/* Unblock and wait in one step; -1, EINTR is its success */
		(void)sigsuspend(&before);
	}
	printf("the wait was ended by %s\n",
	       last == SIGUSR1 ? "SIGUSR1" : "the timer");
	if (last != SIGUSR1)
		errx(EXIT_FAILURE, "another wakeup than shown");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
