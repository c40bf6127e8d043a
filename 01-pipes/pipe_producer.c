// SPDX-License-Identifier: MIT
/*
 * pipe_producer.c - start a command and copy standard input to it by a pipe
 *
 * Shows:  a pipe has no name: a child inherits it, across fork and exec
 * Build:  cc pipe_producer.c -o pipe_producer
 * Run:    ./pipe_producer [COMMAND [ARGUMENT...]] <file >copy
 * Exit:   that of COMMAND; 1 a call failed, or a signal killed COMMAND; 2 usage
 * See:    pipe(7), pipe(2), fork(2), dup2(2), waitpid(2); pipe_consumer.c
 *
 * COMMAND is ./pipe_consumer if none is given. If COMMAND is killed, SIGPIPE
 * kills this program at its next write, without a message: see robust/.
 */
#define _POSIX_C_SOURCE 200809L /* PIPE_BUF, in musl */
#include <err.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: run the command with the pipe as its standard input */
static _Noreturn void exec_command(char *command[], const int pfd[2])
{
	/* Only the copy at 0 stays open. A child that kept its write end would
	 * never read end-of-file */
	if (dup2(pfd[0], STDIN_FILENO) == -1 || close(pfd[0]) == -1 ||
	    close(pfd[1]) == -1)
		warn("pipe to standard input");
	else if (execvp(command[0], command) == -1)
		warn("exec %s", command[0]);
	_exit(127);
}

int main(int argc, char *argv[])
{
	char *consumer[] = { "./pipe_consumer", NULL };
	char **command = argc > 1 ? argv + 1 : consumer;
	if (command[0][0] == '-')
		errx(2, "usage: pipe_producer [COMMAND [ARGUMENT...]] <file");

	/* Bytes that are written to pfd[1] are read from pfd[0] */
	int pfd[2];
	if (pipe(pfd) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		exec_command(command, pfd);
	if (close(pfd[0]) == -1) /* the child reads, not this process */
		err(EXIT_FAILURE, "close read end");

	/* A write of up to PIPE_BUF bytes blocks until all of them fit. A
	 * larger one may write only a part if Ctrl-Z interrupts it */
	char buf[PIPE_BUF];
	uintmax_t bytes = 0;
	ssize_t n;
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		if (write(pfd[1], buf, (size_t)n) != n)
			err(EXIT_FAILURE, "write pipe");
		bytes += (size_t)n;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* Closes the last write end: now the child can read end-of-file */
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close write end");
	int status;
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (WIFSIGNALED(status))
		errx(EXIT_FAILURE, "%s: killed by signal %d", command[0],
		     WTERMSIG(status));
	fprintf(stderr, "pipe_producer: bytes sent: %ju\n", bytes);
	return WEXITSTATUS(status);
}
