// SPDX-License-Identifier: MIT
/*
 * posix_shm_producer.c - read standard input straight into shared memory
 *
 * Shows:  one process stores bytes, the other loads them: nothing is sent
 * Build:  cc posix_shm_producer.c -o posix_shm_producer
 * Run:    ./posix_shm_producer /NAME <file
 * Exit:   0 all input is in the slots; 1 a call failed; 2 usage
 * See:    shm_overview(7), shm_open(3), mmap(2); posix_shm_consumer.c
 *
 * If the consumer is killed, this program waits forever: see robust/.
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
		errx(2, "usage: posix_shm_producer /NAME <file");
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
	struct slot *slots = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
				  MAP_SHARED, shm_fd, 0);
	if (slots == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", argv[1]);
	if (close(shm_fd) == -1) /* the mapping stays */
		err(EXIT_FAILURE, "close %s", argv[1]);
	/* Storing to memory wakes no process: the semaphores do that */
	sem_t *free_slots = sem_open(free_name, O_CREAT, 0600, SLOTS);
	if (free_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", free_name);
	sem_t *full_slots = sem_open(full_name, O_CREAT, 0600, 0);
	if (full_slots == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s", full_name);

	size_t filled = 0;
	ssize_t n;
	do {
		struct slot *slot = &slots[filled++ % SLOTS];

		/* Blocks while the count is 0: no slot is free */
		if (sem_wait(free_slots) == -1)
			err(EXIT_FAILURE, "sem_wait %s", free_name);
		/* The consumer has mapped this slot: no second copy is made */
		n = read(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->len = (uint32_t)n;
		if (sem_post(full_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", full_name);
	} while (n > 0);

	fprintf(stderr, "posix_shm_producer: slots filled: %zu\n", filled);
	return EXIT_SUCCESS;
}
