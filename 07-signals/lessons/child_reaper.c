// SPDX-License-Identifier: MIT
/*
 * child_reaper.c - five children exit, and one SIGCHLD arrives
 *
 * Shows:  SIGCHLD merges, so its handler reaps in a loop until none is left
 * Build:  cc child_reaper.c -o child_reaper
 * Run:    ./child_reaper
 * Prints: how often the handler ran, and how many children it has reaped
 * Exit:   0 done; 1 a call failed, or the handler ran more than once;
 *         77 a limit forbids it
 * See:    waitpid(2), waitid(2), sigaction(2), signal(7)
 */
#define _GNU_SOURCE /* sigaction, waitid */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 5 };

static volatile sig_atomic_t runs, reaped;

/* SIGCHLD means that at least one child has exited. WNOHANG: do not wait for
 * children that still run. waitpid changes errno, which the interrupted code
 * may be using */
static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	runs++;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	errno = saved;
}

/* Returns when the child has exited. WNOWAIT leaves the child a zombie */
static void run_child(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(EXIT_SUCCESS);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == -1)
		err(EXIT_FAILURE, "waitid");
}

int main(void)
{
	/* An inherited SIG_IGN would reap without a handler: replace it */
	struct sigaction sa = { .sa_handler = on_child };
	sigset_t blocked, none;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL) == -1 ||
	    sigaction(SIGCHLD, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask, sigaction");

	/* SIGCHLD is blocked here, as it also is while its handler runs */
	for (int i = 0; i < CHILDREN; i++)
		run_child();
	while (reaped < CHILDREN)
		(void)sigsuspend(&none); /* -1 and EINTR: a handler ran */
	printf("children: %d, runs of the handler: %d, reaped: %d\n", CHILDREN,
	       (int)runs, (int)reaped);
	if (runs != 1)
		errx(EXIT_FAILURE, "expected one run of the handler");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
