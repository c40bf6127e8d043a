// SPDX-License-Identifier: MIT
/*
 * posix_sem_consumer.c - copy a bounded buffer to standard output
 *
 * Shows:  one semaphore counts the free slots, a second one the full slots
 * Build:  cc posix_sem_consumer.c -o posix_sem_consumer
 * Run:    ./posix_sem_consumer [/NAME] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sem_overview(7), shm_overview(7), F_OFD_SETLK in fcntl(2);
 *         posix_sem_producer.c, posix_sem.h
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "posix_sem.h"

static const char usage[] =
    "usage: posix_sem_consumer [/NAME]\n"
    "Copy the buffer /NAME, created if missing, to standard output.\n"
    "/NAME is " POSIX_SEM_DEFAULT("UID") " unless given.\n";

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

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	name = parse_name(argc, argv, usage);
	/* A closed standard output is an error, not a signal that kills */
	signal(SIGPIPE, SIG_IGN);
	attach(CONSUMER);

	do {
		struct slot *slot = &shared->slot[messages % SLOTS];

		wait_for(&shared->full_slots);
		n = slot->len; /* read once: the producer may change it */
		if (n > sizeof slot->data)
			errx(EXIT_FAILURE, "%s: bad length %zu", name, n);
		if (write_all(STDOUT_FILENO, slot->data, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		if (sem_post(&shared->free_slots) == -1)
			err(EXIT_FAILURE, "sem_post %s", name);
		bytes += n;
		messages += n > 0;
	} while (n > 0);

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	/* Everything is written: the producer exits, and then both watchers */
	shared->done = 1;
	try_lock(F_OFD_SETLK, F_UNLCK, CONSUMER);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
