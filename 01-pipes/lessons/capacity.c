// SPDX-License-Identifier: MIT
/*
 * capacity.c - how much a pipe holds, and what a full one does
 *
 * Shows:  a pipe has a size that one can ask for, set, and fill up
 * Build:  cc capacity.c -o capacity
 * Run:    ./capacity
 * Prints: the size, old and new; then what write returns as the pipe fills
 * Exit:   0 as described; 1 a call failed or it was not so; 2 usage;
 *         77 this user may not make a pipe larger
 * See:    pipe(7), fcntl(2) F_GETPIPE_SZ, F_SETPIPE_SZ
 */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel rounds this up to pages, a power of two of them */
enum { WANTED = 128 * 1024 + 1 };

static int usage(FILE *out)
{
	fputs("usage: capacity\n"
	      "Ask a pipe for its size, change it, and fill the pipe up.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int size_of(int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size == -1)
		err(EXIT_FAILURE, "fcntl F_GETPIPE_SZ");
	return size;
}

/* Write len bytes, say what came of it, return what write returned */
static ssize_t try_write(int fd, size_t len)
{
	static const char bytes[4 * WANTED];
	ssize_t n = write(fd, bytes, len);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "write");
	if (n == -1)
		printf("write %zu: %s\n", len, strerror(errno));
	else
		printf("write %zu: %zd written\n", len, n);
	return n;
}

static void drain(int fd, size_t len)
{
	static char buf[4 * WANTED];

	if (len > sizeof buf || read(fd, buf, len) != (ssize_t)len)
		errx(EXIT_FAILURE, "the pipe does not give back %zu", len);
	printf("read %zu\n", len);
}

static void fill(int in, int out)
{
	size_t size = (size_t)size_of(out);

	/* More than fits: the pipe takes what it can, write says how much */
	if (try_write(out, size + 1000) != (ssize_t)size)
		errx(EXIT_FAILURE, "a full pipe does not hold its size");
	if (try_write(out, 1) != -1)
		errx(EXIT_FAILURE, "a full pipe took one byte more");
	drain(in, size);
	/* Up to PIPE_BUF it is all or nothing, also where a part would fit */
	if (try_write(out, size - PIPE_BUF / 2) == -1)
		errx(EXIT_FAILURE, "an empty pipe took nothing");
	if (try_write(out, PIPE_BUF) != -1)
		errx(EXIT_FAILURE, "a short write of PIPE_BUF bytes");
}

int main(int argc, char *argv[])
{
	int pfd[2], got;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Nonblocking: where write would wait for a reader it says EAGAIN */
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "pipe2");
	printf("size of a new pipe: %d\n", size_of(pfd[1]));
	/* EPERM: more than /proc/sys/fs/pipe-max-size, or this user's pipes
	 * hold more than pipe-user-pages-soft already */
	got = fcntl(pfd[1], F_SETPIPE_SZ, WANTED);
	if (got == -1 && errno == EPERM)
		err(77, "fcntl F_SETPIPE_SZ %d: see /proc/sys/fs/pipe-*",
		    WANTED);
	if (got == -1)
		err(EXIT_FAILURE, "fcntl F_SETPIPE_SZ %d", WANTED);
	printf("asked for %d, got %d\n", WANTED, got);
	if (got < WANTED || got != size_of(pfd[0]))
		errx(EXIT_FAILURE, "the size was not set");

	fill(pfd[0], pfd[1]);
	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
