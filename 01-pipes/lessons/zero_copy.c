// SPDX-License-Identifier: MIT
/*
 * zero_copy.c - copy a file to two places without a buffer in the program
 *
 * Shows:  splice and tee move data between files and pipes in the kernel
 * Build:  cc zero_copy.c -o zero_copy
 * Run:    ./zero_copy FILE COPY | wc -c
 * Prints: FILE, on standard output; on standard error: how many bytes
 * Exit:   0 both have all of it; 1 a call failed: COPY is not whole; 2 usage;
 *         77 a limit forbids it
 * See:    splice(2), tee(2), pipe(7)
 */
#define _GNU_SOURCE /* splice, tee, pipe2 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 65536 }; /* what a pipe holds by default */

/* Move all len bytes from a pipe to out */
static void drain(int pipe_end, int out, size_t len, const char *name)
{
	while (len > 0) {
		ssize_t n = splice(pipe_end, NULL, out, NULL, len, 0);
		if (n == -1)
			err(EXIT_FAILURE, "splice to %s", name);
		len -= (size_t)n;
	}
}

int main(int argc, char *argv[])
{
	int first[2], second[2];
	uintmax_t bytes = 0;
	ssize_t len, n;

	if (argc != 3)
		errx(2, "usage: zero_copy FILE COPY");
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is an error */
	if (pipe2(first, O_CLOEXEC) == -1 || pipe2(second, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	int in = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (in == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE, "open %s", argv[1]);
	/* O_EXCL: never over a file that exists, FILE itself included */
	int copy = open(argv[2], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (copy == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE, "create %s", argv[2]);

	/* FILE -> first pipe -> COPY; tee -> second pipe -> standard output.
	 * A pipe gets references to the pages of FILE, no bytes. Into COPY, a
	 * file, the kernel copies. One end of a splice must be a pipe */
	while ((len = splice(in, NULL, first[1], NULL, CHUNK, 0)) > 0) {
		for (; len > 0; len -= n) {
			/* tee leaves the first pipe as it is: both pipes refer
			 * to the pages. If the second is smaller, to fewer */
			n = tee(first[0], second[1], (size_t)len, 0);
			if (n == -1)
				err(EXIT_FAILURE, "tee");
			drain(first[0], copy, (size_t)n, argv[2]);
			drain(second[0], STDOUT_FILENO, (size_t)n,
			      "standard output");
			bytes += (size_t)n;
		}
	}
	if (len == -1)
		err(EXIT_FAILURE, "splice from %s", argv[1]);

	if (close(copy) == -1 || close(STDOUT_FILENO) == -1 ||
	    close(in) == -1 || close(first[0]) == -1 || close(first[1]) == -1 ||
	    close(second[0]) == -1 || close(second[1]) == -1)
		err(EXIT_FAILURE, "close");
	warnx("bytes to standard output and to %s: %ju", argv[2], bytes);
	return EXIT_SUCCESS;
}
