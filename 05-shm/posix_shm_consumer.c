// SPDX-License-Identifier: MIT
/*
 * posix_shm_consumer.c - write shared memory straight to standard output
 *
 * Shows:  one process stores bytes, the other loads them: nothing is sent
 * Build:  cc posix_shm_consumer.c -o posix_shm_consumer
 * Run:    ./posix_shm_consumer /NAME >copy
 * Exit:   0 all is written, up to the end; 1 a call failed; 2 usage
 * See:    shm_overview(7), shm_open(3), mmap(2); posix_shm_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* ftruncate */
#include "posix_shm.h"
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: posix_shm_consumer /NAME >copy");
	char free_name[PATH_MAX], full_name[PATH_MAX];
	snprintf(free_name, sizeof free_name, "%s.free", argv[1]);
	snprintf(full_name, sizeof full_name, "%s.full", argv[1]);

	/* Either half may start first: both ask for the same name and size */
	const off_t size = SLOTS * sizeof(struct slot);
	int shm_fd = shm_open(argv[1], O_RDWR | O_CREAT, 0600);
	if (shm_fd == -1)
		err(EXIT_FAILURE, "shm_open %s", argv[1]);
	if (ftruncate(shm_fd, size) == -1)
		err(EXIT_FAILURE, "ftruncate %s", argv[1]);
	struct slot *slots =
	    mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, shm_fd, 0);
	if (slots == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", argv[1]);
	if (close(shm_fd) == -1) /* the mapping stays */
		err(EXIT_FAILURE, "close %s", argv[1]);
	sem_t *free_slots = sem_open(free_name, O_CREAT, 0600, SLOTS);
	if (free_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", free_name);
	sem_t *full_slots = sem_open(full_name, O_CREAT, 0600, 0);
	if (full_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", full_name);

	size_t emptied = 0, len;
	do {
		struct slot *slot = &slots[emptied++ % SLOTS];

		/* Blocks while the count is 0: no slot is full */
		if (sem_wait(full_slots) == -1)
			err(EXIT_FAILURE, "sem_wait %s", full_name);
		len = slot->len;
		fwrite(slot->data, 1, len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		if (sem_post(free_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", free_name);
	} while (len > 0);

	/* Memory and semaphores outlive their processes: remove the names */
	if (sem_unlink(free_name) == -1 || sem_unlink(full_name) == -1 ||
	    shm_unlink(argv[1]) == -1)
		err(EXIT_FAILURE, "unlink %s", argv[1]);
	fprintf(stderr, "posix_shm_consumer: slots emptied: %zu\n", emptied);
	return EXIT_SUCCESS;
}
