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

/* Signals become bytes to read, so that poll(2) waits for them, too */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n_ending; i++)
		if (!is_ignored(ending[i]))
			sigaddset(&set, ending[i]);
	/* A client that exits early must fail one write, not end the server */
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "catch signals");
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* The server makes the name itself. It never waits for the client: open fails
 * with ENXIO if the client does not read. Returns 1 if the answer was sent */
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

	/* Fails if a server is running, or has left its FIFO when it was
	 * killed. O_NONBLOCK: open does not wait for a client */
	if (mkfifo(path, 0600) == -1 || atexit(remove_fifo) != 0)
		err(EXIT_FAILURE, "mkfifo %s", path);
	int requests = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* Never written to. While a writer is left, no client is the last one:
	 * otherwise poll would report POLLHUP, and read EOF, again and again */
	int dummy = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int spare = dup(STDERR_FILENO); /* an answer takes one more */
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
			break; /* a signal, and nobody has asked */
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
