// SPDX-License-Identifier: MIT
/*
 * sysv_shm_producer.c - copy standard input through a System V segment
 *
 * Shows:  a robust mutex reports the death of its owner; semaphores do not
 * Build:  cc sysv_shm_producer.c -o sysv_shm_producer
 * Run:    ./sysv_shm_producer [KEY] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent and taken; 1 a call or the consumer failed; 2 usage;
 *         77 this machine forbids it
 * See:    shmget(2), shmop(2), shmctl(2), pthread_mutexattr_setrobust(3);
 *         sysv_shm_consumer.c, sysv_shm.h
 */
#define _GNU_SOURCE /* IPC_INFO, SHM_INFO */

#include "sysv_shm.h"
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* read(2), repeated if a signal interrupts it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: sysv_shm_producer [KEY]\n"
	    "Copy standard input through the segment KEY, made if "
	    "missing.\n"
	    "KEY is a number as ipcs(1) prints it; " SYSV_SHM_DEFAULT " unless "
	    "given.\n";
	uintmax_t bytes = 0, messages = 0;
	size_t filled = 0;
	ssize_t n;

	key_t key = parse_key(argc, argv, usage);
	attach(PRODUCER, key);

	/* Input goes straight into a slot; an empty slot is the end */
	do {
		struct slot *slot = &shm->slots[filled++ % SLOTS];

		if (sem_wait(&shm->free) == -1)
			err(EXIT_FAILURE, "sem_wait %s", name);
		n = read_some(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->len = (uint32_t)n;
		if (sem_post(&shm->full) == -1)
			err(EXIT_FAILURE, "sem_post %s", name);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	leave(PRODUCER);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
