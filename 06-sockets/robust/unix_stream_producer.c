// SPDX-License-Identifier: MIT
/*
 * unix_stream_producer.c - copy standard input into a Unix stream socket
 *
 * Shows:  connect is the rendezvous: it needs a listener of this user
 * Build:  cc unix_stream_producer.c -o unix_stream_producer
 * Run:    ./unix_stream_producer [PATH|@NAME] <file
 * Prints: on standard error: what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage;
 *         77 this machine forbids it
 * See:    unix(7), connect(2), shutdown(2); unix_stream_consumer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_stream.h"
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read standard input. Stop waiting for it if the consumer exits */
static ssize_t read_input(void *buf, size_t size, int peer)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = peer } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0)
			errx(EXIT_FAILURE, "%s: the consumer has exited", path);
		if (n > 0)
			n = read(STDIN_FILENO, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

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
	const char usage[] =
	    "usage: unix_stream_producer [PATH|@NAME]\n"
	    "Copy standard input to the consumer that listens at PATH, or at\n"
	    "the abstract NAME.\n"
	    "PATH is " STREAM_DEFAULT("UID") " unless given.\n";
	static char buf[STREAM_CHUNK];
	uintmax_t bytes = 0, writes = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || !set_name(argv[1]))
		return print_usage(stderr, usage);
	check_standard_descriptors();

	int fd = meet_peer(PRODUCER);
	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write %s", path);
		bytes += (size_t)n;
		writes++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer gets EOF, and closes when it has written everything. If
	 * it closes with bytes unread, that is a reset, and this read fails */
	if (shutdown(fd, SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown %s", path);
	do
		n = read(fd, buf, sizeof buf);
	while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	report(PRODUCER, bytes, writes);
	return EXIT_SUCCESS;
}
