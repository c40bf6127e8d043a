// SPDX-License-Identifier: MIT
/*
 * pipe.h - the contract of pipe_producer and pipe_consumer
 *
 * Name:   none. The producer makes the pipe and starts the reader, which
 *         inherits the read end as its standard input; nothing to remove.
 * Wire:   the bytes and nothing else. The end is EOF: every descriptor of the
 *         write end is closed. EOF does not show whether the writer had
 *         finished or was killed.
 * Errors: a writer whose last reader has exited gets EPIPE, pipe(7).
 *         EMFILE, ENFILE, EAGAIN: a limit forbids one more pipe or process.
 * Trust:  the reader is a command of this user's own choice.
 */
#ifndef PIPE_H
#define PIPE_H

#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The largest read or write, in bytes: what a pipe holds by default, pipe(7) */
enum { PIPE_CHUNK = 65536 };

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* If descriptor 0, 1 or 2 is closed, the next open() gets its number, and
 * messages end up in the data */
static void check_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
}

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

/* How much one half has moved, and with how many reads */
struct total {
	uintmax_t bytes, reads;
};

/* Wait until in has bytes or is at its end, and return 0. If out loses its last
 * reader before: -1 and EPIPE. poll reports this also if no event is wanted */
static int wait_for_input(int in, int out)
{
	struct pollfd fds[] = { { .fd = in, .events = POLLIN }, { .fd = out } };

	while (poll(fds, 2, -1) == -1)
		if (errno != EINTR)
			fail("poll", "standard input");
	if (fds[0].revents != 0)
		return 0;
	errno = EPIPE;
	return -1;
}

/* Copy in to out until EOF and return 0. If a write fails: -1 and errno, which
 * is EPIPE if out is a pipe without a reader */
static int copy(int in, int out, struct total *total)
{
	static char buf[PIPE_CHUNK];

	for (;;) {
		if (wait_for_input(in, out) == -1)
			return -1;
		ssize_t n = read_some(in, buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		/* If in is a pipe, all its write ends are closed. A pipe keeps
		 * no boundaries: one read may return what several wrote */
		if (n == 0)
			return 0;
		if (write_all(out, buf, (size_t)n) == -1)
			return -1;
		total->bytes += (size_t)n;
		total->reads++;
	}
}

/* The last line of each half: it "sent" in a number of writes, one for each
 * read, or "received" in a number of reads */
static void report(const char *moved, const char *calls, const struct total *t)
{
	warnx("%s %ju byte%s in %ju %s%s", moved, t->bytes,
	      t->bytes == 1 ? "" : "s", t->reads, calls,
	      t->reads == 1 ? "" : "s");
}

#endif
