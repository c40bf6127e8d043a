// SPDX-License-Identifier: MIT
/*
 * self_pipe.c - an event loop for signals and data: a handler and a pipe
 *
 * Shows:  a handler writes to a pipe of its own process, which the loop reads
 * Build:  cc self_pipe.c -o self_pipe
 * Run:    ./self_pipe
 * Prints: what a child sends: a signal, data, and the signal that ends it
 * Exit:   0 done; 1 a call or the child failed; 2 usage
 * See:    pipe(2), signal-safety(7); signalfd.c, the same loop as Linux has it
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC, pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: self_pipe\n"
	      "Wait for signals and data at once, by a pipe of its own.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int pipe_fds[2];

/* It may call write(2), one of the few. Not blocking: into a full pipe the
 * number is lost, rather than that the handler waits for the loop for ever */
static void on_event(int sig)
{
	int saved = errno; /* of the code that we interrupt */
	char c = (char)sig;

	(void)!write(pipe_fds[1], &c, 1);
	errno = saved;
}

/* The handler writes into a pipe, and the loop waits for the other end */
static int open_signals(void)
{
	struct sigaction sa = { .sa_handler = on_event,
				.sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) == -1 ||
	    sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1)
		err(EXIT_FAILURE, "pipe2, sigaction");
	return pipe_fds[0];
}

/* The signal was delivered before: this is only the news of it */
static int take_signal(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		err(EXIT_FAILURE, "read pipe");
	return c;
}

/* Each thing when the loop has had the one before it, or has gone */
static void child(int sock, pid_t parent)
{
	char ack;

	_exit(kill(parent, SIGUSR1) == -1 || recv(sock, &ack, 1, 0) != 1 ||
	      send(sock, "hello", 5, MSG_NOSIGNAL) != 5 ||
	      recv(sock, &ack, 1, 0) != 1 || kill(parent, SIGTERM) == -1 ||
	      recv(sock, &ack, 1, 0) != 1);
}

static void loop(int sigfd, int sock)
{
	struct pollfd p[] = { { .fd = sigfd, .events = POLLIN },
			      { .fd = sock, .events = POLLIN } };
	char buf[16];
	int sig = 0;

	while (sig != SIGTERM) {
		if (poll(p, 2, -1) == -1) {
			if (errno != EINTR)
				err(EXIT_FAILURE, "poll");
			continue; /* revents are those of before */
		}
		if (p[0].revents != 0) {
			sig = take_signal(sigfd);
			printf("signal: %s\n",
			       sig == SIGTERM ? "SIGTERM" : "SIGUSR1");
		} else {
			ssize_t n = recv(sock, buf, sizeof buf, 0);
			if (n <= 0)
				errx(EXIT_FAILURE, "the child has gone");
			printf("data: %.*s\n", (int)n, buf);
		}
		if (send(sock, "", 1, MSG_NOSIGNAL) == -1)
			err(EXIT_FAILURE, "send");
	}
}

int main(int argc, char *argv[])
{
	int status, sv[2];
	pid_t pid, self = getpid();

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Before the fork: no signal of the child can come too early */
	int sigfd = open_signals();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	if ((pid = fork()) == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)close(sv[0]); /* so that our parent's end is its own */
		child(sv[1], self);
	}
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	loop(sigfd, sv[0]);

	if (close(sv[0]) == -1 || close(sigfd) == -1 ||
	    close(pipe_fds[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
