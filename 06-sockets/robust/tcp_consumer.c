// SPDX-License-Identifier: MIT
/*
 * tcp_consumer.c - copy a TCP connection to standard output
 *
 * Shows:  a listener has a network address; a reset is not EOF
 * Build:  cc tcp_consumer.c -o tcp_consumer
 * Run:    ./tcp_consumer [HOST:PORT] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage;
 *         77 this machine forbids it
 * See:    tcp(7), getaddrinfo(3), accept(2), socket(7); tcp_producer.c
 */
#define _GNU_SOURCE /* accept4 */

#include "tcp.h"
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
	    "usage: tcp_consumer [HOST:PORT]\n"
	    "Listen at HOST:PORT, and copy what one producer sends to\n"
	    "standard output. PORT 0: the kernel picks one. An IPv6 HOST\n"
	    "stands in brackets: [::1]:PORT.\n"
	    "HOST:PORT is " TCP_DEFAULT(TCP_PORT_TEXT) " unless given.\n";
	static char buf[TCP_CHUNK];
	uintmax_t bytes = 0, reads = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2)
		return print_usage(stderr, usage);
	check_standard_descriptors();
	struct addrinfo *addresses = resolve(argv[1]);
	if (addresses == NULL)
		return print_usage(stderr, usage);

	signal(SIGXFSZ, SIG_IGN); /* above ulimit -f write(2) fails */
	int fd = meet_peer(CONSUMER, addresses);
	/* 0 is EOF: no process can send any more. A stream keeps no
	 * boundaries: one read may return what several writes sent */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		reads++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", name);

	/* Closing reports to the producer that everything was written */
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	reset_on_close(fd, 0);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	report(CONSUMER, bytes, reads);
	return EXIT_SUCCESS;
}
