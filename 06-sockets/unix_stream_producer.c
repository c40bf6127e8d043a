// SPDX-License-Identifier: MIT
/*
 * unix_stream_producer.c - send standard input over one connection
 *
 * Shows:  connect needs a listener; a stream carries bytes, and close ends it
 * Build:  cc unix_stream_producer.c -o unix_stream_producer
 * Run:    ./unix_stream_producer PATH <file
 * Exit:   0 everything was sent; 1 a call failed; 2 usage
 * See:    unix(7), connect(2), send(2); unix_stream_consumer.c
 *
 * If the consumer is killed, this program notices only when it sends the next
 * bytes. What the consumer had not read by then is lost: see robust/.
 */
#include <err.h>
#include <stdint.h>
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
		errx(2, "usage: unix_stream_producer PATH <file "
			"(PATH: at most 107 bytes)");
	const char *path = strcpy(addr.sun_path, argv[1]);

	/* Fails if no consumer listens there */
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "connect %s", path);

	static char buf[65536];
	ssize_t n, sent;
	uintmax_t bytes = 0;
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		/* Blocks while the socket is full. A signal, also Ctrl-Z, may
		 * cut a send short. MSG_NOSIGNAL: if the connection is broken,
		 * send fails with EPIPE, and no SIGPIPE kills this process */
		for (ssize_t done = 0; done < n; done += sent) {
			sent = send(fd, buf + done, (size_t)(n - done),
				    MSG_NOSIGNAL);
			if (sent == -1)
				err(EXIT_FAILURE, "send %s", path);
		}
		bytes += (uintmax_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer reads what was sent, then EOF */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	fprintf(stderr, "unix_stream_producer: bytes sent: %ju\n", bytes);
	return EXIT_SUCCESS;
}
