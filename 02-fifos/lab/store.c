// SPDX-License-Identifier: MIT
/*
 * store.c - a server that keeps values, and its clients
 *
 * Build:  cc store.c -o store
 * Run:    ./store serve NAME
 *         ./store set NAME KEY VALUE
 *         ./store get NAME KEY
 * Exit:   0 done; 1 no such key, or a call or the server failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), poll(2), fcntl(2), signal-safety(7);
 *         task store of README.md
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int gets = argc == 4 && strcmp(argv[1], "get") == 0;
	int sets = argc == 5 && strcmp(argv[1], "set") == 0;

	if (!serves && !gets && !sets)
		errx(2, "usage: store serve NAME, store get NAME KEY, "
			"store set NAME KEY VALUE");

	/* TODO: serve: make the FIFO NAME, print "ready", and answer requests
	 * until a signal ends the server. get, set: make a FIFO for the answer,
	 * send a request, and wait for the answer, or the server's death */
	errx(EXIT_FAILURE, "%s: this is the skeleton", argv[2]);
}
