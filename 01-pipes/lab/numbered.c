// SPDX-License-Identifier: MIT
/*
 * numbered.c - pass standard input through a command, and number what returns
 *
 * Build:  cc numbered.c -o numbered
 * Run:    ./numbered COMMAND [ARGUMENT...] <file
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    pipe(2), fork(2), signal(7), getline(3); numbered in README.md
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: numbered COMMAND [ARGUMENT...] <file");

	/* TODO: start the command between two pipes. Write the standard input
	 * into one of them. Read lines from the other, and print them with
	 * their numbers: "1: text". Exit as the command has */
	warnx("%s: not started: this is the skeleton", argv[1]);
	return EXIT_FAILURE;
}
