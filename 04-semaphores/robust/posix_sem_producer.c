// SPDX-License-Identifier: MIT
/*
 * posix_sem_producer.c - copy standard input into a bounded buffer
 *
 * Shows:  one semaphore counts the free slots, a second one the full slots
 * Build:  cc posix_sem_producer.c -o posix_sem_producer
 * Run:    ./posix_sem_producer [/NAME] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sem_overview(7), shm_overview(7), F_OFD_SETLK in fcntl(2);
 *         posix_sem_consumer.c, posix_sem.h
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "posix_sem.h"

static const char usage[] =
    "usage: posix_sem_producer [/NAME]\n"
    "Copy standard input into the buffer /NAME, created if missing.\n"
    "/NAME is " POSIX_SEM_DEFAULT("UID") " unless given.\n";

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

	name = parse_name(argc, argv, usage);
	attach(PRODUCER);

	do {
		struct slot *slot = &shared->slot[messages % SLOTS];

		wait_for(&shared->free_slots);
		n = read_some(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->len = (uint32_t)n; /* 0 is the end, of the input too */
		if (sem_post(&shared->full_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", name);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	/* Everything is sent. Wait until the consumer has written it */
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
