// SPDX-License-Identifier: MIT
/*
 * collect.c - print the values that other processes send with signals
 *
 * Build:  cc collect.c -o collect
 * Run:    ./collect
 *         /bin/kill -63 -q VALUE PID
 * Prints: ready; VALUE for signal 63, urgent VALUE for 62; N values
 * Exit:   0 ended by SIGTERM; 1 a call failed; 2 usage
 * See:    signal(7), sigprocmask(2), sigwaitinfo(2); task collect of README.md
 */
#define _POSIX_C_SOURCE 200809L /* sigwaitinfo */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUE  (SIGRTMAX - 1)
#define URGENT (SIGRTMAX - 2)

int main(int argc, char *argv[])
{
	if (argc > 1)
		errx(2, "usage: collect, without %s", argv[1]);

	/* TODO: prepare for VALUE, URGENT and SIGTERM, and print ready. Print
	 * each value that arrives. On SIGTERM, print those that are pending */
	warnx("nothing is collected: this is the skeleton");
	uintmax_t values = 0;

	printf("%ju values\n", values);
	return EXIT_FAILURE;
}
