// SPDX-License-Identifier: MIT
/*
 * sysv_shm_producer.c - read standard input straight into a System V segment
 *
 * Shows:  one process stores bytes, the other loads them: nothing is sent
 * Build:  cc sysv_shm_producer.c -o sysv_shm_producer
 * Run:    ./sysv_shm_producer KEY <file
 * Exit:   0 all input is in the slots; 1 a call failed; 2 usage
 * See:    sysvipc(7), shmget(2), shmop(2), semop(2); sysv_shm_consumer.c
 *
 * If the consumer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* shmget, semget */
#include "sysv_shm.h"
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	/* A key is a number such as 42 or 0x2a; 0 would be IPC_PRIVATE */
	char *rest = NULL;
	long long key = argc == 2 ? strtoll(argv[1], &rest, 0) : 0;
	if (key < 1 || key > UINT32_MAX || *rest != '\0')
		errx(2, "usage: sysv_shm_producer KEY <file");
	struct sembuf wait_free = { .sem_num = FREE, .sem_op = -1 };
	struct sembuf post_full = { .sem_num = FULL, .sem_op = 1 };

	/* Either half may start first: both ask for the same key and size */
	int shmid =
	    shmget((key_t)key, SLOTS * sizeof(struct slot), IPC_CREAT | 0600);
	if (shmid == -1)
		err(EXIT_FAILURE, "shmget %s", argv[1]);
	struct slot *slots = shmat(shmid, NULL, 0);
	if (slots == (void *)-1)
		err(EXIT_FAILURE, "shmat %s", argv[1]);
	/* Storing to memory wakes no process: the semaphores do that. A new
	 * set is all 0. The consumer adds the free slots when it starts */
	int set = semget((key_t)key, SEMAPHORES, IPC_CREAT | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget %s", argv[1]);

	size_t filled = 0;
	ssize_t n;
	do {
		struct slot *slot = &slots[filled++ % SLOTS];

		if (semop(set, &wait_free, 1) == -1)
			err(EXIT_FAILURE, "semop %s, wait", argv[1]);
		/* The consumer has mapped this slot: no second copy is made */
		n = read(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->len = (uint32_t)n;
		if (semop(set, &post_full, 1) == -1)
			err(EXIT_FAILURE, "semop %s, post", argv[1]);
	} while (n > 0);

	fprintf(stderr, "sysv_shm_producer: slots filled: %zu\n", filled);
	return EXIT_SUCCESS;
}
