// SPDX-License-Identifier: MIT
/*
 * room.c - commands that run in the same room share objects, others do not
 *
 * Build:  cc room.c -o room
 * Run:    ./room NAME COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    setns(2), unshare(2), namespaces(7), flock(2), fstat(2); room in
 *         README.md
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: room NAME COMMAND [ARGUMENT...]");

	/* TODO: does a command run in the room NAME? Then enter its namespaces.
	 * Otherwise make new ones. Remember in the file NAME.room what the next
	 * process needs to find you. Then become the command */
	warnx("%s: not started: this is the skeleton", argv[2]);
	return EXIT_SUCCESS;
}
