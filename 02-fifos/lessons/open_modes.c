// SPDX-License-Identifier: MIT
/*
 * open_modes.c - open a FIFO without waiting
 *
 * Shows:  with O_NONBLOCK neither open(2) nor read(2) waits for a writer
 * Build:  cc open_modes.c -o open_modes
 * Run:    ./open_modes
 * Prints: a line for each way to open, and for each result of read(2)
 * Exit:   0 done; 1 a call failed, or another result; 77 a limit forbids it
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
	/* Open to write needs a reader. Open to read does not need a writer */
	int alone = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int error = errno;
	int r = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int w = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	/* The FIFO is open at both ends, and needs no name any more */
	if (unlink(name) == -1 || r == -1 || w == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE,
		    "open, unlink %s: see ulimit -n", name);
	if (alone != -1 || error != ENXIO)
		errx(EXIT_FAILURE, "no reader: expected ENXIO");
	printf("O_WRONLY|O_NONBLOCK, no reader: %s\n", strerror(error));
	printf("O_RDONLY|O_NONBLOCK, no writer: opens at once\n");
	printf("O_WRONLY|O_NONBLOCK, a reader: opens at once\n");

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
