// SPDX-License-Identifier: MIT
/*
 * capacity.c - how much a pipe holds, and what a full one does
 *
 * Shows:  a pipe has a size, which can be read, changed, and filled up
 * Build:  cc capacity.c -o capacity
 * Run:    ./capacity
 * Prints: the size, old and new; then what write returns as the pipe fills
 * Exit:   0 as described; 1 a call failed, or other results; 77 a limit, or
 *         this user may not make a pipe larger
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

static char bytes[4 * WANTED];

/* Write len bytes and print what write returned. Fail if not as expected */
static void check_write(int fd, size_t len, ssize_t expected)
{
	ssize_t n = write(fd, bytes, len);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "write");
	if (n == -1)
		printf("write %zu: %s\n", len, strerror(errno));
	else
		printf("write %zu: %zd written\n", len, n);
	if (n != expected)
		errx(EXIT_FAILURE, "expected %zd", expected);
}

int main(void)
{
	int pfd[2];

	/* Nonblocking: where write would block, it fails with EAGAIN */
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK) == -1)
		err(77, "pipe2: see ulimit -n");
	int size = fcntl(pfd[1], F_GETPIPE_SZ);
	if (size == -1)
		err(EXIT_FAILURE, "fcntl F_GETPIPE_SZ");
	printf("size of a new pipe: %d\n", size);

	/* EPERM: more than /proc/sys/fs/pipe-max-size, or this user's pipes
	 * hold more than pipe-user-pages-soft already */
	size = fcntl(pfd[1], F_SETPIPE_SZ, WANTED);
	if (size == -1)
		err(errno == EPERM ? 77 : EXIT_FAILURE,
		    "fcntl F_SETPIPE_SZ %d: see /proc/sys/fs/pipe-*", WANTED);
	printf("asked for %d, got %d\n", WANTED, size);
	if (size < WANTED || size != fcntl(pfd[0], F_GETPIPE_SZ))
		errx(EXIT_FAILURE, "the size was not set");

	/* A write of more than PIPE_BUF bytes writes what there is room for.
	 * Without O_NONBLOCK it would block until all its bytes are in */
	check_write(pfd[1], (size_t)size + 1000, size);
	check_write(pfd[1], 1, -1);
	if (read(pfd[0], bytes, (size_t)size) != size)
		errx(EXIT_FAILURE, "the pipe does not return all its bytes");
	printf("read %d\n", size);
	/* A write of up to PIPE_BUF bytes writes all of them or none, even if
	 * a part would fit */
	check_write(pfd[1], (size_t)size - PIPE_BUF / 2, size - PIPE_BUF / 2);
	check_write(pfd[1], PIPE_BUF, -1);

	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
