// SPDX-License-Identifier: MIT
/*
 * progress.c - copy the input to the output, and report on demand how far it is
 *
 * Build:  cc progress.c -o progress
 * Run:    ./progress <file >copy
 * Prints: on standard error: N bytes, for each SIGUSR1
 * Exit:   0 copied, or stopped by SIGTERM; 1 a call failed; 2 usage
 * See:    signal(7), sigaction(2), poll(2), signalfd(2); task progress of
 *         README.md
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc > 1)
		errx(2, "usage: progress <file >copy, without %s", argv[1]);

	/* TODO: prepare for SIGUSR1 and SIGTERM. Copy, and count the bytes that
	 * are written. Whatever the program waits for, a signal ends the wait
	 */
	warnx("nothing is copied: this is the skeleton");
	uintmax_t bytes = 0;

	fprintf(stderr, "%ju bytes, end\n", bytes);
	return EXIT_FAILURE;
}
