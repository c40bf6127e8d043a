// SPDX-License-Identifier: MIT
/*
 * zero_copy.c - copy a file to two places without touching a byte
 *
 * Shows:  splice and tee move pages between files and pipes in the kernel
 * Build:  cc zero_copy.c -o zero_copy
 * Run:    ./zero_copy FILE COPY | cat
 * Prints: FILE, on standard output; on standard error: how many bytes
 * Exit:   0 both have all; 1 a call failed; 2 usage;
 *         77 a file that splice does not serve
 * See:    splice(2), tee(2), pipe(7)
 */
#define _GNU_SOURCE /* splice, tee, pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE = 65536 }; /* what a pipe holds unless it was changed */

static int usage(FILE *out)
{
	fputs("usage: zero_copy FILE COPY\n"
	      "Copy FILE to standard output and to the new file COPY.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static const char *made; /* COPY, to be removed if it is not whole */

/* splice and tee refuse some files: a terminal, a file opened to append */
static _Noreturn void refused(const char *call)
{
	int reason = errno;

	unlink(made); /* best effort: the reason matters more */
	errno = reason;
	if (reason == EINVAL || reason == ENOSYS)
		err(77, "%s: not with this file or system; try | cat", call);
	err(EXIT_FAILURE, "%s", call);
}

/* Move all len bytes from a pipe into out */
static void drain(int pipe_end, int out, size_t len, const char *call)
{
	while (len > 0) {
		ssize_t n =
		    splice(pipe_end, NULL, out, NULL, len, SPLICE_F_MOVE);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			refused(call);
		if (n == 0)
			errx(EXIT_FAILURE, "%s: the pipe was empty", call);
		len -= (size_t)n;
	}
}

/* FILE -> first pipe; tee -> second pipe. No variable here holds a byte */
static uintmax_t copy(int in, int out, int other)
{
	int first[2], second[2];
	uintmax_t total = 0;
	ssize_t n;

	if (pipe2(first, O_CLOEXEC) == -1 || pipe2(second, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	while ((n = splice(in, NULL, first[1], NULL, AT_ONCE, 0)) > 0) {
		total += (uintmax_t)n;
		/* tee reads without taking: the pages are then in both pipes.
		 * It may take fewer than there are, if the second is smaller */
		for (ssize_t m; n > 0; n -= m) {
			m = tee(first[0], second[1], (size_t)n, 0);
			if (m <= 0)
				refused("tee");
			drain(first[0], other, (size_t)m, "splice to COPY");
			drain(second[0], out, (size_t)m, "splice to output");
		}
	}
	if (n == -1)
		refused("splice from FILE");
	for (int i = 0; i < 2; i++)
		if (close(first[i]) == -1 || close(second[i]) == -1)
			err(EXIT_FAILURE, "close pipe");
	return total;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc != 3 || argv[1][0] == '-')
		return usage(stderr);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is an error */

	int in = open(argv[1], O_RDONLY | O_CLOEXEC);

	if (in == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	/* O_EXCL: never over a file that is there, FILE itself included */
	int other =
	    open(argv[2], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (other == -1)
		err(EXIT_FAILURE, "create %s", argv[2]);
	made = argv[2];
	uintmax_t bytes = copy(in, STDOUT_FILENO, other);

	if (close(in) == -1 || close(other) == -1 || close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	warnx("%ju bytes, to standard output and to %s", bytes, argv[2]);
	return EXIT_SUCCESS;
}
