// SPDX-License-Identifier: MIT
/*
 * other.c - supervise, another way: handlers, and ppoll, which waits for them
 *
 * Build:  cc other.c -o other
 * Run:    ./other WORKERS MS COMMAND [ARGUMENT...]
 * Exit:   0 all have ended with 0, or by SIGTERM; 1 one was given up, or a call
 *         failed
 * See:    ppoll(2), sigaction(2); 07-signals/lab/solution/supervise.c
 */
#define _GNU_SOURCE /* ppoll */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum state { DUE, RUNS, WAITS, OVER };

static struct {
	enum state state;
	pid_t pid;
	uint64_t due; /* ns */
	unsigned failures;
} workers[16];
static volatile sig_atomic_t terminate, hang_up;

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		terminate = 1;
	if (sig == SIGHUP)
		hang_up = 1;
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int main(int argc, char *argv[])
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t set, open;
	int given_up = 0, status;
	pid_t pid;

	if (argc < 4)
		errx(2, "usage: other WORKERS MS COMMAND [ARGUMENT...]");
	int n = atoi(argv[1]), stopped = 0;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (int i = 0; i < 3; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, &open) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	for (int i = 0; i < 3; i++)
		if (sigaction(signals[i], &sa, NULL) == -1)
			err(EXIT_FAILURE, "sigaction");
	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			for (int i = 0; i < n; i++) {
				if (workers[i].state != RUNS ||
				    workers[i].pid != pid)
					continue;
				workers[i].state = status == 0 ? OVER : WAITS;
				if (status == 0)
					continue;
				workers[i].due =
				    now() + ((uint64_t)atoi(argv[2]) * 1000000
					     << workers[i].failures);
				if (++workers[i].failures < 5)
					continue;
				workers[i].state = OVER;
				given_up++;
				fprintf(stderr, "worker %d: given up\n", i + 1);
			}
		uint64_t first = UINT64_MAX;
		int left = 0;
		for (int i = 0; i < n; i++) {
			if (terminate && !stopped && workers[i].state == RUNS)
				kill(workers[i].pid, SIGTERM);
			if (terminate && workers[i].state != RUNS)
				workers[i].state = OVER;
			if (workers[i].state == WAITS && hang_up) {
				workers[i].state = DUE;
				workers[i].failures = 0;
			}
			if (workers[i].state == WAITS &&
			    workers[i].due <= now())
				workers[i].state = DUE;
			if (workers[i].state == DUE) {
				if ((pid = fork()) == -1)
					err(EXIT_FAILURE, "fork");
				if (pid == 0) {
					char number[12];
					snprintf(number, 12, "%d", i + 1);
					setenv("WORKER", number, 1);
					for (int s = 0; s < 3; s++)
						signal(signals[s], SIG_DFL);
					sigprocmask(SIG_SETMASK, &open, NULL);
					execvp(argv[3], argv + 3);
					warn("exec %s", argv[3]);
					_exit(127);
				}
				workers[i].pid = pid;
				workers[i].state = RUNS;
			}
			if (workers[i].state == WAITS && workers[i].due < first)
				first = workers[i].due;
			left += workers[i].state != OVER;
		}
		stopped = terminate;
		hang_up = 0;
		if (left == 0)
			return !stopped && given_up > 0;
		uint64_t ns = first > now() ? first - now() : 0;
		struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
				      .tv_nsec = (long)(ns % 1000000000) };
		/* The handlers run here, and nowhere else */
		if (ppoll(NULL, 0, first == UINT64_MAX ? NULL : &t, &open) ==
			-1 &&
		    errno != EINTR)
			err(EXIT_FAILURE, "ppoll");
	}
}
