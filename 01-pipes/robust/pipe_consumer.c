// SPDX-License-Identifier: MIT
/*
 * pipe_consumer.c - copy a pipe, which is standard input, to standard output
 *
 * Shows:  a reader need not know that it reads a pipe: it reads until EOF
 * Build:  cc pipe_consumer.c -o pipe_consumer
 * Run:    ./pipe_producer ./pipe_consumer <file; or: cat file | ./pipe_consumer
 * Prints: the bytes; on standard error: how many, in how many reads
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    pipe(7), read(2), write(2); pipe_producer.c, pipe.h
 */
#define _POSIX_C_SOURCE 200809L
#include "pipe.h"
#include <signal.h>

static const char usage[] =
    "usage: pipe_consumer\n"
    "Copy standard input, a pipe, to standard output.\n";

int main(int argc, char *argv[])
{
	struct total total = { 0, 0 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 1)
		return print_usage(stderr, usage);
	check_standard_descriptors();

	/* Standard output may be a pipe, too. By default SIGPIPE kills a
	 * process that writes to a pipe without a reader, silently */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* above ulimit -f write(2) fails */
	if (copy(STDIN_FILENO, STDOUT_FILENO, &total) == -1)
		err(EXIT_FAILURE, "write standard output");

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	report("received", "read", &total);
	return EXIT_SUCCESS;
}
