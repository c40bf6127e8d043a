// SPDX-License-Identifier: MIT
/*
 * eof_between_writers.c - read what two writers send, one after the other
 *
 * Shows:  the reader gets EOF when no writer is left, also between two writers
 * Build:  cc eof_between_writers.c -o eof_between_writers
 * Run:    ./eof_between_writers
 * Prints: what the reader gets, and how many lines it received
 * Exit:   0 the second line was missed; 1 a call failed, or it was not;
 *         77 a limit forbids it here
 * See:    fifo(7), read(2), pipe(7); eof_between_writers_fixed.c, fifo_server.c
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

/* A writer, such as echo(1) in a shell, opens, writes and closes */
static void run_writer(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE, "open to write");
	if (write(fd, line, strlen(line)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "write, close");
}

int main(void)
{
	const char *lines[] = { "first", "second" };
	char name[32], path[32], buf[64];
	int received = 0;

	snprintf(name, sizeof name, "%d.fifo", (int)getpid());
	/* O_NONBLOCK: this process is the reader and both writers. If one of
	 * them waited, no other could run */
	if (mkfifo(name, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", name);
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* Remove the name at once: path, below, opens the FIFO without it */
	if (unlink(name) == -1 || fd == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE,
		    "open, unlink %s: see ulimit -n", name);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

	for (int i = 0; i < 2; i++) {
		ssize_t n;

		run_writer(path, lines[i]);
		while ((n = read(fd, buf, sizeof buf)) > 0) {
			printf("the reader gets: %.*s\n", (int)n, buf);
			received++;
		}
		if (n == 0) { /* no process has the FIFO open to write */
			printf("the reader gets: end of file, and stops\n");
			break;
		}
		if (errno != EAGAIN) /* EAGAIN: a writer is left */
			err(EXIT_FAILURE, "read");
	}

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	printf("lines received: %d of 2\n", received);
	if (received != 1)
		errx(EXIT_FAILURE, "expected: 1 line");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
