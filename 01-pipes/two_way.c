// SPDX-License-Identifier: MIT
/*
 * two_way.c - two pipes to a filter, and the deadlock they invite
 *
 * Shows:  who writes all before it reads, and whom its filter waits for, hangs
 * Build:  cc two_way.c -o two_way
 * Run:    ./two_way
 * Prints: when both sides wait; then what one poll for both directions does
 * Exit:   0 as described; 1 a call failed or it was not so; 2 usage
 * See:    pipe(7), poll(2), tr(1)
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than two pipes and a filter hold; a time for what never comes */
enum { TOTAL = 1 << 20, BOUND_MS = 100 };

static char text[TOTAL];
static int to, from; /* the filter's standard input and output */

static int usage(FILE *out)
{
	fputs("usage: two_way\n"
	      "Send 1 MiB through tr and back, first so that both sides would "
	      "hang.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static pid_t start_filter(void)
{
	int in[2], out[2];
	pid_t parent = getpid(), pid;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != -1 &&
		    getppid() == parent && dup2(in[0], STDIN_FILENO) != -1 &&
		    dup2(out[1], STDOUT_FILENO) != -1)
			execlp("tr", "tr", "a", "A", (char *)NULL);
		warn("exec tr");
		_exit(127);
	}
	if (close(in[0]) == -1 || close(out[1]) == -1)
		err(EXIT_FAILURE, "close");
	to = in[1];
	from = out[0];
	/* Only our end: O_NONBLOCK belongs to the open file, not to the pipe */
	if (fcntl(to, F_SETFL, O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "fcntl F_SETFL");
	return pid;
}

/* Write what there is room for; return how much */
static size_t write_part(size_t sent)
{
	ssize_t n = write(to, text + sent, TOTAL - sent);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "write to tr");
	return n == -1 ? 0 : (size_t)n;
}

static bool ready(int fd, short events, int milliseconds)
{
	struct pollfd one = { .fd = fd, .events = events };
	int n = poll(&one, 1, milliseconds);

	if (n == -1)
		err(EXIT_FAILURE, "poll");
	return n > 0;
}

/* Write without reading, until there is no room and none comes. Until tr has
 * answered it may just be slow; then it waits for us to read */
static size_t write_only(void)
{
	size_t sent = 0;

	while (sent < TOTAL)
		if (ready(to, POLLOUT, BOUND_MS))
			sent += write_part(sent);
		else if (ready(from, POLLIN, -1) &&
			 !ready(to, POLLOUT, BOUND_MS))
			break;
	return sent;
}

/* Go on from there, in whichever direction is possible; return what came */
static size_t write_and_read(size_t sent)
{
	struct pollfd fds[] = { { .fd = to, .events = POLLOUT },
				{ .fd = from, .events = POLLIN } };
	static char buf[65536];
	size_t received = 0;
	ssize_t n = 1;

	while (n > 0) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[0].revents != 0 &&
		    (sent += write_part(sent)) == TOTAL) {
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
			received += buf[i] == 'A';
	}
	return received;
}

int main(int argc, char *argv[])
{
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(text, 'a', sizeof text);
	pid_t pid = start_filter();

	/* After the fork: an ignored signal stays ignored over exec */
	signal(SIGPIPE, SIG_IGN);
	size_t sent = write_only();

	if (sent == TOTAL)
		errx(EXIT_FAILURE, "no deadlock: the filter holds it all");
	printf("only writing: stuck after %zu of %d bytes: tr waits for us\n",
	       sent, TOTAL);
	size_t received = write_and_read(sent);

	printf("writing and reading: %zu of %d bytes came back\n", received,
	       TOTAL);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid tr");
	if (received != TOTAL || status != 0)
		errx(EXIT_FAILURE, "tr failed: wait status %d", status);
	if (close(from) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
