// SPDX-License-Identifier: MIT
/*
 * sysv_sem_producer.c - copy standard input into a bounded buffer
 *
 * Shows:  one set counts slots and processes, several in one atomic semop(2);
 *         with SEM_UNDO the kernel takes back what a dead process added
 * Build:  cc sysv_sem_producer.c -o sysv_sem_producer
 * Run:    ./sysv_sem_producer [KEY] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sysvipc(7), semop(2), semctl(2), shmop(2); sysv_sem_consumer.c,
 *         sysv_sem.h
 */
#define _GNU_SOURCE /* SHM_INFO */
#include "sysv_sem.h"

static const char usage[] =
    "usage: sysv_sem_producer [KEY]\n"
    "Copy standard input into the buffer KEY, created if missing.\n"
    "KEY is a number, " SYSV_SEM_DEFAULT " unless given.\n";

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
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	key = parse_key(argc, argv, usage);
	attach(PRODUCER);

	do {
		struct slot *slot = &shared->slot[messages % SLOTS];

		count(FREE_SLOTS, -1);
		n = read_some(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->len = (uint32_t)n; /* 0 is the end, of the input too */
		count(FULL_SLOTS, 1);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	/* Everything is sent. Wait until the consumer has written it */
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || shmdt(shared) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
