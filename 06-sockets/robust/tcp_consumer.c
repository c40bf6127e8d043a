// SPDX-License-Identifier: MIT
/*
 * tcp_consumer.c - copy a TCP connection to standard output
 *
 * Shows:  a listener has a network address; a reset is not EOF
 * Build:  cc tcp_consumer.c -o tcp_consumer
 * Run:    ./tcp_consumer [HOST:PORT] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    tcp(7), getaddrinfo(3), accept(2), socket(7); tcp_producer.c, tcp.h
 */
#define _GNU_SOURCE /* accept4 */

#include "tcp.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
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
	fputs("usage: tcp_consumer [HOST:PORT]\n"
	      "Listen at HOST:PORT, and copy what one producer sends to\n"
	      "standard output. PORT 0: the kernel picks one. An IPv6 HOST\n"
	      "stands in brackets: [::1]:PORT.\n"
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

/* Listen at the first address of name that this machine has. SO_REUSEADDR: what
 * earlier connections leave at the port (TIME_WAIT) does not keep us from it */
static int make_listener(const struct addrinfo *list)
{
	int on = 1;
	socklen_t len = sizeof on;

	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
		int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, len) == 0 &&
		    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
		    listen(fd, 1) == 0)
			return fd;
		if (errno == EADDRINUSE)
			break;
		if (fd != -1)
			close(fd);
	}
	err(EXIT_FAILURE, "bind %s", name);
}

/* Say where: localhost is a number now, and for port 0 there is a real one */
static void say_waiting(int listener)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof addr;
	char host[256], port[6];

	if (getsockname(listener, (struct sockaddr *)&addr, &len) == -1)
		err(EXIT_FAILURE, "getsockname %s", name);
	if (getnameinfo((struct sockaddr *)&addr, len, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		errx(EXIT_FAILURE, "getnameinfo %s: no number", name);
	warnx(strchr(host, ':') ? "waiting on [%s]:%s" : "waiting on %s:%s",
	      host, port);
}

/* Wait for a producer: whoever comes, for nothing here says whose it is */
static int accept_producer(int listener)
{
	int fd;

	say_waiting(listener);
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd == -1 && (errno == EINTR || errno == ECONNABORTED));
	if (fd == -1)
		err(EXIT_FAILURE, "accept %s", name);
	/* They have met: the connection needs no listener */
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	return fd;
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

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	int fd = accept_producer(make_listener(list));
	freeaddrinfo(list);
	reset_on_close(fd, 1);

	/* 0 is EOF: nobody can send any more. The bytes come as they arrived:
	 * where one write ended and the next began is forgotten */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", name);

	/* Our close tells the producer that all has been written */
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	reset_on_close(fd, 0);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
