// SPDX-License-Identifier: MIT
/*
 * pipe_consumer.c - copy a pipe, which is standard input, to standard output
 *
 * Shows:  a reader need not know that it reads a pipe: it reads to EOF
 * Build:  cc pipe_consumer.c -o pipe_consumer
 * Run:    ./pipe_producer ./pipe_consumer <file; or: cat file | ./pipe_consumer
 * Prints: the bytes; on standard error: what came
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    pipe(7), read(2), write(2); pipe_producer.c, pipe.h
 */
#define _POSIX_C_SOURCE 200809L

#include "pipe.h"
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: pipe_consumer\n"
	      "Copy the pipe at standard input to standard output.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
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
	static char buf[PIPE_CHUNK];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);

	/* 0 is EOF: all write ends are closed. The bytes come as the pipe held
	 * them: where one write ended and the next began is forgotten */
	while ((n = read_some(STDIN_FILENO, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
