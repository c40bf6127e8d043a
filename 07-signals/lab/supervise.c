// SPDX-License-Identifier: MIT
/*
 * supervise.c - run workers, and start again those that fail
 *
 * Build:  cc supervise.c -o supervise
 * Run:    ./supervise WORKERS MS COMMAND [ARGUMENT...]
 * Prints: worker N: given up, on standard error
 * Exit:   0 all have ended with 0, or by SIGTERM; 1 one was given up, or a call
 *         failed; 2 usage
 * See:    signal(7), sigtimedwait(2), waitpid(2), clock_gettime(2); task
 *         supervise of README.md
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

enum { MAX_WORKERS = 16, MAX_FAILURES = 5 };

int main(int argc, char *argv[])
{
	int n = argc < 4 ? 0 : atoi(argv[1]), ms = argc < 4 ? 0 : atoi(argv[2]);
	if (n < 1 || n > MAX_WORKERS || ms < 1)
		errx(2, "usage: supervise WORKERS MS COMMAND [ARGUMENT...]");

	/* TODO: start n workers. Until all have ended, wait for the next event:
	 * a worker has ended, one is due to be started again, SIGTERM, or
	 * SIGHUP */
	warnx("%s: not started: this is the skeleton", argv[3]);
	return EXIT_FAILURE;
}
