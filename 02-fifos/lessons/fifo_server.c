// SPDX-License-Identifier: MIT
/*
 * fifo_server.c - answer many clients through one FIFO
 *
 * Shows:  all clients write to one FIFO; each reads its answer from its own
 * Build:  cc fifo_server.c -o fifo_server
 * Run:    ./fifo_server PATH
 * Prints: how many requests it answered, when SIGTERM ends it
 * Exit:   0 ended by a signal; 1 a call failed; 2 usage; 77 see ulimit -n
 * See:    fifo(7), mkfifo(3), poll(2), signalfd(2); fifo_client.c
 */
#define _POSIX_C_SOURCE 200809L
#include "fifo_server.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;

static void remove_fifo(void)
{
	unlink(path); /* best effort, also after a call that failed */
}

/* A signalfd turns signals into bytes to read: poll(2) can wait for them */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n_end_signals; i++)
		if (!is_ignored(end_signals[i]))
			sigaddset(&set, end_signals[i]);
	/* If a client exits early, one write must fail: not the whole server */
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "catch signals");
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* The server makes the name: a request contains no path. If the client does not
 * read, open fails with ENXIO at once. Returns 1 if the answer was sent */
static int answer(struct request *request)
{
	char name[PATH_MAX + 16];
	const size_t size = sizeof request->text;

	for (size_t i = 0; i < size; i++)
		request->text[i] =
		    (char)toupper((unsigned char)request->text[i]);
	snprintf(name, sizeof name, "%s.%d", path, (int)request->pid);
	int fd = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		warn("client %d: open", (int)request->pid);
		return 0;
	}
	int is_sent = write(fd, request->text, size) == (ssize_t)size;
	if (!is_sent)
		warn("client %d: write", (int)request->pid);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	return is_sent;
}

int main(int argc, char *argv[])
{
	struct request request;
	int answered = 0;

	if (argc != 2)
		errx(2, "usage: fifo_server PATH");
	path = argv[1];
	int signals = catch_signals();
	if (signals == -1)
		err(EXIT_FAILURE, "signalfd");

	/* mkfifo fails if a server is running, or if a killed one has left its
	 * FIFO. O_NONBLOCK: open does not wait for a client */
	if (mkfifo(path, 0600) == -1 || atexit(remove_fifo) != 0)
		err(EXIT_FAILURE, "mkfifo %s", path);
	int requests = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* This process is a writer, too, and never writes. Otherwise, when the
	 * last client has closed, poll would report POLLHUP again and again */
	int dummy = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int spare = dup(STDERR_FILENO); /* an answer needs one more */
	if (requests == -1 || dummy == -1 || spare == -1 || close(spare) == -1)
		err(errno == EMFILE ? 77 : EXIT_FAILURE,
		    "open %s: see ulimit -n", path);
	warnx("ready on %s", path);

	struct pollfd fds[] = { { .fd = requests, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	for (;;) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[0].revents == 0)
			break; /* a signal, and no request is left */
		ssize_t n = read(requests, &request, sizeof request);
		if (n == -1)
			err(EXIT_FAILURE, "read %s", path);
		if (n == sizeof request)
			answered += answer(&request);
		else
			warnx("refused: not a request");
	}

	if (close(dummy) == -1 || close(requests) == -1 || close(signals) == -1)
		err(EXIT_FAILURE, "close");
	printf("answered %d\n", answered);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
