// SPDX-License-Identifier: MIT
/*
 * lost_wakeup.c - wait for a signal, and miss it
 *
 * Shows:  a signal between the test of a flag and pause(2) is lost
 * Build:  cc lost_wakeup.c -o lost_wakeup
 * Run:    ./lost_wakeup
 * Prints: what a signal does that arrives between the test and the wait
 * Exit:   0 done; 1 a call failed, or the signal was not missed
 * See:    pause(2), setitimer(2), signal(7); twin: lost_wakeup_fixed.c
 */
#define _GNU_SOURCE /* sigaction, setitimer */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

/* Shared by main and a handler. volatile: main reads it again each time.
 * sig_atomic_t: a signal never finds it half written */
static volatile sig_atomic_t last;

/* A handler may run between any two instructions, even inside printf: this one
 * only stores a number */
static void on_event(int sig)
{
	last = sig;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_event };
	const struct itimerval tick = { { 0, 200000 }, { 0, 200000 } };
	sigset_t blocked, pending;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigaction(SIGALRM, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");

	/* The mask is inherited: set all of it */
	sigemptyset(&blocked);
	if (sigprocmask(SIG_SETMASK, &blocked, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	while (last == 0) {
		/* The signal arrives here: after the test, before the wait */
		if (raise(SIGUSR1) != 0 || sigpending(&pending) == -1)
			err(EXIT_FAILURE, "raise, sigpending");
		printf("before the wait SIGUSR1 is pending: %s, handled: %s\n",
		       sigismember(&pending, SIGUSR1) == 1 ? "yes" : "no",
		       last == SIGUSR1 ? "yes" : "no");

		/* Without this timer, a lost signal would block main forever */
		if (setitimer(ITIMER_REAL, &tick, NULL) == -1)
			err(EXIT_FAILURE, "setitimer");
		(void)pause(); /* -1 and EINTR: a signal was handled */
	}
	printf("the wait was ended by %s\n",
	       last == SIGUSR1 ? "SIGUSR1" : "the timer");
	if (last == SIGUSR1)
		errx(EXIT_FAILURE, "ended by the wrong signal");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
