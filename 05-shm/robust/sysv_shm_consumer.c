// SPDX-License-Identifier: MIT
/*
 * sysv_shm_consumer.c - copy a System V segment to standard output
 *
 * Shows:  a robust mutex reports the death of its owner; semaphores do not
 * Build:  cc sysv_shm_consumer.c -o sysv_shm_consumer
 * Run:    ./sysv_shm_consumer [KEY] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage;
 *         77 this machine forbids it
 * See:    shmget(2), shmop(2), shmctl(2), pthread_mutexattr_setrobust(3);
 *         sysv_shm_producer.c, sysv_shm.h
 */
#define _GNU_SOURCE /* IPC_INFO, SHM_INFO */

#include "sysv_shm.h"
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* write(2) may write less than asked: repeat until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The peer may write to len at any time: check the copy, and use the copy. (An
 * access to a volatile object is not made twice) */
static size_t length(const volatile struct slot *slot)
{
	size_t len = slot->len;

	if (len > sizeof slot->data)
		errx(EXIT_FAILURE, "%s: bad length %zu", name, len);
	return len;
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: sysv_shm_consumer [KEY]\n"
	    "Copy the segment KEY, made if missing, to standard "
	    "output.\n"
	    "KEY is a number as ipcs(1) prints it; " SYSV_SHM_DEFAULT " unless "
	    "given.\n";
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	key_t key = parse_key(argc, argv, usage);
	/* Makes a closed standard output an error of write(2) */
	signal(SIGPIPE, SIG_IGN);
	attach(CONSUMER, key);

	/* Output comes straight from the slot; an empty slot is the end */
	for (size_t emptied = 0;; emptied++) {
		struct slot *slot = &shm->slots[emptied % SLOTS];

		if (sem_wait(&shm->full) == -1)
			err(EXIT_FAILURE, "sem_wait %s", name);
		n = length(slot);
		if (n == 0)
			break;
		if (write_all(STDOUT_FILENO, slot->data, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		if (sem_post(&shm->free) == -1)
			err(EXIT_FAILURE, "sem_post %s", name);
		bytes += n;
		messages++;
	}

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	leave(CONSUMER);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
