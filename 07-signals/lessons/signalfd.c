// SPDX-License-Identifier: MIT
/*
 * signalfd.c - an event loop for signals and data: signals as a file
 *
 * Shows:  blocked signals are read from a descriptor, when the loop is ready
 * Build:  cc signalfd.c -o signalfd
 * Run:    ./signalfd
 * Prints: what a child writes to a pipe, and the signal that it has exited
 * Exit:   0 done; 1 a call or the child failed; 77 a limit
 * See:    signalfd(2), poll(2); self_pipe.c, the same loop for any Unix
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* A blocked signal stays pending, and makes the descriptor readable */
static int open_signal(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	/* If SIGCHLD is inherited ignored, it is not sent */
	if (fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(sig, SIG_DFL) == SIG_ERR)
		err(77, "signalfd: see ulimit -n");
	return fd;
}

int main(void)
{
	int data[2], status;
	char buf[16];

	setvbuf(stdout, NULL, _IOLBF, 0);
	int signal_fd = open_signal(SIGCHLD); /* before the first child */
	if (pipe2(data, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	pid_t child = fork();
	if (child == -1)
		err(77, "fork: see ulimit -u");
	if (child == 0)
		_exit(write(data[1], "hello", 5) != 5);

	struct pollfd fds[] = { { .fd = data[0], .events = POLLIN },
				{ .fd = signal_fd, .events = POLLIN } };
	for (;;) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[0].revents == 0)
			break; /* no data is left, so it is the signal */
		ssize_t n = read(data[0], buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read pipe");
		printf("data: %.*s\n", (int)n, buf);
	}
	/* The read delivers the signal, without a handler, and with details */
	struct signalfd_siginfo info;
	if (read(signal_fd, &info, sizeof info) != sizeof info ||
	    info.ssi_signo != SIGCHLD)
		err(EXIT_FAILURE, "read signalfd");
	printf("signal: SIGCHLD\n");

	if (waitpid(child, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (close(data[0]) == -1 || close(data[1]) == -1 ||
	    close(signal_fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
