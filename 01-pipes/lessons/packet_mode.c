// SPDX-License-Identifier: MIT
/*
 * packet_mode.c - a pipe that keeps the boundaries of what is written
 *
 * Shows:  with O_DIRECT one read returns what one write wrote, never more
 * Build:  cc packet_mode.c -o packet_mode
 * Run:    ./packet_mode
 * Prints: the same writes and reads on a byte pipe and on a packet pipe
 * Exit:   0 as described; 1 a call failed, or other results; 77 a limit, or the
 *         kernel is older than Linux 3.4
 * See:    pipe2(2) O_DIRECT, pipe(7)
 */
#define _GNU_SOURCE /* pipe2, O_DIRECT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char buf[2 * PIPE_BUF];

static void put(int fd, const char *bytes, size_t len)
{
	if (write(fd, bytes, len) != (ssize_t)len)
		err(EXIT_FAILURE, "write");
}

/* Read into a buffer of that size and print what read returned: -1 if the pipe
 * is empty. Fail if not as expected */
static void check_read(int fd, size_t size, ssize_t expected)
{
	ssize_t n = read(fd, buf, size);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read");
	if (n == -1)
		printf("read %zu: empty\n", size);
	else if (n < 20)
		printf("read %zu: %zd: %.*s\n", size, n, (int)n, buf);
	else
		printf("read %zu: %zd\n", size, n);
	if (n != expected)
		errx(EXIT_FAILURE, "expected %zd", expected);
}

/* Try one kind of pipe. expected lists what each read should return */
static void try_pipe(int flags, const ssize_t expected[])
{
	static const char large[PIPE_BUF + 100];
	int pfd[2];

	/* Nonblocking: read reports an empty pipe and does not wait */
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK | flags) == -1)
		err(77, "pipe2 O_DIRECT: needs Linux 3.4; see ulimit -n");
	printf("%s:\n", flags == O_DIRECT ? "packets" : "bytes");
	put(pfd[1], "one", 3);
	put(pfd[1], "three", 5);
	check_read(pfd[0], 100, *expected++);
	check_read(pfd[0], 100, *expected++);
	/* With too small a buffer, the rest of a packet is lost */
	put(pfd[1], "headtail", 8);
	check_read(pfd[0], 4, *expected++);
	check_read(pfd[0], 100, *expected++);
	/* A write of more than PIPE_BUF bytes becomes several packets */
	put(pfd[1], large, sizeof large);
	check_read(pfd[0], sizeof buf, *expected++);
	check_read(pfd[0], sizeof buf, *expected++);
	if (close(pfd[0]) == -1 || close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(void)
{
	static const ssize_t bytes[] = { 8, -1, 4, 4, PIPE_BUF + 100, -1 };
	static const ssize_t packets[] = { 3, 5, 4, -1, PIPE_BUF, 100 };

	try_pipe(0, bytes);
	try_pipe(O_DIRECT, packets);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
