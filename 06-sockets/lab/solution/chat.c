// SPDX-License-Identifier: MIT
/*
 * chat.c - each line of a member reaches all others
 *
 * Build:  cc chat.c -o chat
 * Run:    ./chat serve PATH
 *         ./chat join PATH NAME
 * Exit:   0 the member has left; 1 a call or the peer failed; 2 usage
 * See:    unix(7), poll(2), accept(2), recv(2), send(2), shutdown(2); task chat
 *         of the lab
 *
 * Packets keep lines apart: each is a line that members print. The server
 * greets a new member with the packet "joined", all others are "NAME: TEXT".
 * None is empty: an empty packet would look like end-of-file.
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

enum { MEMBERS = 100, PACKET = 1100 };
static char packet[PACKET + 1]; /* and a NUL byte */

static void print(const char *line)
{
	if (puts(line) == EOF || fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
}

/* Never waits: a member whose buffer is full would keep all others waiting. It
 * loses this packet. A member that has died is found by poll */
static void offer(int fd, const char *text, size_t len)
{
	(void)send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static _Noreturn void serve(int listener)
{
	struct pollfd fds[1 + MEMBERS] = { { .fd = listener } };
	nfds_t count = 1;

	for (;;) {
		/* If there is no place, a new member waits until one leaves */
		fds[0].events = count <= MEMBERS ? POLLIN : 0;
		if (poll(fds, count, -1) == -1)
			err(EXIT_FAILURE, "poll");
		/* Downwards: the last one fills the gap of one that leaves */
		for (nfds_t i = count - 1; i > 0; i--) {
			if (fds[i].revents == 0)
				continue;
			ssize_t n = recv(fds[i].fd, packet, PACKET, 0);
			for (nfds_t j = 1; j < count && n > 0; j++)
				if (j != i)
					offer(fds[j].fd, packet, (size_t)n);
			if (n > 0)
				continue;
			close(fds[i].fd); /* best effort */
			fds[i] = fds[--count];
		}
		if (fds[0].revents == 0)
			continue;
		int fd = accept(listener, NULL, NULL);
		if (fd == -1)
			err(EXIT_FAILURE, "accept");
		fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
		offer(fd, "joined", strlen("joined"));
	}
}

/* Sends the next line of standard input; 0 if there is none */
static int send_line(int fd, const char *name)
{
	static char *line;
	static size_t size;

	if (getline(&line, &size, stdin) == -1) {
		if (ferror(stdin))
			err(EXIT_FAILURE, "read standard input");
		free(line);
		return 0;
	}
	line[strcspn(line, "\n")] = '\0';
	int n = snprintf(packet, PACKET, "%s: %s", name, line);
	if (n >= PACKET)
		errx(EXIT_FAILURE, "a line is too long");
	if (send(fd, packet, (size_t)n, MSG_NOSIGNAL) == -1)
		err(EXIT_FAILURE, "send");
	return 1;
}

static void take_part(int fd, const char *name)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };
	int has_left = 0;

	/* poll does not know of lines that stdio has read ahead */
	setvbuf(stdin, NULL, _IONBF, 0);
	while (poll(fds, has_left ? 1 : 2, -1) != -1) {
		if (!has_left && fds[1].revents != 0 && !send_line(fd, name)) {
			/* Then the server closes. If this end were closed with
			 * packets unread, the lines just sent could be lost */
			if (shutdown(fd, SHUT_WR) == -1)
				err(EXIT_FAILURE, "shutdown");
			has_left = 1;
		}
		if (fds[0].revents == 0)
			continue;
		ssize_t n = recv(fd, packet, PACKET, 0);
		if (n == 0 && has_left)
			return;
		if (n <= 0)
			errx(EXIT_FAILURE, "the server has ended");
		packet[n] = '\0';
		print(packet);
	}
	err(EXIT_FAILURE, "poll");
}

int main(int argc, char *argv[])
{
	int serves = argc == 3 && strcmp(argv[1], "serve") == 0;
	int joins = argc == 4 && strcmp(argv[1], "join") == 0;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if ((!serves && !joins) || strlen(argv[2]) >= sizeof addr.sun_path)
		errx(2, "usage: chat serve PATH, chat join PATH NAME");
	strcpy(addr.sun_path, argv[2]);

	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (joins) {
		if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
			err(EXIT_FAILURE, "connect %s", argv[2]);
		take_part(fd, argv[3]);
		return EXIT_SUCCESS;
	}
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) == -1 ||
	    listen(fd, SOMAXCONN) == -1)
		err(EXIT_FAILURE, "bind %s", argv[2]);
	print("ready");
	serve(fd);
}
