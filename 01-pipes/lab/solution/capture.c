// SPDX-License-Identifier: MIT
/*
 * capture.c - run a command, and count what it prints
 *
 * Build:  cc capture.c -o capture
 * Run:    ./capture COMMAND [ARGUMENT...]
 * Exit:   0 counted; 1 a call failed; 2 usage
 * See:    pipe(2), fork(2), dup2(2), execvp(3), waitpid(2); README.md
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: capture COMMAND [ARGUMENT...]");

	int pfd[2];
	if (pipe(pfd) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (dup2(pfd[1], STDOUT_FILENO) != -1 && close(pfd[0]) != -1 &&
		    close(pfd[1]) != -1)
			execvp(argv[1], argv + 1);
		warn("exec %s", argv[1]);
		_exit(127);
	}

	/* With a write end of its own, this process would never read EOF */
	if (close(pfd[1]) == -1)
		err(EXIT_FAILURE, "close");
	char buf[4096];
	uintmax_t bytes = 0;
	ssize_t n;
	while ((n = read(pfd[0], buf, sizeof buf)) > 0)
		bytes += (uintmax_t)n;
	if (n == -1)
		err(EXIT_FAILURE, "read");

	/* Not before the end of the pipe: a command that waits until there is
	 * room in the pipe does not end */
	int status;
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	int code =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	printf("%ju bytes, status %d\n", bytes, code);
	if (fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
