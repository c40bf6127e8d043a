// SPDX-License-Identifier: MIT
/*
 * sysv_sem_consumer.c - empty the full slots of a shared file
 *
 * Shows:  a counting semaphore: wait for a full slot, then post a free one
 * Build:  cc sysv_sem_consumer.c -o sysv_sem_consumer
 * Run:    ./sysv_sem_consumer NAME >copy
 * Exit:   0 everything up to the end was written; 1 a call failed; 2 usage
 * See:    sysvipc(7), semctl(2), semop(2), pread(2); sysv_sem_producer.c
 *
 * If the producer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* ftok, pread */
#include "sysv_sem.h"
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: sysv_sem_consumer NAME >copy");
	struct sembuf wait_full = { .sem_num = FULL, .sem_op = -1 };
	struct sembuf post_free = { .sem_num = FREE, .sem_op = 1 };

	int fd = open(argv[1], O_RDONLY | O_CREAT, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	key_t key = ftok(argv[1], 's');
	if (key == -1)
		err(EXIT_FAILURE, "ftok %s", argv[1]);
	int set = semget(key, SEMAPHORES, IPC_CREAT | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget %s", argv[1]);
	/* All slots are free at the start. Only this program adds them, and
	 * only once, so it does not matter which half has created the set */
	struct sembuf post_all = { .sem_num = FREE, .sem_op = SLOTS };
	if (semop(set, &post_all, 1) == -1)
		err(EXIT_FAILURE, "semop %s, post", argv[1]);

	static struct slot slot;
	off_t emptied = 0;
	do {
		/* Blocks while no slot is full: the producer is too slow */
		if (semop(set, &wait_full, 1) == -1)
			err(EXIT_FAILURE, "semop %s, wait", argv[1]);
		off_t place = emptied++ % SLOTS * (off_t)sizeof slot;
		if (pread(fd, &slot, sizeof slot, place) != sizeof slot)
			err(EXIT_FAILURE, "read %s", argv[1]);
		if (semop(set, &post_free, 1) == -1)
			err(EXIT_FAILURE, "semop %s, post", argv[1]);

		fwrite(slot.data, 1, slot.len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
	} while (slot.len > 0);

	/* A set outlives processes, as the file does: remove both */
	if (semctl(set, 0, IPC_RMID) == -1 || unlink(argv[1]) == -1)
		err(EXIT_FAILURE, "remove %s", argv[1]);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", argv[1]);
	fprintf(stderr, "sysv_sem_consumer: slots emptied: %jd\n",
		(intmax_t)emptied);
	return EXIT_SUCCESS;
}
