// SPDX-License-Identifier: MIT
/*
 * framed.c - messages over TCP, each with its length in front
 *
 * Build:  cc framed.c -o framed
 * Run:    ./framed serve
 *         ./framed send PORT <file
 * Exit:   0 each line was answered; 1 a call or the peer failed; 2 usage
 * See:    tcp(7), accept(2), recv(2), getsockname(2), byteorder(3), getline(3);
 *         task framed of README.md
 */
#define _GNU_SOURCE /* getline */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST = 65536 }; /* bytes of text in a frame */

int main(int argc, char *argv[])
{
	int serves = argc == 2 && strcmp(argv[1], "serve") == 0;
	int sends = argc == 3 && strcmp(argv[1], "send") == 0;
	if (!serves && !sends)
		errx(2, "usage: framed serve, framed send PORT <file");

	struct sockaddr_in addr = { .sin_family = AF_INET };
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

	/* TODO: serve: listen on a port that the kernel chooses, and print it.
	 * Answer each frame of each client. send: connect to the port. Send
	 * each line of standard input as a frame, and print its answer */
	(void)addr;
	errx(EXIT_FAILURE, "frames of %d bytes: this is the skeleton", LONGEST);
}
