// SPDX-License-Identifier: MIT
/*
 * fifo_server.c - answer many clients through one FIFO
 *
 * Shows:  all clients write to one FIFO; each reads its answer from its own
 * Build:  cc fifo_server.c -o fifo_server
 * Run:    ./fifo_server PATH
 * Prints: how many requests it answered and refused, when SIGTERM ends it
 * Exit:   0 ended by SIGTERM, SIGINT or SIGHUP; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), poll(2), signalfd(2); fifo_client.c
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include "fifo_server.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static unsigned long answered, refused;

/* Signals become bytes to read, so that poll(2) waits for them, too */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "signalfd");
	/* A client that exits early must fail one write, not end the server */
	signal(SIGPIPE, SIG_IGN);
	return fd;
}

/* mkfifo(3) fails if a server is running, or has left its FIFO when it was
 * killed. O_NONBLOCK: open does not wait for a client */
static int open_requests(void)
{
	if (mkfifo(path, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", path);
	return fd;
}

/* The server makes the name itself: PATH and digits. It never waits for the
 * client: open fails with ENXIO if the client does not read */
static void reply(const char *pid, const char *text, size_t len)
{
	char name[PATH_MAX + PID_DIGITS + 2];
	struct stat st;

	snprintf(name, sizeof name, "%s.%s", path, pid);
	int fd = open(name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		warn("client %s: open", pid);
	else if (fstat(fd, &st) == -1 || !S_ISFIFO(st.st_mode) ||
		 st.st_uid != geteuid())
		warnx("client %s: not a FIFO of this user", pid);
	else if (write(fd, text, len) != (ssize_t)len)
		warn("client %s: write", pid);
	else
		answered++;
	if (fd != -1 && close(fd) == -1)
		err(EXIT_FAILURE, "close");
}

/* One line, with NUL at its end, should be: PID, space, text */
static void answer(char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (digits == 0 || digits > PID_DIGITS || line[digits] != ' ') {
		warnx("refused: no PID and text");
		refused++;
		return;
	}
	line[digits] = '\0';
	char *text = line + digits + 1;
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
	text[len++] = '\n'; /* in place of the NUL */
	reply(line, text, len);
}

/* Answer what has arrived. False: nothing has */
static int serve(int fd)
{
	static char buf[REQUEST_MAX]; /* what follows the last newline */
	static size_t have;
	char *end, *line = buf;
	ssize_t n = read(fd, buf + have, sizeof buf - have);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read %s", path);
	if (n <= 0)
		return 0;
	have += (size_t)n;
	while ((end = memchr(line, '\n', have)) != NULL) {
		*end = '\0';
		if (end != line)
			answer(line);
		have -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(buf, line, have);
	if (have == sizeof buf) {
		warnx("refused: too long");
		refused++;
		have = 0;
	}
	return 1;
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: fifo_server PATH");
	path = argv[1];
	int signals = catch_signals(), requests = open_requests();

	/* Never written to. While a writer is left, no client is the last one:
	 * otherwise poll would report POLLHUP, and read EOF, again and again */
	int dummy = open(path, O_WRONLY | O_CLOEXEC);
	if (dummy == -1)
		err(EXIT_FAILURE, "open %s", path);
	warnx("ready on %s", path);

	struct pollfd fds[] = { { .fd = requests, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	while (fds[1].revents == 0) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[0].revents != 0)
			serve(requests);
	}

	/* No new client finds the FIFO; those that have asked get answers */
	if (unlink(path) == -1)
		err(EXIT_FAILURE, "unlink %s", path);
	while (serve(requests))
		;
	if (close(dummy) == -1 || close(requests) == -1 || close(signals) == -1)
		err(EXIT_FAILURE, "close");
	printf("answered %lu, refused %lu\n", answered, refused);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
