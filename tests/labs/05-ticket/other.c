// SPDX-License-Identifier: MIT
/*
 * other.c - ticket with a plain number, and a file lock around each change
 *
 * Build:  cc other.c -o ticket
 * Run:    ./ticket take /NAME N; ./ticket show /NAME; ./ticket remove /NAME
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    flock(2); 05-shm/lab/solution/ticket.c
 */
#define _GNU_SOURCE /* flock */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: ticket take /NAME N, ticket show|remove /NAME");
	if (strcmp(argv[1], "remove") == 0) {
		if (shm_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}
	int takes = strcmp(argv[1], "take") == 0 && argc > 3;
	int fd = shm_open(argv[2], O_RDWR | (takes ? O_CREAT : 0), 0600);
	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		err(EXIT_FAILURE, "%s", argv[2]);

	/* The first one that is here sets it up, with the number of the next
	 * ticket, while others wait */
	struct stat st;
	if (fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "fstat");
	if (st.st_size == 0 && ftruncate(fd, sizeof(int)) == -1)
		err(EXIT_FAILURE, "ftruncate");
	int *next =
	    mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (next == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (*next == 0)
		*next = 1;
	flock(fd, LOCK_UN);

	if (!takes && dprintf(1, "%d\n", *next - 1) < 0)
		err(EXIT_FAILURE, "standard output");
	for (int i = 0; takes && i < atoi(argv[3]); i++) {
		flock(fd, LOCK_EX);
		int mine = (*next)++;
		flock(fd, LOCK_UN);
		if (dprintf(1, "%d\n", mine) < 0)
			err(EXIT_FAILURE, "standard output");
	}
	return EXIT_SUCCESS;
}
