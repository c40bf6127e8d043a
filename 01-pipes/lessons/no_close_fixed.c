// SPDX-License-Identifier: MIT
/*
 * no_close_fixed.c - the reader closes its own write end first
 *
 * Shows:  EOF comes when the last write end is closed, one's own included
 * Build:  cc no_close_fixed.c -o no_close_fixed
 * Run:    ./no_close_fixed
 * Prints: what the reader got, and that the end came
 * Exit:   0 as described; 1 a call failed or it was not so; 2 usage
 * See:    pipe(7), fork(2), poll(2); no_close.c, the fault
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A read that waits longer waits for ever: the writer has ended by then */
enum { BOUND_MS = 100 };

static int usage(FILE *out)
{
	fputs("usage: no_close_fixed\n"
	      "Read a pipe to its end, after closing one's own write end.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A child that writes and ends; it has ended when this returns */
static void run_writer(int fd)
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		_exit(write(fd, "hello", 5) == 5 ? 0 : 1);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the writer failed");
	puts("writer: ended");
}

/* One read. Return what it returned, or -1 if it would not return at all */
static ssize_t look(int fd)
{
	struct pollfd pipe_end = { .fd = fd, .events = POLLIN };
	char buf[16];
	int ready;

	while ((ready = poll(&pipe_end, 1, BOUND_MS)) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "poll");
	if (ready == 0) {
		printf("reader: nothing in %d ms, no EOF: read would hang\n",
		       BOUND_MS);
		return -1;
	}
	ssize_t n = read(fd, buf, sizeof buf);

	if (n == -1)
		err(EXIT_FAILURE, "read");
	printf("reader: read returns %zd%s\n", n, n == 0 ? ", EOF" : "");
	return n;
}

int main(int argc, char *argv[])
{
	int pfd[2];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	run_writer(pfd[1]);
	puts("reader: closes its own write end");
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (look(pfd[0]) != 5)
		errx(EXIT_FAILURE, "the bytes did not come");
	if (look(pfd[0]) != 0)
		errx(EXIT_FAILURE, "no EOF, although no write end is open");
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
