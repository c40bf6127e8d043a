// SPDX-License-Identifier: MIT
/*
 * rw.c - run a command while other readers, or nobody else, may run theirs
 *
 * Build:  cc rw.c -o rw
 * Run:    ./rw read FILE COMMAND [ARGUMENT...]
 *         ./rw write FILE COMMAND [ARGUMENT...]
 *         ./rw remove FILE
 * Exit:   the command's status; 1 a call failed; 2 usage; 127 no such command
 * See:    semget(2), semop(2), semctl(2), ftok(3), execvp(3); task rw of
 *         README.md
 */
#define _XOPEN_SOURCE 700 /* sys/sem.h is an X/Open extension */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	int reads = argc > 3 && strcmp(argv[1], "read") == 0;
	int writes = argc > 3 && strcmp(argv[1], "write") == 0;
	if (!removes && !reads && !writes)
		errx(2, "usage: rw read|write FILE COMMAND..., rw remove FILE");

	/* TODO: open the set of semaphores that belongs to FILE. remove: remove
	 * it. read: wait until no writer is inside or waits. write: wait until
	 * nobody is inside. Then run the command. Its end lets others in,
	 * whatever has ended it */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
