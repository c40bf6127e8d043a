// SPDX-License-Identifier: MIT
/*
 * cleanup.h - remove what this process has created, however it ends
 *
 * Objects are removed at exit, and when a signal ends the process. They stay
 * after SIGKILL, after the signals of a crash, and after those that hardly any
 * process sends: SIGIO, SIGPWR, SIGSTKFLT and the real-time signals.
 *
 * See: signal(7), signal-safety(7), sigaction(2), atexit(3)
 *
 * The robust/ folder of every chapter whose objects outlive a process has this
 * file.
 */
#ifndef CLEANUP_H
#define CLEANUP_H

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Defined by the pair: async-signal-safe, may run twice, also nested */
static void remove_created(void);

/* A pair sets this when nothing is left to undo. The first signal then changes
 * nothing, and the process ends by itself */
static volatile sig_atomic_t is_complete;

static void on_signal(int sig)
{
	if (is_complete)
		return;
	remove_created();
	raise(sig);	  /* SA_RESETHAND: the default action ends it */
	_exit(128 + sig); /* process 1 of a container has no such action */
}

/* A signal that is ignored, by nohup(1) or for a shell's background job, stays
 * ignored. A second one of its kind ends the process at once, whatever
 * remove_created() waits for: SA_NODEFER leaves it unblocked in the handler */
static void catch_signals(void)
{
	static const int signals[] = { SIGHUP,	  SIGINT,  SIGQUIT, SIGPIPE,
				       SIGALRM,	  SIGTERM, SIGUSR1, SIGUSR2,
				       SIGVTALRM, SIGXCPU, SIGPROF };
	struct sigaction old,
	    sa = { .sa_handler = on_signal,
		   .sa_flags = (int)SA_RESETHAND | SA_NODEFER };

	signal(SIGXFSZ, SIG_IGN); /* above ulimit -f a call fails instead */
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &old) == -1 ||
		    (old.sa_handler != SIG_IGN &&
		     sigaction(signals[i], &sa, NULL) == -1))
			err(EXIT_FAILURE, "sigaction");
	if (atexit(remove_created) != 0)
		errx(EXIT_FAILURE, "atexit: no memory");
}

#endif
