// SPDX-License-Identifier: MIT
/*
 * progress.c - copy the input to the output, and report on demand how far it is
 *
 * Build:  cc progress.c -o progress
 * Run:    ./progress <file >copy
 * Prints: on standard error: N bytes, for each SIGUSR1
 * Exit:   0 copied, or stopped by SIGTERM; 1 a call failed; 2 usage
 * See:    signalfd(2), poll(2), sigprocmask(2); task progress of the lab
 */
#define _POSIX_C_SOURCE 200809L /* sigprocmask */
#include <err.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Blocked signals stay pending, and make the descriptor readable. No handler
 * runs, so no call is interrupted */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1)
		err(EXIT_FAILURE, "signalfd");
	return fd;
}

/* Wait until fd is ready, and report meanwhile. False: SIGTERM ends the wait */
static int wait_for(int fd, short events, int signals, uintmax_t bytes)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
				{ .fd = fd, .events = events } };

	for (;;) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		/* Signals first: the descriptor may be ready all the time */
		if (fds[0].revents == 0)
			return 1;
		struct signalfd_siginfo info;
		if (read(signals, &info, sizeof info) != sizeof info)
			err(EXIT_FAILURE, "read signalfd");
		if (info.ssi_signo == SIGTERM)
			return 0;
		fprintf(stderr, "%ju bytes\n", bytes);
	}
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		errx(2, "usage: progress <file >copy, without %s", argv[1]);

	/* If no process reads the pipe any more, write fails with EPIPE */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	int signals = open_signals();
	/* A pipe that is ready has room for as much as this: write, which does
	 * not look at the signals, does not wait */
	char buf[PIPE_BUF];
	uintmax_t bytes = 0;
	while (wait_for(STDIN_FILENO, POLLIN, signals, bytes)) {
		ssize_t n = read(STDIN_FILENO, buf, sizeof buf), done = 0;
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		if (n == 0) {
			fprintf(stderr, "%ju bytes, end\n", bytes);
			return EXIT_SUCCESS;
		}
		while (done < n) {
			if (!wait_for(STDOUT_FILENO, POLLOUT, signals, bytes))
				goto stopped;
			ssize_t written = write(STDOUT_FILENO, buf + done,
						(size_t)(n - done));
			if (written == -1)
				err(EXIT_FAILURE, "write standard output");
			done += written;
			bytes += (uintmax_t)written;
		}
	}
stopped:
	fprintf(stderr, "%ju bytes, stopped\n", bytes);
	return EXIT_SUCCESS;
}
