// SPDX-License-Identifier: MIT
/*
 * limit.c - run a command, and end it when its time is up
 *
 * Build:  cc limit.c -o limit
 * Run:    ./limit SECONDS COMMAND [ARGUMENT...]
 * Exit:   the command's status; 124 its time was up; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    signal(7), setpgid(2), sigwaitinfo(2), setitimer(2), waitid(2); task
 *         limit of README.md
 */
#define _GNU_SOURCE /* setitimer, sigwaitinfo */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	char *end;
	double seconds = argc < 3 ? 0 : strtod(argv[1], &end);
	if (!(seconds >= 0.001 && seconds <= 1e6) || *end != '\0')
		errx(2, "usage: limit SECONDS COMMAND [ARGUMENT...]");

	/* TODO: start the command in a process group of its own. Wait until it
	 * has ended, its time is up, or SIGTERM or SIGINT arrives, whichever is
	 * first */
	warnx("%s: not started: this is the skeleton", argv[2]);
	return EXIT_FAILURE;
}
