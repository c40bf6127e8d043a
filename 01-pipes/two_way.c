// SPDX-License-Identifier: MIT
/*
 * two_way.c - two pipes to a filter, and the deadlock between them
 *
 * Shows:  who writes everything before it reads hangs; one poll loop does not
 * Build:  cc two_way.c -o two_way
 * Run:    ./two_way
 * Prints: how far writing alone gets; then what one poll loop gets through
 * Exit:   0 as described; 1 a call failed or it was not so; 2 usage
 * See:    pipe(7), poll(2); pipeline.c
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
#include <sys/wait.h>
#include <unistd.h>

/* Far more than two pipes and the filter's own buffers hold */
enum { ALL = 1024 * 1024, BOUND_MS = 200 };

static int usage(FILE *out)
{
	fputs("usage: two_way\n"
	      "Send 1 MiB through tr a-z A-Z, and read back what it makes.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static pid_t start_filter(int in, int out)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "dup2");
	/* The pipes' other copies are close-on-exec */
	execlp("tr", "tr", "a-z", "A-Z", (char *)NULL);
	warn("exec tr");
	_exit(127);
}

static int ready(struct pollfd *fds, nfds_t count, int ms)
{
	int n = poll(fds, count, ms); /* no handler here: no EINTR */

	if (n == -1)
		err(EXIT_FAILURE, "poll");
	return n;
}

/* Write what fits now, return how much; never block */
static size_t feed(int fd, size_t sent)
{
	static char text[ALL];

	if (sent == 0)
		memset(text, 'x', sizeof text);
	ssize_t n = write(fd, text + sent, ALL - sent);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "write to tr");
	return n == -1 ? 0 : (size_t)n;
}

/* The mistake: write all, read later. A blocking write would never return */
static size_t write_first(int to, int tr_out)
{
	struct pollfd in = { .fd = to, .events = POLLOUT };
	struct pollfd out = { .fd = tr_out, .events = POLLOUT };
	size_t sent = 0;

	while (sent < ALL) {
		if (ready(&in, 1, BOUND_MS) > 0)
			sent += feed(to, sent);
		/* Not just a slow tr: its output is full, and only this
		 * process could empty it */
		else if (ready(&out, 1, 0) == 0)
			break;
	}
	return sent;
}

/* The cure: wait for both ends at once, do what is possible */
static size_t pump(int to, int from, size_t sent)
{
	struct pollfd fds[] = { { .fd = to, .events = POLLOUT },
				{ .fd = from, .events = POLLIN } };
	char buf[4096];
	size_t got = 0;
	ssize_t n = 1;

	while (n > 0) {
		ready(fds, 2, -1);
		if (fds[0].revents != 0 && (sent += feed(to, sent)) == ALL) {
			if (close(to) == -1) /* EOF for tr */
				err(EXIT_FAILURE, "close");
			fds[0].fd = -1; /* poll passes over it */
		}
		if (fds[1].revents == 0)
			continue;
		n = read(from, buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read from tr");
		for (ssize_t i = 0; i < n; i++)
			got += buf[i] == 'X';
	}
	return got;
}

int main(int argc, char *argv[])
{
	int to[2], from[2], status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	/* For this end only: tr's ends go on blocking */
	if (fcntl(to[1], F_SETFL, O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "fcntl O_NONBLOCK");
	pid_t pid = start_filter(to[0], from[1]);

	signal(SIGPIPE, SIG_IGN); /* after the fork: tr keeps the default */
	if (close(to[0]) == -1)
		err(EXIT_FAILURE, "close");
	size_t sent = write_first(to[1], from[1]);

	if (sent == ALL || waitpid(pid, NULL, WNOHANG) != 0)
		errx(EXIT_FAILURE, "not stuck, after %zu bytes", sent);
	printf("write first: stuck after %zu of %d bytes, both pipes full\n",
	       sent, ALL);
	/* Kept until now to ask whether it was full; EOF needs it closed */
	if (close(from[1]) == -1)
		err(EXIT_FAILURE, "close");
	size_t got = pump(to[1], from[0], sent);

	if (close(from[0]) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "end of tr");
	printf("poll loop: all written, %zu bytes read back\n", got);
	if (got != ALL || status != 0)
		errx(EXIT_FAILURE, "tr: status %d, %zu bytes", status, got);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
