// SPDX-License-Identifier: MIT
/*
 * collector.c - number the lines that any number of processes send
 *
 * Build:  cc collector.c -o collector
 * Run:    ./collector collect NAME
 *         ./collector send NAME <lines
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), pipe(7), getline(3), atexit(3); task
 *         collector of README.md
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int collects = argc == 3 && strcmp(argv[1], "collect") == 0;
	int sends = argc == 3 && strcmp(argv[1], "send") == 0;

	if (!collects && !sends)
		errx(2, "usage: collector collect|send NAME");

	/* TODO: collect: make the FIFO NAME. Print each line that arrives, with
	 * its number, until the line "end". Remove the FIFO. send: open the
	 * FIFO without waiting for a collector. Write each line of standard
	 * input to it, so that no line of another sender is mixed into it */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
