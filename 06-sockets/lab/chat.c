// SPDX-License-Identifier: MIT
/*
 * chat.c - each line of a member reaches all others
 *
 * Build:  cc chat.c -o chat
 * Run:    ./chat serve PATH
 *         ./chat join PATH NAME
 * Exit:   0 the member has left; 1 a call or the peer failed; 2 usage
 * See:    unix(7), poll(2), accept(2), recv(2), send(2), shutdown(2); task chat
 *         of README.md
 */
#define _GNU_SOURCE /* getline */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int joins = argc == 4 && strcmp(argv[1], "join") == 0;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if ((!serves && !joins) || strlen(argv[2]) >= sizeof addr.sun_path)
		errx(2, "usage: chat serve PATH, chat join PATH NAME");
	strcpy(addr.sun_path, argv[2]);

	/* TODO: serve: listen at the path. Send what a member sends to all
	 * others, and never wait for one of them. join: connect, then wait for
	 * both: lines of standard input, and messages to be printed */
	errx(EXIT_FAILURE, "%s: this is the skeleton", addr.sun_path);
}
