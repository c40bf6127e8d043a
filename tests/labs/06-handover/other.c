// SPDX-License-Identifier: MIT
/*
 * other.c - handover, with one process that polls, and packets between servers
 *
 * Build:  cc other.c -o handover
 * Run:    ./handover PATH NAME
 * Exit:   0 replaced, and its clients have left; 1 a call failed; 2 usage
 * See:    poll(2), unix(7)
 *
 * A successor connects to the abstract name @PATH, which is never stale. It
 * gets the listener in a packet, answers with a packet, and waits for the end.
 */
#define _GNU_SOURCE
#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS, NEXT, HEIR, FIRST, PLACES = 100 };
static struct pollfd fds[PLACES];
static int at_start[PLACES]; /* of a line */

static struct msghdr *message(int fd)
{
	static union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	static char byte;
	static struct iovec iov = { &byte, 1 };
	static struct msghdr msg;
	msg = (struct msghdr){ .msg_iov = &iov,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = CMSG_LEN(sizeof fd) };
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	return &msg;
}

static void forget(int i)
{
	close(fds[i].fd);
	fds[i].fd = -1;
}

/* Bytes of a client are sent back, with the name at the start of each line. 0:
 * it has left */
static int serve(int i, const char *name)
{
	char in[4096], out[sizeof in * 100];
	size_t len = 0;
	ssize_t n = recv(fds[i].fd, in, sizeof in, 0);
	for (ssize_t k = 0; k < n; k++) {
		if (at_start[i])
			len += (size_t)sprintf(out + len, "%.90s: ", name);
		out[len++] = in[k];
		at_start[i] = in[k] == '\n';
	}
	return n > 0 && send(fds[i].fd, out, len, MSG_NOSIGNAL) != -1;
}

static void add(int fd, int i)
{
	while (fds[i].fd != -1)
		i++;
	fds[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	at_start[i] = 1;
}

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX }, abstract = addr;
	struct stat folder;
	if (argc != 3)
		errx(2, "usage: handover PATH NAME");
	strncpy(addr.sun_path, argv[1], sizeof addr.sun_path - 1);
	/* Other folders may have the same PATH */
	if (stat(".", &folder) == -1)
		err(EXIT_FAILURE, "stat .");
	snprintf(abstract.sun_path + 1, sizeof abstract.sun_path - 1,
		 "%ju/%ju/%.50s", (uintmax_t)folder.st_dev,
		 (uintmax_t)folder.st_ino, argv[1]);
	for (int i = 0; i < PLACES; i++)
		fds[i].fd = -1;

	int old = socket(AF_UNIX, SOCK_SEQPACKET, 0), listener;
	if (connect(old, (struct sockaddr *)&abstract, sizeof abstract) == 0) {
		struct msghdr *msg = message(-1);
		char byte;
		if (recvmsg(old, msg, 0) != 1 || CMSG_FIRSTHDR(msg) == NULL)
			err(EXIT_FAILURE, "recvmsg");
		memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(msg)),
		       sizeof listener);
		if (send(old, "", 1, MSG_NOSIGNAL) != 1 ||
		    recv(old, &byte, 1, 0) != 0)
			err(EXIT_FAILURE, "the old one");
	} else {
		unlink(argv[1]);
		listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (bind(listener, (struct sockaddr *)&addr, sizeof addr) ==
			-1 ||
		    listen(listener, 100) == -1)
			err(EXIT_FAILURE, "bind");
	}
	close(old);
	add(listener, CLIENTS);
	int next = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (bind(next, (struct sockaddr *)&abstract, sizeof abstract) == -1 ||
	    listen(next, 1) == -1)
		err(EXIT_FAILURE, "bind");
	add(next, NEXT);
	if (puts("ready") == EOF || fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write");

	for (;;) {
		int clients = 0;
		for (int i = FIRST; i < PLACES; i++)
			clients += fds[i].fd != -1;
		if (fds[CLIENTS].fd == -1 && clients == 0)
			return EXIT_SUCCESS;
		if (poll(fds, PLACES, -1) == -1)
			err(EXIT_FAILURE, "poll");
		for (int i = FIRST; i < PLACES; i++)
			if (fds[i].fd != -1 && fds[i].revents != 0 &&
			    !serve(i, argv[2]))
				forget(i);
		if (fds[HEIR].fd != -1 && fds[HEIR].revents != 0) {
			char byte;
			if (recv(fds[HEIR].fd, &byte, 1, 0) == 1) {
				forget(CLIENTS);
				forget(NEXT);
			}
			forget(HEIR);
		}
		if (fds[NEXT].fd != -1 && fds[NEXT].revents != 0 &&
		    fds[HEIR].fd == -1) {
			add(accept(next, NULL, NULL), HEIR);
			(void)sendmsg(fds[HEIR].fd, message(listener),
				      MSG_NOSIGNAL);
		}
		if (fds[CLIENTS].fd != -1 && fds[CLIENTS].revents != 0) {
			int fd = accept(listener, NULL, NULL);
			if (fd != -1)
				add(fd, FIRST);
		}
	}
}
