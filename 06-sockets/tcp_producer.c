// SPDX-License-Identifier: MIT
/*
 * tcp_producer.c - send standard input over one TCP connection
 *
 * Shows:  a host name can have several addresses, of IPv4 and of IPv6
 * Build:  cc tcp_producer.c -o tcp_producer
 * Run:    ./tcp_producer HOST PORT <file
 * Exit:   0 everything was sent; 1 a call failed; 2 usage
 * See:    tcp(7), getaddrinfo(3), connect(2), send(2); tcp_consumer.c
 *
 * If the consumer is killed, the bytes sent next may be lost without an error.
 * Only a later send fails: see robust/.
 */
#define _XOPEN_SOURCE 700 /* getaddrinfo */
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Try the addresses of HOST in turn, until a consumer listens at one */
static int connect_to(const char *host, const char *port)
{
	struct addrinfo *list, hints = { .ai_socktype = SOCK_STREAM };
	int error = getaddrinfo(host, port, &hints, &list);
	if (error != 0)
		errx(EXIT_FAILURE, "%s %s: %s", host, port,
		     gai_strerror(error));
	for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
		int fd = socket(ai->ai_family, SOCK_STREAM, 0);
		if (fd == -1)
			continue; /* such as no IPv6 in this kernel */
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0) {
			freeaddrinfo(list);
			return fd;
		}
		close(fd); /* best effort: nothing was sent */
	}
	err(EXIT_FAILURE, "connect %s %s", host, port);
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		errx(2, "usage: tcp_producer HOST PORT <file");
	int fd = connect_to(argv[1], argv[2]);

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
				err(EXIT_FAILURE, "send");
		}
		bytes += (uintmax_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer reads what was sent, then EOF */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	fprintf(stderr, "tcp_producer: bytes sent: %ju\n", bytes);
	return EXIT_SUCCESS;
}
