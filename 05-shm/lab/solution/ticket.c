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
 *         task ticket of the lab
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
	if (removes) {
		if (shm_unlink(name) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", name);
		return EXIT_SUCCESS;
	}

	int fd = shm_open(name, O_RDWR | (takes ? O_CREAT : 0), 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "shm_open %s", name);
	/* Each process sets the size, because the one that made the object may
	 * not have come to it yet. New bytes are zeros: no ticket is taken */
	if (ftruncate(fd, sizeof(atomic_uint)) == -1)
		err(EXIT_FAILURE, "ftruncate %s", name);
	atomic_uint *taken = mmap(NULL, sizeof *taken, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd, 0);
	if (taken == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);

	if (shows)
		printf("%u\n", atomic_load(taken));
	for (int i = 0; takes && i < atoi(argv[3]); i++) {
		/* One step: no other process gets the same number */
		unsigned mine = atomic_fetch_add(taken, 1) + 1;

		/* Written now: if this process is killed later, a full buffer
		 * of tickets would be lost with it */
		if (printf("%u\n", mine) < 0 || fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
	}
	if (fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
