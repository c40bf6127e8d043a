// SPDX-License-Identifier: MIT
/*
 * self_pipe.c - an event loop for signals and data: a handler and a pipe
 *
 * Shows:  a handler writes to a pipe of its own process, which the loop reads
 * Build:  cc self_pipe.c -o self_pipe
 * Run:    ./self_pipe
 * Prints: what a child writes to a pipe, and the signal that it has exited
 * Exit:   0 done; 1 a call or the child failed; 77 a limit
 * See:    pipe(2), signal-safety(7); signalfd.c, the same loop for Linux only
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int self_pipe[2];

/* write(2) is async-signal-safe. It must not block: the handler would wait for
 * the loop that it interrupts. If the pipe is full, the loop wakes up anyway */
static void on_any_signal(int sig)
{
	int saved = errno; /* of the code that this handler interrupts */
	char number = (char)sig;

	(void)!write(self_pipe[1], &number, 1);
	errno = saved;
}

static int open_signal(int sig)
{
	struct sigaction sa = { .sa_handler = on_any_signal,
				.sa_flags = SA_RESTART };
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, sig);
	if (pipe2(self_pipe, O_CLOEXEC | O_NONBLOCK) == -1 ||
	    sigaction(sig, &sa, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		err(77, "pipe2, sigaction: see ulimit -n");
	return self_pipe[0];
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
		while (poll(fds, 2, -1) == -1) /* SA_RESTART is not for poll */
			if (errno != EINTR)
				err(EXIT_FAILURE, "poll");
		if (fds[0].revents == 0)
			break; /* no data is left, so it is the signal */
		ssize_t n = read(data[0], buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read pipe");
		printf("data: %.*s\n", (int)n, buf);
	}
	/* The signal has been delivered already: the byte only reports it */
	char number;
	if (read(signal_fd, &number, 1) != 1 || number != SIGCHLD)
		err(EXIT_FAILURE, "read self-pipe");
	printf("signal: SIGCHLD\n");

	if (waitpid(child, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (close(data[0]) == -1 || close(data[1]) == -1 ||
	    close(self_pipe[0]) == -1 || close(self_pipe[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
