// SPDX-License-Identifier: MIT
/*
 * chain.c - run A | B | C as a shell does, for any number of commands
 *
 * Build:  cc chain.c -o chain
 * Run:    ./chain COMMAND [ARGUMENT...] ['|' COMMAND [ARGUMENT...]]...
 * Exit:   that of the last command; 1 a call failed; 2 usage
 * See:    pipe(2), fork(2), dup2(2), execvp(3), waitpid(2); chain in README.md
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX 16 /* commands */

/* In the child: make end the descriptor target, and close the original */
static void become(int end, int target)
{
	if (end == target)
		return;
	if (dup2(end, target) == -1 || close(end) == -1) {
		warn("pipe to descriptor %d", target);
		_exit(127);
	}
}

int main(int argc, char *argv[])
{
	char **command[MAX];
	int count = 0, start = 1;

	for (int i = 1; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], "|") != 0)
			continue;
		if (i == start || count == MAX)
			errx(2, "usage: chain COMMAND... ['|' COMMAND...]...");
		argv[i] = NULL; /* the end of this command's arguments */
		command[count++] = argv + start;
		start = i + 1;
	}

	pid_t pid[MAX];
	int input = STDIN_FILENO;
	for (int i = 0; i < count; i++) {
		int pfd[2] = { -1, STDOUT_FILENO }; /* for the last one */
		if (i < count - 1 && pipe(pfd) == -1)
			err(EXIT_FAILURE, "pipe");
		if ((pid[i] = fork()) == -1)
			err(EXIT_FAILURE, "fork");
		if (pid[i] == 0) {
			if (pfd[0] != -1)
				close(pfd[0]); /* it is the next command's */
			become(input, STDIN_FILENO);
			become(pfd[1], STDOUT_FILENO);
			execvp(command[i][0], command[i]);
			warn("exec %s", command[i][0]);
			_exit(127);
		}
		/* Only the read end of the newest pipe is still needed: the
		 * next command inherits no other */
		if (i > 0 && close(input) == -1)
			err(EXIT_FAILURE, "close");
		if (i < count - 1 && close(pfd[1]) == -1)
			err(EXIT_FAILURE, "close");
		input = pfd[0];
	}

	/* Not before all of them run: each may wait for the next one */
	int code[MAX];
	for (int i = 0; i < count; i++) {
		int status;
		if (waitpid(pid[i], &status, 0) == -1)
			err(EXIT_FAILURE, "waitpid");
		code[i] = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					      : WEXITSTATUS(status);
	}
	fprintf(stderr, "status");
	for (int i = 0; i < count; i++)
		fprintf(stderr, " %d", code[i]);
	fprintf(stderr, "\n");
	return code[count - 1];
}
