// SPDX-License-Identifier: MIT
/*
 * fifo_consumer.c - copy a FIFO to standard output
 *
 * Shows:  a FIFO is a pipe with a name: open(2) blocks until a writer opens it
 * Build:  cc fifo_consumer.c -o fifo_consumer
 * Run:    ./fifo_consumer PATH >copy
 * Exit:   0 everything up to EOF was written; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), unlink(2); fifo_producer.c
 *
 * If this program is killed while it waits, the FIFO stays: see robust/.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: fifo_consumer PATH >copy");
	const char *path = argv[1];

	/* The half that starts first makes the FIFO, for this user only */
	if (mkfifo(path, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", path);
	/* Blocks until the producer has opened the FIFO to write */
	int fd = open(path, O_RDONLY);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", path);
	/* Both halves have the FIFO open now: it needs no name any more */
	if (unlink(path) == -1)
		err(EXIT_FAILURE, "unlink %s", path);

	static char buf[65536];
	ssize_t n;
	uintmax_t bytes = 0;
	/* 0 is EOF: the FIFO is empty, and no writer has it open any more */
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		fwrite(buf, 1, (size_t)n, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	fprintf(stderr, "fifo_consumer: bytes received: %ju\n", bytes);
	return EXIT_SUCCESS;
}
