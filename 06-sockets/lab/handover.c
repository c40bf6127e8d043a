// SPDX-License-Identifier: MIT
/*
 * handover.c - a server that its successor replaces without losing a client
 *
 * Build:  cc handover.c -o handover
 * Run:    ./handover PATH NAME
 * Exit:   0 replaced, and its clients have left; 1 a call failed; 2 usage
 * See:    unix(7), sendmsg(2), recvmsg(2), cmsg(3), poll(2); task handover of
 *         README.md
 */
#define _GNU_SOURCE /* getline, dprintf */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if (argc != 3 || strlen(argv[1]) + 5 >= sizeof addr.sun_path)
		errx(2, "usage: handover PATH NAME");
	strcpy(addr.sun_path, argv[1]);

	/* TODO: if another one serves PATH, get its listener. Otherwise make
	 * one. Serve clients until a successor has the listener. Then end, as
	 * soon as the last client has left */
	errx(EXIT_FAILURE, "%s: this is the skeleton", addr.sun_path);
}
