// SPDX-License-Identifier: MIT
/*
 * posix_shm_producer.c - copy standard input into a ring in memory
 *
 * Shows:  two indices, one writer each, need no lock; futex(2) sleeps
 * Build:  cc posix_shm_producer.c -o posix_shm_producer
 * Run:    ./posix_shm_producer [/NAME] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage;
 *         77 this machine forbids it
 * See:    shm_overview(7), futex(2), F_OFD_SETLK in fcntl(2);
 *         posix_shm_consumer.c, posix_shm.h
 */
#define _GNU_SOURCE

#include "posix_shm.h"
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

/* Wait until n bytes fit in behind head */
static void wait_for_space(uint32_t head, uint32_t n)
{
	static uint32_t tail; /* as last read: often enough to go on */

	while (RING_SIZE - (head - tail) < n) {
		uint32_t seen = tail;

		tail = ring->tail;
		if (tail == seen)
			announce_or_sleep(PRODUCER);
	}
	if (head - tail > RING_SIZE)
		errx(EXIT_FAILURE, "%s: bad tail", name);
}

/* In one piece, or in two where the ring starts again */
static void copy_in(uint32_t head, const char *buf, size_t n)
{
	size_t at = head % RING_SIZE, first = RING_SIZE - at;

	if (first > n)
		first = n;
	memcpy(ring->data + at, buf, first);
	memcpy(ring->data, buf + first, n - first);
}

int main(int argc, char *argv[])
{
	static const char usage[] =
	    "usage: posix_shm_producer [/NAME]\n"
	    "Copy standard input into the ring /NAME, made if missing.\n"
	    "/NAME is " POSIX_SHM_DEFAULT("UID") " unless given.\n";
	static char buf[MESSAGE_SIZE];
	uintmax_t bytes = 0, messages = 0;
	uint32_t head = 0;
	ssize_t n;

	name = parse_name(argc, argv, usage);
	attach(PRODUCER);

	while ((n = read_some(STDIN_FILENO, buf, sizeof buf)) > 0) {
		wait_for_space(head, (uint32_t)n);
		copy_in(head, buf, (size_t)n);
		head += (uint32_t)n;
		publish(PRODUCER, &ring->head, head);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	leave(PRODUCER);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
