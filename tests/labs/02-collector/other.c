// SPDX-License-Identifier: MIT
/*
 * other.c - collector, where one descriptor reads and keeps the FIFO open, and
 * a thread waits for signals
 *
 * Build:  cc other.c -o collector
 * Run:    ./collector collect NAME
 *         ./collector send NAME <lines
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    fifo(7), poll(2), sigwait(3)
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sigset_t signals;

static void check(int ok, const char *what, const char *name)
{
	if (!ok)
		err(EXIT_FAILURE, "%s %s", what, name);
}

static void *remove_at_signal(void *name)
{
	int sig;

	sigwait(&signals, &sig);
	unlink(name);
	_exit(128 + sig);
}

/* Print the line without its newline. Leave if it is the end */
static void print(const char *name, const char *line, size_t length)
{
	static int n;
	int is_end = length == 3 && memcmp(line, "end", 3) == 0;

	if (!is_end &&
	    dprintf(STDOUT_FILENO, "%d: %.*s\n", ++n, (int)length, line) > 0)
		return;
	unlink(name);
	check(is_end, "print what came by", name);
	exit(EXIT_SUCCESS);
}

static int collect(const char *name)
{
	static char buf[3 * PIPE_BUF];
	size_t used = 0;
	struct stat st;
	pthread_t thread;
	ssize_t n;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (mkfifo(name, 0600) == -1)
		check(errno == EEXIST && lstat(name, &st) == 0 &&
			  S_ISFIFO(st.st_mode),
		      "mkfifo", name);
	check(pthread_create(&thread, NULL, remove_at_signal, (void *)name) ==
		  0,
	      "thread for", name);
	/* Linux: never waits, and there is always a writer */
	int fd = open(name, O_RDWR);
	while ((n = read(fd, buf + used, sizeof buf - used)) > 0) {
		char *from = buf, *end, *to = buf + used + n;
		while ((end = memchr(from, '\n', (size_t)(to - from)))) {
			print(name, from, (size_t)(end - from));
			from = end + 1;
		}
		used = (size_t)(to - from);
		memmove(buf, from, used);
	}
	check(0, "read", name);
	return 1;
}

static int send_lines(const char *name)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	struct stat st;

	check(stat(name, &st) == 0, "stat", name);
	if (!S_ISFIFO(st.st_mode))
		errx(EXIT_FAILURE, "%s is not a FIFO", name);
	int fd = open(name, O_WRONLY | O_NONBLOCK);
	check(fd != -1, "open", name);
	signal(SIGPIPE, SIG_IGN);
	while ((length = getline(&line, &size, stdin)) != -1) {
		struct pollfd room = { .fd = fd, .events = POLLOUT };
		if (line[length - 1] != '\n')
			line[length++] = '\n';
		if (length > PIPE_BUF)
			errx(EXIT_FAILURE, "longer than PIPE_BUF");
		/* EAGAIN: there is no room for the whole line yet */
		while (write(fd, line, (size_t)length) == -1) {
			check(errno == EAGAIN, "write", name);
			check(poll(&room, 1, -1) == 1, "poll", name);
		}
	}
	free(line);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "collect") == 0)
		return collect(argv[2]);
	if (argc == 3 && strcmp(argv[1], "send") == 0)
		return send_lines(argv[2]);
	errx(2, "usage: collector collect|send NAME");
}
