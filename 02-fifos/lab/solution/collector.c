// SPDX-License-Identifier: MIT
/*
 * collector.c - number the lines that any number of processes send
 *
 * Build:  cc collector.c -o collector
 * Run:    ./collector collect NAME
 *         ./collector send NAME <lines
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), pipe(7), getline(3), atexit(3); task
 *         collector of the lab
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;
static char *line; /* getline makes it as long as it has to be */
static size_t size;

static void remove_fifo(void)
{
	unlink(name); /* best effort */
}

static void end_by_signal(int sig)
{
	unlink(name); /* best effort */
	_exit(128 + sig);
}

/* Open the FIFO without waiting for a peer, and make sure that it is one. Later
 * calls of read and write wait */
static int open_fifo(int mode)
{
	int fd = open(name, mode | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s", name);
	if (!S_ISFIFO(st.st_mode))
		errx(EXIT_FAILURE, "%s: not a FIFO", name);
	if (fcntl(fd, F_SETFL, 0) == -1)
		err(EXIT_FAILURE, "fcntl %s", name);
	return fd;
}

static void collect(void)
{
	struct stat st;

	/* Only a FIFO may be removed at the end */
	if (stat(name, &st) == 0 && !S_ISFIFO(st.st_mode))
		errx(EXIT_FAILURE, "%s: not a FIFO", name);
	/* Before mkfifo: a signal may arrive right after it */
	if (atexit(remove_fifo) != 0 ||
	    signal(SIGINT, end_by_signal) == SIG_ERR ||
	    signal(SIGTERM, end_by_signal) == SIG_ERR)
		err(EXIT_FAILURE, "atexit, signal");
	/* A collector that was killed has left its FIFO: use it again */
	if (mkfifo(name, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", name);
	int in = open_fifo(O_RDONLY);
	/* This process is a writer, too, and never writes: so there is no
	 * end-of-file when the last sender has closed */
	open_fifo(O_WRONLY);

	FILE *lines = fdopen(in, "r");
	if (lines == NULL)
		err(EXIT_FAILURE, "fdopen");
	for (int n = 1; getline(&line, &size, lines) != -1; n++) {
		if (strcmp(line, "end\n") == 0)
			return;
		printf("%d: %s", n, line);
		if (fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
	}
	err(EXIT_FAILURE, "read %s", name);
}

static void send_lines(void)
{
	ssize_t length;
	int out = open_fifo(O_WRONLY);

	while ((length = getline(&line, &size, stdin)) != -1) {
		if (line[length - 1] != '\n')
			line[length++] = '\n'; /* in place of the NUL */
		if (length > PIPE_BUF)
			errx(EXIT_FAILURE, "a line is too long: %zd", length);
		/* The whole line in one call: no other is mixed into it */
		if (write(out, line, (size_t)length) != length)
			err(EXIT_FAILURE, "write %s", name);
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
}

int main(int argc, char *argv[])
{
	int collects = argc == 3 && strcmp(argv[1], "collect") == 0;
	int sends = argc == 3 && strcmp(argv[1], "send") == 0;

	if (!collects && !sends)
		errx(2, "usage: collector collect|send NAME");
	name = argv[2];
	/* Without a reader, write fails with EPIPE: SIGPIPE would end the
	 * process without a message, and leave the FIFO */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	if (collects)
		collect();
	else
		send_lines();
	return EXIT_SUCCESS;
}
