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

	/* TODO: make a pipe. Start the command in a child, with the write end
	 * as its standard output. Read the pipe to its end, and count. Wait for
	 * the child */
	warnx("%s: not started: this is the skeleton", argv[1]);
	uintmax_t bytes = 0;
	int code = 0;

	printf("%ju bytes, status %d\n", bytes, code);
	return EXIT_SUCCESS;
}
