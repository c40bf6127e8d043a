// SPDX-License-Identifier: MIT
/*
 * tcp_producer.c - copy standard input into a TCP connection
 *
 * Shows:  a name may have several addresses; a reset is not EOF
 * Build:  cc tcp_producer.c -o tcp_producer
 * Run:    ./tcp_producer [HOST:PORT] <file
 * Prints: on standard error: what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage;
 *         77 this machine forbids it
 * See:    tcp(7), getaddrinfo(3), connect(2), socket(7); tcp_consumer.c
 */
#define _GNU_SOURCE /* accept4 */

#include "tcp.h"
#include <err.h>
#include <errno.h>
#include <netdb.h>
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
			errx(EXIT_FAILURE, "%s: the consumer has exited", name);
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
	    "usage: tcp_producer [HOST:PORT]\n"
	    "Copy standard input to the consumer that listens at HOST:PORT.\n"
	    "An IPv6 HOST stands in brackets: [::1]:PORT.\n"
	    "HOST:PORT is " TCP_DEFAULT(TCP_PORT_TEXT) " unless given.\n";
	static char buf[TCP_CHUNK];
	uintmax_t bytes = 0, writes = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2)
		return print_usage(stderr, usage);
	check_standard_descriptors();
	struct addrinfo *addresses = resolve(argv[1]);
	if (addresses == NULL)
		return print_usage(stderr, usage);

	int fd = meet_peer(PRODUCER, addresses);
	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write %s", name);
		bytes += (size_t)n;
		writes++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer gets EOF, and closes when it has written everything. If
	 * that fails, its close is a reset. EOF alone would be a port check */
	if (bytes == 0 && send(fd, "", 1, MSG_OOB) == -1)
		err(EXIT_FAILURE, "send %s", name);
	reset_on_close(fd, 0);
	if (shutdown(fd, SHUT_WR) == -1) {
		if (errno == ENOTCONN) /* a reset has come already */
			errx(EXIT_FAILURE, "%s: the consumer has exited", name);
		err(EXIT_FAILURE, "shutdown %s", name);
	}
	do
		n = read(fd, buf, sizeof buf);
	while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1)
		err(EXIT_FAILURE, "read %s", name);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", name);
	report(PRODUCER, bytes, writes);
	return EXIT_SUCCESS;
}
