// SPDX-License-Identifier: MIT
/*
 * packet_mode.c - a pipe that keeps the boundaries of what is written
 *
 * Shows:  with O_DIRECT one read returns what one write wrote, never more
 * Build:  cc packet_mode.c -o packet_mode
 * Run:    ./packet_mode
 * Prints: the same writes and reads on a byte pipe and on a packet pipe
 * Exit:   0 as described; 1 a call failed or it was not so; 2 usage
 * See:    pipe2(2) O_DIRECT, pipe(7)
 */
#define _GNU_SOURCE /* pipe2, O_DIRECT */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: packet_mode\n"
	      "Write and read the same on a byte pipe and on a packet pipe.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(EXIT_FAILURE, "write");
}

/* Read with a buffer of that size, say what came, return how much; -1 if the
 * pipe is empty */
static ssize_t get(const char *kind, int fd, size_t size)
{
	static char buf[2 * PIPE_BUF];
	ssize_t n = read(fd, buf, size);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read");
	if (n == -1)
		printf("%s: read %zu: empty\n", kind, size);
	else if (n < 20)
		printf("%s: read %zu: %zd: %.*s\n", kind, size, n, (int)n, buf);
	else
		printf("%s: read %zu: %zd\n", kind, size, n);
	return n;
}

/* The same for both; want is what the reads are to return */
static void try_pipe(const char *kind, int flags, const ssize_t want[])
{
	static const char large[PIPE_BUF + 100];
	int pfd[2];

	/* Nonblocking, so that an empty pipe says so */
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK | flags) == -1) {
		if (errno == EINVAL)
			err(77, "pipe2 O_DIRECT: needs Linux 3.4");
		err(EXIT_FAILURE, "pipe2");
	}
	put(pfd[1], "one");
	put(pfd[1], "three");
	bool good = get(kind, pfd[0], 100) == *want++;
	good &= get(kind, pfd[0], 100) == *want++;
	/* Too small a buffer: a packet's rest is thrown away */
	put(pfd[1], "headtail");
	good &= get(kind, pfd[0], 4) == *want++;
	good &= get(kind, pfd[0], 100) == *want++;
	/* More than PIPE_BUF is several packets */
	if (write(pfd[1], large, sizeof large) != sizeof large)
		err(EXIT_FAILURE, "write");
	good &= get(kind, pfd[0], 2 * PIPE_BUF) == *want++;
	good &= get(kind, pfd[0], 2 * PIPE_BUF) == *want++;
	if (!good)
		errx(EXIT_FAILURE, "%s: not as described", kind);
	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(int argc, char *argv[])
{
	static const ssize_t stream[] = { 8, -1, 4, 4, PIPE_BUF + 100, -1 };
	static const ssize_t packets[] = { 3, 5, 4, -1, PIPE_BUF, 100 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	try_pipe("bytes", 0, stream);
	try_pipe("packets", O_DIRECT, packets);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
