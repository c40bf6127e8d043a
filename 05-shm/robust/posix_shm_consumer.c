// SPDX-License-Identifier: MIT
/*
 * posix_shm_consumer.c - copy a ring in memory to standard output
 *
 * Shows:  two indices, one writer each, need no lock; futex(2) sleeps
 * Build:  cc posix_shm_consumer.c -o posix_shm_consumer
 * Run:    ./posix_shm_consumer [/NAME] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage;
 *         77 this machine forbids it
 * See:    shm_overview(7), futex(2), F_OFD_SETLK in fcntl(2);
 *         posix_shm_producer.c, posix_shm.h
 */
#define _GNU_SOURCE

#include "posix_shm.h"
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

/* Wait for bytes behind tail, and return how many there are; 0 is the end */
static uint32_t wait_for_data(uint32_t tail)
{
	static uint32_t head; /* as last read: often enough to go on */
	uint32_t done = 0;

	while (head == tail && !done) {
		done = ring->done[PRODUCER]; /* first: then head is final */
		head = ring->head;
		if (head == tail && !done)
			announce_or_sleep(CONSUMER);
	}
	if (head - tail > RING_SIZE)
		errx(EXIT_FAILURE, "%s: bad head", name);
	return head - tail;
}

/* In one piece, or in two where the ring starts again */
static void copy_out(uint32_t tail, char *buf, size_t n)
{
	size_t at = tail % RING_SIZE, first = RING_SIZE - at;

	if (first > n)
		first = n;
	memcpy(buf, ring->data + at, first);
	memcpy(buf + first, ring->data, n - first);
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: posix_shm_consumer [/NAME]\n"
	    "Copy the ring /NAME, made if missing, to standard output.\n"
	    "/NAME is " POSIX_SHM_DEFAULT("UID") " unless given.\n";
	static char buf[MESSAGE_SIZE];
	uintmax_t bytes = 0, messages = 0;
	uint32_t tail = 0, n;

	name = parse_name(argc, argv, usage);
	/* Makes a closed standard output an error of write(2) */
	signal(SIGPIPE, SIG_IGN);
	attach(CONSUMER);

	while ((n = wait_for_data(tail)) > 0) {
		if (n > sizeof buf)
			n = sizeof buf;
		copy_out(tail, buf, n);
		tail += n;
		publish(CONSUMER, &ring->tail, tail);
		if (write_all(STDOUT_FILENO, buf, n) == -1)
			err(EXIT_FAILURE, "write standard output");
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
