// SPDX-License-Identifier: MIT
/*
 * sysv_sem_consumer.c - copy a bounded buffer to standard output
 *
 * Shows:  one set counts slots and processes, several in one atomic semop(2);
 *         with SEM_UNDO the kernel takes back what a dead process added
 * Build:  cc sysv_sem_consumer.c -o sysv_sem_consumer
 * Run:    ./sysv_sem_consumer [KEY] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sysvipc(7), semop(2), semctl(2), shmop(2); sysv_sem_producer.c,
 *         sysv_sem.h
 */
#define _GNU_SOURCE /* SHM_INFO */
#include "sysv_sem.h"

static const char usage[] =
    "usage: sysv_sem_consumer [KEY]\n"
    "Copy the buffer KEY, created if missing, to standard output.\n"
    "KEY is a number, " SYSV_SEM_DEFAULT " unless given.\n";

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

	key = parse_key(argc, argv, usage);
	/* A closed standard output is an error, not a signal that kills */
	signal(SIGPIPE, SIG_IGN);
	attach(CONSUMER);

	do {
		struct slot *slot = &shared->slot[messages % SLOTS];

		count(FULL_SLOTS, -1);
		n = slot->len; /* read once: the producer may change it */
		if (n > sizeof slot->data)
			errx(EXIT_FAILURE, "%s: bad length %zu", name, n);
		if (write_all(STDOUT_FILENO, slot->data, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		count(FREE_SLOTS, 1);
		bytes += n;
		messages += n > 0;
	} while (n > 0);

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	/* Everything is written. Without the set both watchers end */
	shared->done = 1;
	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl %s", name);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || shmdt(shared) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
