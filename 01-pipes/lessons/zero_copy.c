// SPDX-License-Identifier: MIT
/*
 * zero_copy.c - copy a file to two places without touching a byte
 *
 * Shows:  splice and tee move pages between files and pipes in the kernel
 * Build:  cc zero_copy.c -o zero_copy
 * Run:    ./zero_copy FILE COPY | wc -c
 * Prints: FILE, on standard output; on standard error: how many bytes
 * Exit:   0 both have it all; 1 a call failed, and COPY is removed; 2 usage
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

/* Move len bytes out of a pipe, all of them; 0, or -1 and errno */
static int drain(int pipe_end, int out, size_t len)
{
	while (len > 0) {
		ssize_t n = splice(pipe_end, NULL, out, NULL, len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		len -= (size_t)n;
	}
	return 0;
}

/* The len bytes in the first pipe go to both; NULL, or what failed */
static const char *spread(int first, const int second[2], size_t len, int other)
{
	while (len > 0) {
		/* tee reads without taking: these pages are now in both pipes.
		 * It may do less than was asked: the second can be smaller */
		ssize_t n = tee(first, second[1], len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return "tee";
		if (drain(first, other, (size_t)n) == -1)
			return "splice to COPY";
		if (drain(second[0], STDOUT_FILENO, (size_t)n) == -1)
			return "splice to standard output";
		len -= (size_t)n;
	}
	return NULL;
}

/* FILE -> first pipe -> COPY; tee -> second pipe -> standard output. No
 * variable here ever holds a byte of it. NULL, or what failed */
static const char *copy(int in, int other, uintmax_t *total)
{
	int first[2], second[2];
	const char *failed = NULL;
	ssize_t n = 0;

	if (pipe2(first, O_CLOEXEC) == -1 || pipe2(second, O_CLOEXEC) == -1)
		return "pipe2";
	while (failed == NULL) {
		/* One end of every splice must be a pipe */
		n = splice(in, NULL, first[1], NULL, AT_ONCE, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		failed = spread(first[0], second, (size_t)n, other);
		*total += (uintmax_t)n;
	}
	if (failed == NULL && n == -1)
		failed = "splice from FILE";
	for (int i = 0; i < 2; i++) { /* nothing is lost if these fail */
		(void)close(first[i]);
		(void)close(second[i]);
	}
	return failed;
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc != 3)
		return usage(stderr);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is an error */

	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags == -1)
		err(EXIT_FAILURE, "standard output");
	if ((flags & O_APPEND) != 0) /* splice would only say EINVAL */
		errx(EXIT_FAILURE, "splice cannot append; try | cat >>");
	int in = open(argv[1], O_RDONLY | O_CLOEXEC);

	if (in == -1)
		err(EXIT_FAILURE, "open %s", argv[1]);
	/* O_EXCL: never over a file that is there, FILE itself included */
	int other =
	    open(argv[2], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (other == -1)
		err(EXIT_FAILURE, "create %s", argv[2]);
	const char *failed = copy(in, other, &bytes);

	if (failed == NULL && (close(other) == -1 || close(in) == -1))
		failed = "close";
	if (failed == NULL && close(STDOUT_FILENO) == -1)
		failed = "close standard output";
	if (failed != NULL) {
		warn("%s", failed);
		if (unlink(argv[2]) == -1) /* half a copy is worse than none */
			warn("unlink %s", argv[2]);
		return EXIT_FAILURE;
	}
	warnx("%ju bytes, to standard output and to %s", bytes, argv[2]);
	return EXIT_SUCCESS;
}
