// SPDX-License-Identifier: MIT
/*
 * two_way.c - two pipes to a filter, and the deadlock between them
 *
 * Shows:  writing all before reading anything deadlocks; a poll loop does not
 * Build:  cc two_way.c -o two_way
 * Run:    ./two_way
 * Prints: how far writing alone gets; then how far a poll loop gets
 * Exit:   0 as described; 1 a call failed, or other results; 77 a limit
 * See:    pipe(7), poll(2), fcntl(2) F_GETPIPE_SZ; pipeline.c, capacity.c
 */
#define _GNU_SOURCE /* pipe2, F_GETPIPE_SZ */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Everything is moved in pages, because a pipe holds a number of pages */
static char buf[65536];
static ssize_t page;

/* In the child: a filter, which reads one page and then writes it */
static _Noreturn void filter(const int to[2], const int from[2])
{
	if (close(to[1]) == -1 || close(from[0]) == -1)
		_exit(1);
	while (read(to[0], buf, (size_t)page) == page)
		if (write(from[1], buf, (size_t)page) != page)
			_exit(1);
	_exit(0);
}

/* Write pages to the filter and read from it, whichever is possible, until it
 * has closed its end. Return how many bytes were read */
static ssize_t exchange(int to, int from, ssize_t pages)
{
	struct pollfd fds[] = { { .fd = to, .events = POLLOUT },
				{ .fd = from, .events = POLLIN } };
	ssize_t received = 0, n = 1;

	while (n > 0) {
		if (poll(fds, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[0].revents != 0) {
			if (write(to, buf, (size_t)page) != page)
				err(EXIT_FAILURE, "write to the filter");
			if (--pages == 0) {
				if (close(to) == -1) /* EOF for the filter */
					err(EXIT_FAILURE, "close");
				fds[0].fd = -1; /* poll ignores -1 */
			}
		}
		if (fds[1].revents != 0) {
			if ((n = read(from, buf, (size_t)page)) == -1)
				err(EXIT_FAILURE, "read from the filter");
			received += n;
		}
	}
	return received;
}

int main(void)
{
	int to[2], from[2], status;

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	page = sysconf(_SC_PAGESIZE);
	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		err(77, "pipe2: see ulimit -n");
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		filter(to, from);
	if (close(to[0]) == -1 || close(from[1]) == -1)
		err(EXIT_FAILURE, "close");

	/* The mistake: write all, read later. Both pipes and the filter have
	 * room for this much. Then the filter blocks in write */
	int size_to = fcntl(to[1], F_GETPIPE_SZ);
	int size_from = fcntl(from[0], F_GETPIPE_SZ);
	if (size_to == -1 || size_from == -1)
		err(EXIT_FAILURE, "fcntl F_GETPIPE_SZ");
	ssize_t room = (size_to + size_from) / page + 1, all = 4 * room;
	for (ssize_t i = 0; i < room; i++)
		if (write(to[1], buf, (size_t)page) != page)
			err(EXIT_FAILURE, "write to the filter");
	/* Only this process can empty the pipe that the filter waits for. If
	 * this process blocks in write as well, both wait forever */
	if (fcntl(to[1], F_SETFL, O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "fcntl O_NONBLOCK");
	if (write(to[1], buf, 1) != -1 || errno != EAGAIN)
		errx(EXIT_FAILURE, "not stuck after %zd pages", room);
	printf("write first: stuck after %zd of %zd bytes\n", room * page,
	       all * page);

	/* The cure: serve both pipes at once */
	ssize_t received = exchange(to[1], from[0], all - room);
	printf("poll loop: all written, %zd bytes read back\n", received);
	if (close(from[0]) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "end of the filter");
	if (received != all * page || status != 0)
		errx(EXIT_FAILURE, "expected %zd bytes", all * page);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
