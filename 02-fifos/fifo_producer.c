// SPDX-License-Identifier: MIT
/*
 * fifo_producer.c - write standard input to a FIFO
 *
 * Shows:  a FIFO is a pipe with a name: open(2) blocks until a reader opens it
 * Build:  cc fifo_producer.c -o fifo_producer
 * Run:    ./fifo_producer PATH <file
 * Exit:   0 everything is in the FIFO; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), pipe(7); fifo_consumer.c
 *
 * If the consumer is killed, SIGPIPE ends this program silently: see robust/.
 */
#define _POSIX_C_SOURCE 200809L /* PIPE_BUF */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: fifo_producer PATH <file");
	const char *path = argv[1];

	/* The half that starts first makes the FIFO, for this user only */
	if (mkfifo(path, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", path);
	/* Blocks until the consumer has opened the FIFO to read */
	int fd = open(path, O_WRONLY);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", path);

	char buf[PIPE_BUF];
	ssize_t n;
	uintmax_t bytes = 0;
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		/* Blocks while the FIFO is full. Up to PIPE_BUF bytes are
		 * written as a whole. A signal, such as that of Ctrl-Z, can
		 * interrupt a longer write when a part of it is written */
		if (write(fd, buf, (size_t)n) != n)
			err(EXIT_FAILURE, "write %s", path);
		bytes += (size_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* No writer is left now: the consumer reads the rest, then gets EOF */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	fprintf(stderr, "fifo_producer: bytes sent: %ju\n", bytes);
	return EXIT_SUCCESS;
}
