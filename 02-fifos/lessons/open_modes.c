// SPDX-License-Identifier: MIT
/*
 * open_modes.c - open a FIFO without waiting
 *
 * Shows:  what O_NONBLOCK does to open(2), and to read(2) when nobody writes
 * Build:  cc open_modes.c -o open_modes
 * Run:    ./open_modes
 * Prints: a line for each way to open, and for what read(2) returns then
 * Exit:   0 all as described here; 1 a call failed, or it was not so
 * See:    fifo(7), open(2), read(2), pipe(7); open_waits.c
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	char name[32], c;

	snprintf(name, sizeof name, "%d.fifo", (int)getpid());
	if (mkfifo(name, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", name);
	/* A nonblocking writer must have a reader; a reader need not wait */
	int alone = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int error = errno;
	int r = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int w = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	/* Both ends are open: the FIFO no longer needs its name */
	if (unlink(name) == -1 || r == -1 || w == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE,
		    "open, unlink %s: see ulimit -n", name);
	if (alone != -1 || error != ENXIO)
		errx(EXIT_FAILURE, "no reader: expected ENXIO");
	printf("O_WRONLY|O_NONBLOCK, no reader: %s\n", strerror(error));
	printf("O_RDONLY|O_NONBLOCK, no writer: at once\n");
	printf("O_WRONLY|O_NONBLOCK, a reader: at once\n");

	/* Without O_NONBLOCK this read would wait for the writer */
	if (read(r, &c, 1) != -1 || errno != EAGAIN)
		errx(EXIT_FAILURE, "a silent writer: expected EAGAIN");
	printf("read, a silent writer: %s\n", strerror(errno));

	if (close(w) == -1)
		err(EXIT_FAILURE, "close");
	if (read(r, &c, 1) != 0)
		errx(EXIT_FAILURE, "no writer: expected end of file");
	printf("read, the writer has closed: end of file\n");

	if (close(r) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
