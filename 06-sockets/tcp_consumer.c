// SPDX-License-Identifier: MIT
/*
 * tcp_consumer.c - copy one TCP connection to standard output
 *
 * Shows:  a listener has a host's address and a port, of IPv4 or of IPv6
 * Build:  cc tcp_consumer.c -o tcp_consumer
 * Run:    ./tcp_consumer HOST PORT >copy
 * Exit:   0 received up to EOF; 1 a call failed; 2 usage
 * See:    tcp(7), getaddrinfo(3), bind(2), accept(2); tcp_producer.c
 *
 * If the producer is killed, this program reports success. If this program
 * is killed, its port may stay in use for a minute: see robust/.
 */
#define _XOPEN_SOURCE 700 /* getaddrinfo */
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Listen on HOST's first address. If port is "0", the kernel chooses a free
 * one: getsockname returns it */
static int listen_on(const char *host, const char *port)
{
	struct addrinfo *ai, hints = { .ai_socktype = SOCK_STREAM };
	int error = getaddrinfo(host, port, &hints, &ai);
	if (error != 0)
		errx(EXIT_FAILURE, "%s %s: %s", host, port,
		     gai_strerror(error));
	int fd = socket(ai->ai_family, SOCK_STREAM, 0);
	if (fd == -1 || bind(fd, ai->ai_addr, ai->ai_addrlen) == -1)
		err(EXIT_FAILURE, "bind %s %s", host, port);
	freeaddrinfo(ai);

	struct sockaddr_storage addr;
	socklen_t len = sizeof addr;
	char number[6];
	if (listen(fd, 1) == -1 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) == -1 ||
	    getnameinfo((struct sockaddr *)&addr, len, NULL, 0, number,
			sizeof number, NI_NUMERICSERV) != 0)
		err(EXIT_FAILURE, "listen %s %s", host, port);
	fprintf(stderr, "tcp_consumer: ready on %s %s\n", host, number);
	return fd;
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		errx(2, "usage: tcp_consumer HOST PORT >copy");
	int listener = listen_on(argv[1], argv[2]);

	/* Blocks until a producer connects */
	int fd = accept(listener, NULL, NULL);
	if (fd == -1 || close(listener) == -1)
		err(EXIT_FAILURE, "accept");

	/* Blocks while the socket is empty. 0 is EOF: the producer's end has
	 * been closed. The boundaries of the producer's sends are lost */
	static char buf[65536];
	ssize_t n;
	uintmax_t bytes = 0;
	while ((n = recv(fd, buf, sizeof buf, 0)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		bytes += (uintmax_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "recv");

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	fprintf(stderr, "tcp_consumer: bytes received: %ju\n", bytes);
	return EXIT_SUCCESS;
}
