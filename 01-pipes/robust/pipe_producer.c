// SPDX-License-Identifier: MIT
/*
 * pipe_producer.c - copy standard input through a pipe to a command
 *
 * Shows:  a pipe has no name: its reader inherits it, over fork and exec
 * Build:  cc pipe_producer.c -o pipe_producer
 * Run:    ./pipe_producer [COMMAND [ARGUMENT...]] <file
 * Prints: on standard error: what it sent; COMMAND prints what it likes
 * Exit:   0 all sent and COMMAND succeeded; 1 a call or COMMAND failed; 2 usage
 * See:    pipe(7), pipe2(2), fork(2), dup2(2), wait(2); pipe_consumer.c, pipe.h
 */
#define _GNU_SOURCE /* pipe2 */

#include "pipe.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *command;
static pid_t reader; /* the process that runs command */

static int usage(FILE *out)
{
	fputs(
	    "usage: pipe_producer [COMMAND [ARGUMENT...]]\n"
	    "Copy standard input through a pipe to COMMAND, which reads it\n"
	    "as its standard input.\n"
	    "COMMAND is the pipe_consumer beside this program unless given.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Start command with a new pipe as its standard input; return the write end */
static int start_reader(char *argv[])
{
	int pfd[2];

	if (pipe2(pfd, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	reader = fork();
	if (reader == -1)
		err(EXIT_FAILURE, "fork");
	if (reader == 0) {
		/* exec closes both ends and leaves dup2's copy: a write end
		 * left open in the reader itself would keep EOF from it */
		if (dup2(pfd[0], STDIN_FILENO) != -1)
			execvp(command, argv);
		warn("exec %s", command);
		_exit(127);
	}
	/* A read end left open here would keep EPIPE from us */
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");
	return pfd[1];
}

/* Collect the reader; its failure is ours */
static void reap_reader(void)
{
	int status;

	while (waitpid(reader, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid %s", command);
	if (WIFSIGNALED(status))
		errx(EXIT_FAILURE, "%s: killed by signal %d, %s", command,
		     WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		errx(EXIT_FAILURE, "%s: exit status %d", command,
		     WEXITSTATUS(status));
}

static void reader_gone(void)
{
	reap_reader();
	errx(EXIT_FAILURE, "%s: the reader has gone", command);
}

/* Read standard input; wait for it only as long as the reader is there */
static ssize_t read_input(void *buf, size_t size, int peer)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = peer } };
	ssize_t n;

	do {
		n = poll(fds, 2, -1);
		if (n > 0 && fds[1].revents != 0)
			reader_gone();
		if (n > 0)
			n = read(STDIN_FILENO, buf, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	static char buf[PIPE_CHUNK], beside[4096];
	char *slash = strrchr(argv[0], '/'), *preset[] = { beside, NULL };
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1 && (!*argv[1] || *argv[1] == '-'))
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	/* Found as we were found: in our folder, or by PATH */
	snprintf(beside, sizeof beside, "%.*spipe_consumer",
		 slash == NULL ? 0 : (int)(slash - argv[0] + 1), argv[0]);
	command = argc > 1 ? argv[1] : beside;
	int fd = start_reader(argc > 1 ? argv + 1 : preset);

	/* After the fork: an ignored signal stays ignored over exec. Without
	 * this, a write that nobody can read any more would kill us silently */
	signal(SIGPIPE, SIG_IGN);
	while ((n = read_input(buf, sizeof buf, fd)) > 0) {
		if (write_all(fd, buf, (size_t)n) == -1) {
			if (errno == EPIPE)
				reader_gone();
			err(EXIT_FAILURE, "write pipe");
		}
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The reader gets EOF as soon as the last write end is closed */
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close pipe");
	reap_reader();
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
