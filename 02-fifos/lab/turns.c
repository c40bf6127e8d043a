// SPDX-License-Identifier: MIT
/*
 * turns.c - two processes print their lines in turn
 *
 * Build:  cc turns.c -o turns
 * Run:    ./turns first NAME <lines
 *         ./turns second NAME <lines
 * Exit:   0 all lines are printed; 1 a call or the peer failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), unlink(2), getline(3); task turns of
 *         README.md
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
	int is_first = argc == 3 && strcmp(argv[1], "first") == 0;
	int is_second = argc == 3 && strcmp(argv[1], "second") == 0;

	if (!is_first && !is_second)
		errx(2, "usage: turns first|second NAME <lines");

	/* TODO: make two FIFOs, whose names begin with NAME, and open them.
	 * Remove the names. Print a line when it is this half's turn, then hand
	 * the turn to the peer. Tell it when there are no more lines */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
