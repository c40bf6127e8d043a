// SPDX-License-Identifier: MIT
/*
 * signalfd.c - an event loop for signals and data: signals as a file
 *
 * Shows:  blocked signals are read from a descriptor, in the loop's own time
 * Build:  cc signalfd.c -o signalfd
 * Run:    ./signalfd
 * Prints: what a child sends: a signal, data, and the signal that ends it
 * Exit:   0 done; 1 a call or the child failed; 2 usage
 * See:    signalfd(2), poll(2); self_pipe.c, the same loop as POSIX has it
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: signalfd\n"
	      "Wait for signals and data at once, by signalfd.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Blocked they stay pending, and make the descriptor readable */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "signalfd, block");
	return fd;
}

/* Here it is delivered, with all that a siginfo_t says, without a handler */
static int take_signal(int fd)
{
	struct signalfd_siginfo si;

	if (read(fd, &si, sizeof si) != sizeof si)
		err(EXIT_FAILURE, "read signalfd");
	return (int)si.ssi_signo;
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

	if (close(sv[0]) == -1 || close(sigfd) == -1)
		err(EXIT_FAILURE, "close");
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
