// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket_producer.c - send standard input as messages
 *
 * Shows:  each send is one message, whole or not at all
 * Build:  cc unix_seqpacket_producer.c -o unix_seqpacket_producer
 * Run:    ./unix_seqpacket_producer PATH <file
 * Exit:   0 everything was sent; 1 a call failed; 2 usage
 * See:    unix(7), connect(2), send(2); unix_seqpacket_consumer.c
 *
 * If the consumer is killed, this program notices only when it sends the next
 * message. What the consumer had not read by then is lost: see robust/.
 */
#include "unix_seqpacket.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if (argc != 2 || strlen(argv[1]) >= sizeof addr.sun_path)
		errx(2, "usage: unix_seqpacket_producer PATH <file "
			"(PATH: at most 107 bytes)");
	const char *path = strcpy(addr.sun_path, argv[1]);

	/* Fails if no consumer listens there */
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "connect %s", path);

	static char buf[MESSAGE_MAX];
	ssize_t n;
	size_t messages = 0;
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		/* Blocks while the socket is full, and sends all or nothing.
		 * MSG_NOSIGNAL: if the connection is broken, send fails with
		 * EPIPE, and no SIGPIPE kills this process */
		if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) == -1)
			err(EXIT_FAILURE, "send %s", path);
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer receives what was sent, then EOF */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	fprintf(stderr, "unix_seqpacket_producer: messages sent: %zu\n",
		messages);
	return EXIT_SUCCESS;
}
