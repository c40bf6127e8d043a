// SPDX-License-Identifier: MIT
/*
 * sysv_shm_consumer.c - write a System V segment straight to standard output
 *
 * Shows:  one process stores bytes, the other loads them: nothing is sent
 * Build:  cc sysv_shm_consumer.c -o sysv_shm_consumer
 * Run:    ./sysv_shm_consumer KEY >copy
 * Exit:   0 all is written, up to the end; 1 a call failed; 2 usage
 * See:    sysvipc(7), shmget(2), shmop(2), semop(2); sysv_shm_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* shmget, semget */
#include "sysv_shm.h"
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(int argc, char *argv[])
{
	/* A key is a number such as 42 or 0x2a; 0 would be IPC_PRIVATE */
	char *rest = NULL;
	long long key = argc == 2 ? strtoll(argv[1], &rest, 0) : 0;
	if (key < 1 || key > UINT32_MAX || *rest != '\0')
		errx(2, "usage: sysv_shm_consumer KEY >copy");
	struct sembuf wait_full = { .sem_num = FULL, .sem_op = -1 };
	struct sembuf post_free = { .sem_num = FREE, .sem_op = 1 };

	/* Either half may start first: both ask for the same key and size */
	int shmid =
	    shmget((key_t)key, SLOTS * sizeof(struct slot), IPC_CREAT | 0600);
	if (shmid == -1)
		err(EXIT_FAILURE, "shmget %s", argv[1]);
	const struct slot *slots = shmat(shmid, NULL, SHM_RDONLY);
	if (slots == (void *)-1)
		err(EXIT_FAILURE, "shmat %s", argv[1]);
	int set = semget((key_t)key, SEMAPHORES, IPC_CREAT | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget %s", argv[1]);

	/* semget() takes no first value: this operation frees all slots */
	struct sembuf post_all = { .sem_num = FREE, .sem_op = SLOTS };
	if (semop(set, &post_all, 1) == -1)
		err(EXIT_FAILURE, "semop %s, start", argv[1]);

	size_t emptied = 0, len;
	do {
		const struct slot *slot = &slots[emptied++ % SLOTS];

		if (semop(set, &wait_full, 1) == -1)
			err(EXIT_FAILURE, "semop %s, wait", argv[1]);
		len = slot->len;
		fwrite(slot->data, 1, len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		if (semop(set, &post_free, 1) == -1)
			err(EXIT_FAILURE, "semop %s, post", argv[1]);
	} while (len > 0);

	/* Segment and set outlive their processes: remove both */
	if (shmctl(shmid, IPC_RMID, NULL) == -1 ||
	    semctl(set, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "remove %s", argv[1]);
	fprintf(stderr, "sysv_shm_consumer: slots emptied: %zu\n", emptied);
	return EXIT_SUCCESS;
}
