// SPDX-License-Identifier: MIT
/*
 * open_modes.c - open a FIFO without waiting
 *
 * Shows:  what O_NONBLOCK and O_RDWR do, and read(2) when nobody writes
 * Build:  cc open_modes.c -o open_modes
 * Run:    ./open_modes
 * Prints: a line for each way to open, and for what read(2) returns then
 * Exit:   0 all as described here; 1 a call failed, or it was not so
 * See:    fifo(7), open(2), read(2), pipe(7); open_waits.c
 */
#define _GNU_SOURCE /* O_PATH */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A FIFO whose name is removed at once, so that none can be left behind. O_PATH
 * gives a descriptor that is neither of its ends */
static int make_fifo(const char *name)
{
	if (mkfifo(name, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", name);
	int fifo = open(name, O_PATH | O_CLOEXEC);
	if (unlink(name) == -1 || fifo == -1)
		err(EXIT_FAILURE, "open, unlink %s", name);
	return fifo;
}

/* Open the FIFO as an open(2) of its name would */
static int open_fifo(int fifo, int flags)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fifo);
	return open(path, flags | O_CLOEXEC);
}

/* Print one line: the call succeeded, or its error */
static void fact(const char *what, long result, int expected)
{
	int error = result == -1 ? errno : 0;

	printf("%s: %s\n", what, error ? strerror(error) : "at once");
	if (error != expected)
		errx(EXIT_FAILURE, "%s: expected errno %d", what, expected);
}

static void fact_eof(const char *what, int fd)
{
	char c;

	if (read(fd, &c, 1) != 0)
		errx(EXIT_FAILURE, "%s: expected end of file", what);
	printf("%s: end of file\n", what);
}

int main(void)
{
	char c;
	int fifo = make_fifo("open_modes.fifo");

	/* A nonblocking writer must have a reader; a reader need not wait */
	int w = open_fifo(fifo, O_WRONLY | O_NONBLOCK);
	fact("O_WRONLY|O_NONBLOCK, no reader", w, ENXIO);
	int r = open_fifo(fifo, O_RDONLY | O_NONBLOCK);
	fact("O_RDONLY|O_NONBLOCK, no writer", r, 0);
	fact_eof("  read, no writer", r);
	w = open_fifo(fifo, O_WRONLY | O_NONBLOCK);
	fact("O_WRONLY|O_NONBLOCK, a reader", w, 0);
	fact("  read, a silent writer", read(r, &c, 1), EAGAIN);
	if (close(w) == -1)
		err(EXIT_FAILURE, "close");
	fact_eof("  read, the writer has closed", r);
	if (close(r) == -1)
		err(EXIT_FAILURE, "close");

	/* Both ends in one never wait, and their reader never sees the end */
	int both = open_fifo(fifo, O_RDWR | O_NONBLOCK);
	fact("O_RDWR, nobody else", both, 0);
	fact("  read, its own writer", read(both, &c, 1), EAGAIN);
	if (close(both) == -1 || close(fifo) == -1)
		err(EXIT_FAILURE, "close");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
