// SPDX-License-Identifier: MIT
/*
 * other.c - chain, with all pipes first, and the last command started first
 *
 * Build:  cc other.c -o chain
 * Run:    ./chain COMMAND [ARGUMENT...] ['|' COMMAND [ARGUMENT...]]...
 * Exit:   that of the last command; 1 a call failed; 2 usage
 * See:    pipe2(2), wait(2)
 */
#define _GNU_SOURCE /* pipe2 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX 16

int main(int argc, char *argv[])
{
	char **command[MAX] = { argv + 1 };
	int count = 1, ends[MAX][2], code[MAX] = { 0 }, status;
	pid_t pid[MAX], ended;

	if (argc < 2)
		errx(2, "usage: chain COMMAND... ['|' COMMAND...]...");
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "|") != 0)
			continue;
		if (count == MAX)
			errx(2, "too many commands");
		argv[i] = NULL;
		command[count++] = argv + i + 1;
	}
	for (int i = 0; i + 1 < count; i++)
		if (pipe2(ends[i], O_CLOEXEC) == -1)
			err(EXIT_FAILURE, "pipe2");
	for (int i = count - 1; i >= 0; i--) {
		if ((pid[i] = fork()) == -1)
			err(EXIT_FAILURE, "fork");
		if (pid[i] > 0)
			continue;
		if ((i > 0 && dup2(ends[i - 1][0], 0) == -1) ||
		    (i + 1 < count && dup2(ends[i][1], 1) == -1))
			err(EXIT_FAILURE, "dup2");
		execvp(command[i][0], command[i]);
		warn("%s", command[i][0]);
		_exit(127);
	}
	for (int i = 0; i + 1 < count; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	while ((ended = wait(&status)) != -1)
		for (int i = 0; i < count; i++)
			if (pid[i] == ended)
				code[i] = WIFEXITED(status)
					      ? WEXITSTATUS(status)
					      : 128 + WTERMSIG(status);
	char line[8 * MAX] = "status";
	for (int i = 0; i < count; i++)
		sprintf(line + strlen(line), " %d", code[i]);
	fprintf(stderr, "%s\n", line);
	return code[count - 1];
}
