// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket_producer.c - copy standard input to a packet socket
 *
 * Shows:  each send is one message, kept apart from the next
 * Build:  cc unix_seqpacket_producer.c -o unix_seqpacket_producer
 * Run:    ./unix_seqpacket_producer [PATH|@NAME] <file
 * Prints: on standard error: what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage;
 *         77 this machine forbids it
 * See:    unix(7), connect(2), send(2); unix_seqpacket_consumer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_seqpacket.h"
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

/* send(2) sends one message, all of it or nothing; an empty one is the end */
static void send_message(int fd, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = send(fd, buf, len, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EMSGSIZE)
		errx(77,
		     "send %s: %s: net.core.wmem_default is too small: "
		     "as root: echo 212992 >/proc/sys/net/core/wmem_default",
		     path, strerror(errno));
	if (n == -1)
		err(EXIT_FAILURE, "send %s", path);
}

int main(int argc, char *argv[])
{
	const char usage[] =
	    "usage: unix_seqpacket_producer [PATH|@NAME]\n"
	    "Copy standard input to the consumer that listens at PATH, or at\n"
	    "the abstract NAME.\n"
	    "PATH is " SEQPACKET_DEFAULT("UID") " unless given.\n";
	static char buf[SEQPACKET_MAX];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || !set_name(argv[1]))
		return print_usage(stderr, usage);
	check_standard_descriptors();

	int fd = meet_peer(PRODUCER);
	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		send_message(fd, buf, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer closes when it has received the end. If it closes with
	 * a message unread, that is a reset, and this read fails */
	send_message(fd, buf, 0);
	do
		n = read(fd, buf, sizeof buf);
	while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	report(PRODUCER, bytes, messages);
	return EXIT_SUCCESS;
}
