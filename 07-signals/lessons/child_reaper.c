// SPDX-License-Identifier: MIT
/*
 * child_reaper.c - five children end, and one SIGCHLD comes
 *
 * Shows:  SIGCHLD merges, so its handler reaps in a loop until none is left
 * Build:  cc child_reaper.c -o child_reaper
 * Run:    ./child_reaper
 * Prints: how many children ended, how often the handler ran, what it reaped
 * Exit:   0 done; 1 a call failed, or a child was left; 2 usage
 * See:    waitpid(2), waitid(2), sigaction(2), signal(7)
 */
#define _GNU_SOURCE /* sigaction, waitid */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 5 };

static volatile sig_atomic_t runs, reaped;

static int usage(FILE *out)
{
	fputs("usage: child_reaper\n"
	      "Five children end, and one SIGCHLD comes: reap them all.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A SIGCHLD says: at least one. WNOHANG: else it would wait here for those
 * that still run. waitpid changes errno, which the main program may be using */
static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	runs++;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	errno = saved;
}

/* Before the first fork: also what was ignored, as some parents leave it, which
 * would reap the children unseen */
static void install(void)
{
	struct sigaction sa = { .sa_handler = on_child,
				.sa_flags = SA_RESTART | SA_NOCLDSTOP };

	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGCHLD, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
}

/* It has ended when this returns. WNOWAIT leaves it a zombie, to be reaped */
static void run_child(void)
{
	siginfo_t si;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		_exit(EXIT_SUCCESS);
	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == -1)
		err(EXIT_FAILURE, "waitid");
}

int main(int argc, char *argv[])
{
	sigset_t chld, before;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Blocked, as it is also while its own handler runs */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &chld, &before) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	sigdelset(&before, SIGCHLD); /* whoever started us may block it */
	install();

	int ended = 0;
	for (; ended < CHILDREN; ended++)
		run_child();
	while (reaped < ended)
		(void)sigsuspend(&before); /* -1, EINTR is its success */
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		errx(EXIT_FAILURE, "a child is left");
	printf("ended: %d children\n", ended);
	printf("SIGCHLD: handled %d time%s\n", (int)runs, runs == 1 ? "" : "s");
	printf("reaped: %d children\n", (int)reaped);
	if (runs != 1)
		errx(EXIT_FAILURE, "expected one SIGCHLD for all");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
