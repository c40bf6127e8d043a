// SPDX-License-Identifier: MIT
/*
 * sysv_sem_producer.c - fill the free slots of a shared file
 *
 * Shows:  a counting semaphore: wait for a free slot, then post a full one
 * Build:  cc sysv_sem_producer.c -o sysv_sem_producer
 * Run:    ./sysv_sem_producer NAME <file
 * Exit:   0 everything is in the slots; 1 a call failed; 2 usage
 * See:    sysvipc(7), ftok(3), semget(2), semop(2); sysv_sem_consumer.c
 *
 * If the consumer is killed, this program waits forever: see robust/.
 */
#define _XOPEN_SOURCE 700 /* ftok, pwrite */
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
		errx(2, "usage: sysv_sem_producer NAME <file");
	struct sembuf wait_free = { .sem_num = FREE, .sem_op = -1 };
	struct sembuf post_full = { .sem_num = FULL, .sem_op = 1 };

	int fd = open(argv[1], O_WRONLY | O_CREAT, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	/* ftok makes the key from the inode number of the file, so both halves
	 * find the same set. The half that starts first creates it: all 0 */
	key_t key = ftok(argv[1], 's');
	if (key == -1)
		err(EXIT_FAILURE, "ftok %s", argv[1]);
	int set = semget(key, SEMAPHORES, IPC_CREAT | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget %s", argv[1]);

	static struct slot slot;
	off_t filled = 0;
	ssize_t n;
	do {
		n = read(STDIN_FILENO, slot.data, sizeof slot.data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot.len = (uint32_t)n;

		/* Blocks while no slot is free: the consumer is too slow */
		if (semop(set, &wait_free, 1) == -1)
			err(EXIT_FAILURE, "semop %s, wait", argv[1]);
		off_t place = filled++ % SLOTS * (off_t)sizeof slot;
		if (pwrite(fd, &slot, sizeof slot, place) != sizeof slot)
			err(EXIT_FAILURE, "write %s", argv[1]);
		if (semop(set, &post_full, 1) == -1)
			err(EXIT_FAILURE, "semop %s, post", argv[1]);
	} while (n > 0);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", argv[1]);
	fprintf(stderr, "sysv_sem_producer: slots filled: %jd\n",
		(intmax_t)filled);
	return EXIT_SUCCESS;
}
