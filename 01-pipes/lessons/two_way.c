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
static size_t sent, got; /* bytes to tr, and from it */

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

/* Write what fits now; never block */
static void feed(int fd)
{
	static char text[ALL];

	if (sent == 0)
		memset(text, 'x', sizeof text);
	ssize_t n = write(fd, text + sent, ALL - sent);
	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "write to tr");
	sent += n == -1 ? 0 : (size_t)n;
}

/* Do what is possible at either end, until tr ends, or nothing more is possible
 * for a while. poll passes over -1: without from, this only writes */
static void pump(int to, int from, int bound_ms)
{
	struct pollfd fds[] = { { .fd = to, .events = POLLOUT },
				{ .fd = from, .events = POLLIN } };
	char buf[4096];
	int ready;

	while ((ready = poll(fds, 2, bound_ms)) > 0) {
		if (fds[0].revents != 0)
			feed(to);
		if (sent == ALL && fds[0].fd != -1) {
			if (close(to) == -1) /* EOF for tr */
				err(EXIT_FAILURE, "close");
			fds[0].fd = -1;
		}
		if (fds[1].revents == 0)
			continue;
		ssize_t n = read(from, buf, sizeof buf);
		if (n == -1)
			err(EXIT_FAILURE, "read from tr");
		if (n == 0)
			return;
		for (ssize_t i = 0; i < n; i++)
			got += buf[i] == 'X';
	}
	if (ready == -1)
		err(EXIT_FAILURE, "poll");
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

	/* The mistake: write all, read later. A blocking write would never
	 * return. Nor is tr just slow: its output is full, and only this
	 * process could empty it */
	struct pollfd room = { .fd = from[1], .events = POLLOUT };
	int more;
	do
		pump(to[1], -1, BOUND_MS);
	while (sent < ALL && (more = poll(&room, 1, 0)) == 1);
	if (sent == ALL || more == -1 || waitpid(pid, NULL, WNOHANG) != 0)
		errx(EXIT_FAILURE, "not stuck, after %zu bytes", sent);
	printf("write first: stuck after %zu of %d bytes, both pipes full\n",
	       sent, ALL);
	/* Kept until now to ask whether it was full; EOF needs it closed */
	if (close(from[1]) == -1)
		err(EXIT_FAILURE, "close");

	pump(to[1], from[0], -1); /* the cure: both ends at once */
	if (close(from[0]) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "end of tr");
	printf("poll loop: all written, %zu bytes read back\n", got);
	if (got != ALL || status != 0)
		errx(EXIT_FAILURE, "tr: status %d, %zu bytes", status, got);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
