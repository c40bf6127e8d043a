// SPDX-License-Identifier: MIT
/*
 * ticket.c - hand out numbers to several processes, each number once
 *
 * Build:  cc ticket.c -o ticket
 * Run:    ./ticket take /NAME N
 *         ./ticket show /NAME
 *         ./ticket remove /NAME
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    shm_open(3), ftruncate(2), mmap(2), atomic_fetch_add in C17 7.17.7.5;
 *         task ticket of README.md
 */
#define _XOPEN_SOURCE 700 /* ftruncate */
#include <err.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int takes = argc == 4 && strcmp(argv[1], "take") == 0;
	int shows = argc == 3 && strcmp(argv[1], "show") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	if (!takes && !shows && !removes)
		errx(2, "usage: ticket take /NAME N, ticket show|remove /NAME");
	const char *name = argv[2];

	/* TODO: remove: remove the object. Otherwise open the object of this
	 * name, which take makes if there is none, and map it. take: N times,
	 * take the next number, and print it at once. show: print how many
	 * numbers have been taken */
	warnx("%s: not started: this is the skeleton", name);
	printf("0\n");
	return EXIT_SUCCESS;
}
