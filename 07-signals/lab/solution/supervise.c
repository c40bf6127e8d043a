// SPDX-License-Identifier: MIT
/*
 * supervise.c - run workers, and start again those that fail
 *
 * Build:  cc supervise.c -o supervise
 * Run:    ./supervise WORKERS MS COMMAND [ARGUMENT...]
 * Prints: worker N: given up, on standard error
 * Exit:   0 all have ended with 0, or by SIGTERM; 1 one was given up, or a call
 *         failed; 2 usage
 * See:    sigtimedwait(2), waitpid(2), clock_gettime(2); task supervise of the
 *         lab
 */
#define _POSIX_C_SOURCE 200809L /* sigtimedwait */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORKERS = 16, MAX_FAILURES = 5, NEVER = -1 };

static struct worker {
	pid_t pid;     /* 0: it does not run */
	long long due; /* when it is started, in ms, or NEVER */
	int failures;
} workers[MAX_WORKERS];

static long long now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void start(struct worker *w, char *command[], const sigset_t *old)
{
	char number[16];

	snprintf(number, sizeof number, "%d", (int)(w - workers) + 1);
	w->due = NEVER;
	w->pid = fork();
	if (w->pid == -1)
		err(EXIT_FAILURE, "fork");
	if (w->pid > 0)
		return;
	/* A signal that is pending by now acts when it is unblocked */
	if (setenv("WORKER", number, 1) == -1 ||
	    sigprocmask(SIG_SETMASK, old, NULL) == -1)
		_exit(127);
	execvp(command[0], command);
	warn("exec %s", command[0]);
	_exit(127);
}

/* True if the worker is given up */
static int ended(struct worker *w, int status, long long ms)
{
	w->pid = 0;
	if (status == 0)
		return 0;
	if (++w->failures == MAX_FAILURES) {
		warnx("worker %d: given up", (int)(w - workers) + 1);
		return 1;
	}
	w->due = now() + (ms << (w->failures - 1));
	return 0;
}

int main(int argc, char *argv[])
{
	int n = argc < 4 ? 0 : atoi(argv[1]), ms = argc < 4 ? 0 : atoi(argv[2]);
	if (n < 1 || n > MAX_WORKERS || ms < 1)
		errx(2, "usage: supervise WORKERS MS COMMAND [ARGUMENT...]");

	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, &old) == -1 ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(EXIT_FAILURE, "sigprocmask, signal");

	struct worker *end = workers + n;
	int stopping = 0, given_up = 0;
	for (;;) {
		/* Start what is due. How long is it until the next is? */
		long long left = NEVER, current = now();
		int running = 0;
		for (struct worker *w = workers; w < end; w++) {
			if (stopping)
				w->due = NEVER;
			if (w->due != NEVER && w->due <= current)
				start(w, argv + 3, &old);
			running += w->pid > 0;
			if (w->due != NEVER &&
			    (left == NEVER || w->due - current < left))
				left = w->due - current;
		}
		if (running == 0 && left == NEVER)
			return given_up > 0 && !stopping;

		struct timespec t = { .tv_sec = left / 1000,
				      .tv_nsec = left % 1000 * 1000000 };
		int sig = sigtimedwait(&set, NULL, left == NEVER ? NULL : &t);
		if (sig == -1 && errno != EINTR && errno != EAGAIN)
			err(EXIT_FAILURE, "sigtimedwait");
		stopping |= sig == SIGTERM;
		for (struct worker *w = workers; w < end; w++) {
			/* It was not reaped yet, so the number is its own */
			if (sig == SIGTERM && w->pid > 0)
				kill(w->pid, SIGTERM);
			if (sig == SIGHUP && w->due != NEVER)
				w->due = w->failures = 0;
		}
		/* All that have ended: one SIGCHLD may stand for many */
		int status;
		for (struct worker *w = workers; w < end; w++)
			if (w->pid > 0 &&
			    waitpid(w->pid, &status, WNOHANG) == w->pid)
				given_up += ended(w, status, ms);
	}
}
