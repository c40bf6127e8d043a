// SPDX-License-Identifier: MIT
/*
 * pipe_consumer.c - copy a pipe, its standard input, to standard output
 *
 * Shows:  a reader inherits the pipe and reads until all writers have closed
 * Build:  cc pipe_consumer.c -o pipe_consumer
 * Run:    ./pipe_producer ./pipe_consumer <file; or: cat file | ./pipe_consumer
 * Exit:   0 everything up to the end was written; 1 a call failed; 2 usage
 * See:    pipe(7), read(2), fflush(3); pipe_producer.c
 *
 * If the producer is killed, this program sees the same end-of-file as after a
 * complete transfer. robust/ cannot change that: a pipe carries bytes only.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc > 1)
		errx(2, "usage: pipe_consumer >copy (no operand: %s)", argv[1]);

	/* A pipe holds 65536 bytes by default: one read may take all */
	static char buf[65536];
	uintmax_t bytes = 0;
	ssize_t n;

	/* read blocks while the pipe is empty. It returns 0, end-of-file, when
	 * the pipe is empty and no process has a write end any more */
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	fprintf(stderr, "pipe_consumer: bytes received: %ju\n", bytes);
	return EXIT_SUCCESS;
}
