// SPDX-License-Identifier: MIT
/*
 * no_close_fixed.c - the reader closes its own write end first
 *
 * Shows:  EOF needs every write end closed, the reader's own included
 * Build:  cc no_close_fixed.c -o no_close_fixed
 * Run:    ./no_close_fixed
 * Prints: what each read of the reader returned
 * Exit:   0 EOF followed the last byte; 1 a call failed, or it did not;
 *         77 a limit forbids it
 * See:    pipe(7), fork(2), read(2); no_close.c, the fault
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Start a child that writes and exits. It has exited when this returns */
static void run_writer(int fd)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(write(fd, "hello", 5) == 5 ? 0 : 1);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the writer failed");
	puts("writer: exited");
}

/* Read once, print and return the result: -1 if a blocking read would hang */
static ssize_t print_read(int fd)
{
	char buf[16];
	ssize_t n = read(fd, buf, sizeof buf);

	if (n == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read");
	if (n == -1)
		puts("reader: no bytes, no EOF: a blocking read would hang");
	else
		printf("reader: read returns %zd%s\n", n,
		       n == 0 ? ", EOF" : "");
	return n;
}

int main(void)
{
	int pfd[2];

	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	/* Nonblocking, so that the lesson reports a hang and does not hang */
	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK) == -1)
		err(77, "pipe2: see ulimit -n");
	run_writer(pfd[1]);

	puts("reader: closes its own write end");
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (print_read(pfd[0]) != 5)
		errx(EXIT_FAILURE, "the bytes did not arrive");
	if (print_read(pfd[0]) != 0)
		errx(EXIT_FAILURE, "no EOF, although no write end is open");
	if (close(pfd[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
