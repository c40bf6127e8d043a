// SPDX-License-Identifier: MIT
/*
 * note.c - a line that several processes edit, one after the other
 *
 * Build:  cc note.c -o note
 * Run:    ./note edit /NAME
 *         ./note show /NAME
 *         ./note remove /NAME
 * Exit:   0 done; 1 a call failed, or there is no new line; 2 usage
 * See:    shm_open(3), mmap(2), pthread_mutexattr_setrobust(3),
 *         pthread_mutex_consistent(3), flock(2); task note of README.md
 */
#define _GNU_SOURCE /* flock */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 200 }; /* bytes of a line, with its newline */

int main(int argc, char *argv[])
{
	int edits = argc == 3 && strcmp(argv[1], "edit") == 0;
	int shows = argc == 3 && strcmp(argv[1], "show") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	if (!edits && !shows && !removes)
		errx(2, "usage: note edit|show|remove /NAME");

	/* TODO: remove: remove the object. Otherwise open the object, which
	 * edit makes if there is none, and map it. Wait until no other process
	 * edits, and print the line. edit: read a line of at most LONGEST
	 * bytes, and let it replace the old one */
	warnx("%s: not started: this is the skeleton", argv[2]);
	return EXIT_SUCCESS;
}
