// SPDX-License-Identifier: MIT
/*
 * fifo_server.c - answer many clients through one FIFO
 *
 * Shows:  all ask through one name; each gets its answer through its own
 * Build:  cc fifo_server.c -o fifo_server
 * Run:    ./fifo_server PATH
 * Prints: on standard error: when it is ready, whom it could not serve, totals
 * Exit:   0 ended by SIGTERM, SIGINT or SIGHUP; 1 a call failed; 2 usage
 * See:    fifo(7), poll(2), flock(2), signalfd(2); fifo_client.c, fifo_server.h
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW, flock */
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
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static char buf[REQUEST_MAX]; /* what came, up to the next newline */
static size_t have;
static int named;    /* path is our FIFO's, and ours to remove */
static int too_long; /* drop bytes until a newline comes */
static unsigned long answered, refused;

static int usage(FILE *out)
{
	fputs("usage: fifo_server PATH\n"
	      "Make the FIFO PATH, and answer what clients write there, until\n"
	      "SIGTERM.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The signals that end us become something to read, seen beside the requests */
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
	/* A client that vanishes is an error of one write, not our end */
	signal(SIGPIPE, SIG_IGN);
	return fd;
}

/* Best effort, on the way out: there is nobody left to tell. Once only: by then
 * the name may be that of the next server */
static void remove_fifo(void)
{
	if (named)
		unlink(path);
	named = 0;
}

/* The lock goes with us, however we end: a FIFO without it is a leftover, and
 * taken over. nlink 0: it was removed while we opened it */
static int open_fifo(void)
{
	struct stat st;

	if (mkfifo(path, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s", path);
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		err(EXIT_FAILURE, "%s: a server is there: flock", path);
	if (fstat(fd, &st) == -1 || st.st_nlink != 1)
		errx(EXIT_FAILURE, "%s: removed meanwhile: try again", path);
	named = 1;
	if (atexit(remove_fifo) != 0)
		errx(EXIT_FAILURE, "atexit: no room");
	return fd;
}

/* The name is ours to make: PATH and digits. What stands there is looked at,
 * and never waited for: ENXIO if the client does not read any more */
static int open_reply(const char *pid)
{
	char name[PATH_MAX + PID_DIGITS + 2];
	struct stat st;

	snprintf(name, sizeof name, "%s.%s", path, pid);
	int fd = open(name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    st.st_uid == geteuid())
		return fd;
	if (fd != -1)
		close(fd); /* nothing was written */
	errno = fd != -1 ? EPERM : errno;
	return -1;
}

/* One line, a NUL at its end: PID, space, text. Nothing in it is believed */
static void answer(char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (too_long || digits == 0 || digits > PID_DIGITS ||
	    line[digits] != ' ') {
		warnx("refused: %s", too_long ? "too long" : "no PID and text");
		refused++;
		return;
	}
	line[digits] = '\0';
	char *text = line + digits + 1;
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
	text[len++] = '\n'; /* where the request had its own */
	int fd = open_reply(line);
	if (fd == -1 || write(fd, text, len) != (ssize_t)len)
		warn("client %s has gone, or its FIFO", line);
	else
		answered++;
	if (fd != -1 && close(fd) == -1)
		err(EXIT_FAILURE, "close");
}

/* Answer what is there. False: nothing is, or not yet */
static int serve(int fd)
{
	char *end, *line = buf;
	ssize_t n = read(fd, buf + have, sizeof buf - have);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read %s", path);
	if (n <= 0)
		return 0;
	have += (size_t)n;
	while ((end = memchr(line, '\n', have)) != NULL) {
		*end = '\0';
		if (end != line || too_long)
			answer(line);
		too_long = 0;
		have -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(buf, line, have);
	if (have == sizeof buf) {
		too_long = 1;
		have = 0;
	}
	return 1;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc != 2 || !*argv[1] || *argv[1] == '-')
		return usage(stderr);
	path = argv[1];
	const char *slash = strrchr(path, '/');
	if (strlen(path) > SERVER_PATH_MAX ||
	    strlen(slash ? slash + 1 : path) > SERVER_NAME_MAX)
		errx(2, "PATH is longer than %d, or its end than %d bytes",
		     SERVER_PATH_MAX, SERVER_NAME_MAX);
	int ends = catch_signals(), in = open_fifo();
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = ends, .events = POLLIN } };

	/* Never written to. While a writer is there, no client that closes is
	 * the last one: else poll would say POLLHUP, and read 0, for ever */
	int dummy = open(path, O_WRONLY | O_CLOEXEC);
	if (dummy == -1)
		err(EXIT_FAILURE, "open %s", path);
	warnx("ready at %s", path);

	while (fds[1].revents == 0)
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		else if (fds[0].revents != 0)
			serve(in);

	/* No new client finds us; those who have asked get their answer */
	remove_fifo();
	while (serve(in))
		;
	if (close(dummy) == -1 || close(in) == -1 || close(ends) == -1)
		err(EXIT_FAILURE, "close");
	warnx("answered %lu, refused %lu", answered, refused);
	return EXIT_SUCCESS;
}
