// SPDX-License-Identifier: MIT
/*
 * tcp_producer.c - copy standard input into a TCP connection
 *
 * Shows:  a name may have several addresses; a reset is not EOF
 * Build:  cc tcp_producer.c -o tcp_producer
 * Run:    ./tcp_producer [HOST:PORT] <file
 * Prints: on standard error: what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    tcp(7), getaddrinfo(3), connect(2), socket(7); tcp_consumer.c, tcp.h
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "tcp.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *name;

static int usage(FILE *out)
{
	fputs("usage: tcp_producer [HOST:PORT]\n"
	      "Copy standard input to the consumer that listens at HOST:PORT.\n"
	      "An IPv6 HOST stands in brackets: [::1]:PORT.\n"
	      "HOST is 127.0.0.1 and PORT 20000 + UID % 10000 unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The addresses of HOST:PORT or [HOST]:PORT; NULL if name is neither */
static struct addrinfo *resolve(void)
{
	struct addrinfo *list, hints = { .ai_socktype = SOCK_STREAM };
	char host[256], port[6];
	int end = 0;

	if (sscanf(name, "[%255[^][ ]]:%5[0-9]%n", host, port, &end) < 2)
		sscanf(name, "%255[^][: ]:%5[0-9]%n", host, port, &end);
	if (end == 0 || name[end] != '\0' || strtoul(port, NULL, 10) > 65535)
		return NULL;
	int e = getaddrinfo(host, port, &hints, &list);
	if (e != 0)
		errx(EXIT_FAILURE, "getaddrinfo %s: %s", name, gai_strerror(e));
	return list;
}

/* While this is on, a close, also that of exit(2) and SIGKILL, is a reset: the
 * peer gets ECONNRESET. It is off only where closing means success: then EOF */
static void reset_on_close(int fd, int on)
{
	struct linger linger = { .l_onoff = on, .l_linger = 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == -1)
		err(EXIT_FAILURE, "setsockopt SO_LINGER");
}

/* Connect to the first address of name where somebody listens */
static int connect_consumer(const struct addrinfo *list)
{
	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
		int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int n;

		do
			n = connect(fd, ai->ai_addr, ai->ai_addrlen);
		while (n == -1 && errno == EINTR);
		if (n == 0)
			return fd;
		if (fd != -1)
			close(fd);
	}
	if (errno == ECONNREFUSED)
		errx(EXIT_FAILURE,
		     "connect %s: %s: start tcp_consumer %s first", name,
		     strerror(errno), name);
	err(EXIT_FAILURE, "connect %s", name);
}

/* Read standard input; wait for it only as long as the reader is there */
static ssize_t read_input(void *buf, size_t size, int peer)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = peer } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0)
			errx(EXIT_FAILURE, "%s: the reader has gone", name);
		if (n > 0)
			n = read(STDIN_FILENO, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* read(2), begun again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

/* write(2) may take less than it is given: go on until all is written */
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
	static char buf[TCP_CHUNK], preset[sizeof TCP_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	snprintf(preset, sizeof preset, TCP_DEFAULT, TCP_PORT(geteuid()));
	name = argc == 2 ? argv[1] : preset;
	struct addrinfo *list = resolve();
	if (list == NULL)
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);

	/* Else a write that nobody can read any more would kill us silently */
	signal(SIGPIPE, SIG_IGN);
	int fd = connect_consumer(list);
	freeaddrinfo(list);
	reset_on_close(fd, 1);

	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write %s", name);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer gets EOF, and closes when it has written all. Should it
	 * fail in that, its reset comes instead */
	reset_on_close(fd, 0);
	if (shutdown(fd, SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown %s", name);
	while ((n = read_some(fd, buf, sizeof buf)) > 0)
		;
	if (n == -1)
		err(EXIT_FAILURE, "read %s", name);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", name);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
