// SPDX-License-Identifier: MIT
/*
 * safe_open.c - open a FIFO at a path where others may put another file
 *
 * Shows:  check the file that was opened, not the file that a path names
 * Build:  cc safe_open.c -o safe_open
 * Run:    mkfifo -m 600 pipe; ./safe_open pipe; rm pipe
 * Prints: whether the file at PATH is accepted or refused, and why
 * Exit:   0 accepted; 1 refused, or a call failed; 2 usage
 * See:    open(2), fstat(2), fcntl(2), fifo(7); open_modes.c
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns the reason to refuse the open file fd, or NULL. The path is not used
 * again: by now it may name another file */
static const char *refusal(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "fstat");
	if (!S_ISFIFO(st.st_mode))
		return "not a FIFO";
	if (st.st_uid != geteuid())
		return "owned by another user";
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return "other users have access";
	return NULL;
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: safe_open PATH");

	/* O_NONBLOCK: no file at PATH can make this program wait.
	 * O_NOFOLLOW: fails if the last part of PATH is a symbolic link */
	int fd = open(argv[1], O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	const char *reason = fd == -1 ? strerror(errno) : refusal(fd);

	/* The FIFO is accepted. Let read wait for a writer, as usual */
	if (reason == NULL && fcntl(fd, F_SETFL, 0) == -1)
		err(EXIT_FAILURE, "fcntl %s", argv[1]);
	if (fd != -1 && close(fd) == -1)
		err(EXIT_FAILURE, "close %s", argv[1]);

	if (reason == NULL)
		printf("%s: accepted\n", argv[1]);
	else
		printf("%s: refused: %s\n", argv[1], reason);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return reason == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
