// SPDX-License-Identifier: MIT
/*
 * other.c - progress, another way: handlers, and a pipe that they write to
 *
 * Build:  cc other.c -o other
 * Run:    ./other <file >copy
 * Exit:   0 copied, or stopped by SIGTERM; 1 a call failed
 * See:    pipe(2), poll(2), sigaction(2); 07-signals/lab/solution/progress.c
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int self_pipe[2];
static volatile sig_atomic_t stopped;

/* If the pipe is full, there are enough bytes in it to end the next poll */
static void on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGTERM)
		stopped = 1;
	(void)!write(self_pipe[1], "x", 1);
	errno = saved;
}

static void report(unsigned long long bytes, const char *end)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%llu bytes%s\n", bytes, end);

	if (write(STDERR_FILENO, line, (size_t)n) == -1)
		exit(EXIT_FAILURE);
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = SA_RESTART };
	char buf[1000], reports[64];
	size_t held = 0, written = 0;
	unsigned long long bytes = 0;

	if (pipe2(self_pipe, O_NONBLOCK | O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	sigfillset(&sa.sa_mask);
	if (sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	while (!stopped) {
		int writes = written < held;
		struct pollfd fds[] = {
			{ .fd = self_pipe[0], .events = POLLIN },
			{ .fd = writes, .events = writes ? POLLOUT : POLLIN },
		};
		if (poll(fds, 2, -1) == -1) {
			if (errno != EINTR)
				err(EXIT_FAILURE, "poll");
			continue;
		}
		if (fds[0].revents && !stopped) {
			while (read(self_pipe[0], reports, sizeof reports) > 0)
				continue;
			if (!stopped)
				report(bytes, "");
			continue;
		}
		if (!fds[1].revents)
			continue;
		ssize_t n = writes ? write(1, buf + written, held - written)
				   : read(0, buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, writes ? "write" : "read");
		if (writes) {
			written += (size_t)n;
			bytes += (size_t)n;
			continue;
		}
		if (n == 0) {
			report(bytes, ", end");
			return EXIT_SUCCESS;
		}
		held = (size_t)n;
		written = 0;
	}
	report(bytes, ", stopped");
	return EXIT_SUCCESS;
}
