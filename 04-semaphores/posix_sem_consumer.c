// SPDX-License-Identifier: MIT
/*
 * posix_sem_consumer.c - empty the full slots of a shared file
 *
 * Shows:  a counting semaphore: wait for a full slot, then post a free one
 * Build:  cc posix_sem_consumer.c -o posix_sem_consumer
 * Run:    ./posix_sem_consumer NAME >copy
 * Exit:   0 everything up to the end was written; 1 a call failed; 2 usage
 * See:    sem_overview(7), sem_unlink(3), pread(2); posix_sem_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* pread */
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
		errx(2, "usage: posix_sem_consumer NAME >copy");
	char free_name[PATH_MAX], full_name[PATH_MAX];
	snprintf(free_name, sizeof free_name, "/%s.free", argv[1]);
	snprintf(full_name, sizeof full_name, "/%s.full", argv[1]);

	int fd = open(argv[1], O_RDONLY | O_CREAT, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	sem_t *free_slots = sem_open(free_name, O_CREAT, 0600, SLOTS);
	if (free_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", free_name);
	sem_t *full_slots = sem_open(full_name, O_CREAT, 0600, 0);
	if (full_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", full_name);

	static struct slot slot;
	off_t emptied = 0;
	do {
		/* Blocks while no slot is full: the producer is too slow */
		if (sem_wait(full_slots) == -1)
			err(EXIT_FAILURE, "sem_wait %s", full_name);
		off_t place = emptied++ % SLOTS * (off_t)sizeof slot;
		if (pread(fd, &slot, sizeof slot, place) != sizeof slot)
			err(EXIT_FAILURE, "read %s", argv[1]);
		if (sem_post(free_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", free_name);

		fwrite(slot.data, 1, slot.len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
	} while (slot.len > 0);

	/* Semaphores outlive processes, as files do: remove the names */
	if (sem_unlink(free_name) == -1 || sem_unlink(full_name) == -1 ||
	    unlink(argv[1]) == -1)
		err(EXIT_FAILURE, "unlink %s", argv[1]);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", argv[1]);
	fprintf(stderr, "posix_sem_consumer: slots emptied: %jd\n",
		(intmax_t)emptied);
	return EXIT_SUCCESS;
}
