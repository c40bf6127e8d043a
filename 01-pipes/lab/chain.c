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

int main(int argc, char *argv[])
{
	char **command[MAX];
	int count = 0, start = 1;

	/* command[0] to command[count - 1] become lists for execvp */
	for (int i = 1; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], "|") != 0)
			continue;
		if (i == start || count == MAX)
			errx(2, "usage: chain COMMAND... ['|' COMMAND...]...");
		argv[i] = NULL; /* the end of this command's arguments */
		command[count++] = argv + start;
		start = i + 1;
	}

	/* TODO: start all commands, with a pipe between each and the next. Wait
	 * for all. Print their statuses, and exit with the last one */
	warnx("%s: not started: this is the skeleton", command[0][0]);
	return EXIT_FAILURE;
}
