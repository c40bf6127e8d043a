// SPDX-License-Identifier: MIT
/*
 * posix_sem_producer.c - fill the free slots of a shared file
 *
 * Shows:  a counting semaphore: wait for a free slot, then post a full one
 * Build:  cc posix_sem_producer.c -o posix_sem_producer
 * Run:    ./posix_sem_producer NAME <file
 * Exit:   0 everything is in the slots; 1 a call failed; 2 usage
 * See:    sem_overview(7), sem_open(3), pwrite(2); posix_sem_consumer.c
 *
 * If the consumer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* pwrite */
#include "posix_sem.h"
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: posix_sem_producer NAME <file");
	char free_name[PATH_MAX], full_name[PATH_MAX];
	snprintf(free_name, sizeof free_name, "/%s.free", argv[1]);
	snprintf(full_name, sizeof full_name, "/%s.full", argv[1]);

	int fd = open(argv[1], O_WRONLY | O_CREAT, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	/* The half that starts first creates the semaphores. Both pass the same
	 * values, so it does not matter which half is first */
	sem_t *free_slots = sem_open(free_name, O_CREAT, 0600, SLOTS);
	if (free_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", free_name);
	sem_t *full_slots = sem_open(full_name, O_CREAT, 0600, 0);
	if (full_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", full_name);

	static struct slot slot;
	off_t filled = 0;
	ssize_t n;
	do {
		n = read(STDIN_FILENO, slot.data, sizeof slot.data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot.len = (uint32_t)n;

		/* Blocks while no slot is free: the consumer is too slow */
		if (sem_wait(free_slots) == -1)
			err(EXIT_FAILURE, "sem_wait %s", free_name);
		off_t place = filled++ % SLOTS * (off_t)sizeof slot;
		if (pwrite(fd, &slot, sizeof slot, place) != sizeof slot)
			err(EXIT_FAILURE, "write %s", argv[1]);
		if (sem_post(full_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", full_name);
	} while (n > 0);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", argv[1]);
	fprintf(stderr, "posix_sem_producer: slots filled: %jd\n",
		(intmax_t)filled);
	return EXIT_SUCCESS;
}
