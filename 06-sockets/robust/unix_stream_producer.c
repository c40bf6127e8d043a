// SPDX-License-Identifier: MIT
/*
 * unix_stream_producer.c - copy standard input into a Unix stream socket
 *
 * Shows:  connecting is the rendezvous: it needs a listener, and knows whose
 * Build:  cc unix_stream_producer.c -o unix_stream_producer
 * Run:    ./unix_stream_producer [PATH|@NAME] <file
 * Prints: on standard error: what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    unix(7), connect(2), shutdown(2); unix_stream_consumer.c
 */
#define _GNU_SOURCE /* struct ucred */

#include "unix_stream.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *path;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;

static int usage(FILE *out)
{
	fputs(
	    "usage: unix_stream_producer [PATH|@NAME]\n"
	    "Copy standard input to the consumer that listens at PATH, or at\n"
	    "the abstract NAME.\n"
	    "PATH is /tmp/linux-ipc-UID.stream unless given.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Nobody waits in a socket's queue for a listener to come: it must be there */
static int connect_consumer(void)
{
	int n, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	do
		n = connect(fd, (struct sockaddr *)&addr, addr_len);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == ENOENT || errno == ECONNREFUSED))
		errx(EXIT_FAILURE,
		     "connect %s: %s: start unix_stream_consumer %s first",
		     path, strerror(errno), path);
	if (n == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		err(EXIT_FAILURE, "connect %s", path);
	if (peer.uid != geteuid())
		errx(EXIT_FAILURE, "%s: a consumer of another user", path);
	return fd;
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
			errx(EXIT_FAILURE, "%s: the reader has gone", path);
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
	static char buf[STREAM_CHUNK], preset[sizeof STREAM_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	snprintf(preset, sizeof preset, STREAM_DEFAULT, (uintmax_t)geteuid());
	path = argc == 2 ? argv[1] : preset;
	/* A leading @ stands for the NUL byte that makes a name abstract */
	addr_len = sizeof addr.sun_family + (socklen_t)strlen(path);
	if (strcmp(path, "@") == 0)
		return usage(stderr);
	if (strlen(path) >= sizeof addr.sun_path)
		errx(2, "PATH or @NAME is longer than %zu bytes",
		     sizeof addr.sun_path - 1);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	memcpy(addr.sun_path, path, strlen(path));
	if (*path == '@')
		*addr.sun_path = '\0';

	/* Else a write that nobody can read any more would kill us silently */
	signal(SIGPIPE, SIG_IGN);
	int fd = connect_consumer();

	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write %s", path);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The consumer gets EOF, and closes when it is done. Unread bytes make
	 * its close a reset, so that what it never took is not called sent */
	if (shutdown(fd, SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown %s", path);
	while ((n = read_some(fd, buf, sizeof buf)) > 0)
		;
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
