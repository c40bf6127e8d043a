// SPDX-License-Identifier: MIT
/*
 * handover.c - a server that its successor replaces without losing a client
 *
 * Build:  cc handover.c -o handover
 * Run:    ./handover PATH NAME
 * Exit:   0 replaced, and its clients have left; 1 a call failed; 2 usage
 * See:    unix(7), sendmsg(2), recvmsg(2), cmsg(3), poll(2); task handover of
 *         the lab
 *
 * A successor connects to PATH.next, and gets both listeners. It sends a byte
 * when it has them. Then this process closes its own, and after that the
 * connection: the successor is alone.
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

enum { CLIENTS, NEXT, LISTENERS };
static int listener[LISTENERS];
static struct sockaddr_un addr[LISTENERS];

/* One byte of data, which a message needs, and two descriptors */
static union {
	struct cmsghdr header; /* for the alignment */
	char space[CMSG_SPACE(sizeof listener)];
} control;
static struct iovec iov = { .iov_base = (char[]){ '!' }, .iov_len = 1 };
static struct msghdr msg = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof control };

static int hand_over(void)
{
	int fd = accept(listener[NEXT], NULL, NULL);
	if (fd == -1)
		err(EXIT_FAILURE, "accept");
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof listener);
	memcpy(CMSG_DATA(&control.header), listener, sizeof listener);
	/* That it was sent does not mean that the successor has it. If it dies
	 * before, this server goes on, since it has its listeners still */
	char byte;
	int is_received =
	    sendmsg(fd, &msg, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1;
	if (is_received &&
	    (close(listener[CLIENTS]) == -1 || close(listener[NEXT]) == -1))
		err(EXIT_FAILURE, "close");
	close(fd); /* not before: see take_over */
	return is_received;
}

static void take_over(int fd)
{
	char byte;
	if (recvmsg(fd, &msg, 0) != 1 || CMSG_FIRSTHDR(&msg) == NULL ||
	    control.header.cmsg_len != CMSG_LEN(sizeof listener))
		errx(EXIT_FAILURE, "no listeners have arrived");
	memcpy(listener, CMSG_DATA(&control.header), sizeof listener);
	if (send(fd, "!", 1, MSG_NOSIGNAL) == -1)
		err(EXIT_FAILURE, "send");
	/* The end of the connection: the other one accepts no more */
	if (recv(fd, &byte, 1, 0) == -1)
		err(EXIT_FAILURE, "recv");
	close(fd); /* best effort */
}

/* Nobody listens at these files, if they exist: their server was killed */
static void begin(int unused)
{
	close(unused); /* best effort */
	for (int i = 0; i < LISTENERS; i++) {
		unlink(addr[i].sun_path); /* it may not exist */
		listener[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		if (listener[i] == -1 ||
		    bind(listener[i], (struct sockaddr *)&addr[i],
			 sizeof addr[i]) == -1 ||
		    listen(listener[i], SOMAXCONN) == -1)
			err(EXIT_FAILURE, "bind %s", addr[i].sun_path);
	}
}

/* In a child of its own: it stays until its client leaves. With the listeners,
 * it would keep new servers from seeing that nobody accepts any more */
static _Noreturn void answer(int fd, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	FILE *in = fdopen(fd, "r");

	close(listener[CLIENTS]); /* best effort */
	close(listener[NEXT]);	  /* best effort */
	while (in != NULL && getline(&line, &size, in) > 0)
		if (dprintf(fd, "%s: %s", name, line) < 0)
			break;
	_exit(EXIT_SUCCESS);
}

static void serve_one(const char *name)
{
	int fd = accept(listener[CLIENTS], NULL, NULL);
	if (fd == -1)
		err(EXIT_FAILURE, "accept");
	pid_t pid = fork();
	if (pid == 0)
		answer(fd, name);
	if (pid == -1)
		warn("fork");
	close(fd); /* the child has its own */
}

int main(int argc, char *argv[])
{
	if (argc != 3 || strlen(argv[1]) + 5 >= sizeof addr[0].sun_path)
		errx(2, "usage: handover PATH NAME");
	const char *path = argv[1], *name = argv[2];
	addr[CLIENTS].sun_family = addr[NEXT].sun_family = AF_UNIX;
	strcpy(addr[CLIENTS].sun_path, path);
	sprintf(addr[NEXT].sun_path, "%s.next", path);

	int old = socket(AF_UNIX, SOCK_STREAM, 0);
	if (old == -1)
		err(EXIT_FAILURE, "socket");
	if (connect(old, (struct sockaddr *)&addr[NEXT], sizeof addr[NEXT]) ==
	    0)
		take_over(old);
	else if (errno == ENOENT || errno == ECONNREFUSED)
		begin(old);
	else
		err(EXIT_FAILURE, "connect %s", addr[NEXT].sun_path);
	if (puts("ready") == EOF || fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");

	/* SIG_IGN: no child becomes a zombie */
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	struct pollfd fds[] = { { .fd = listener[CLIENTS], .events = POLLIN },
				{ .fd = listener[NEXT], .events = POLLIN } };
	do {
		if (poll(fds, LISTENERS, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (fds[CLIENTS].revents != 0)
			serve_one(name);
	} while (fds[NEXT].revents == 0 || !hand_over());
	while (wait(NULL) != -1)
		;
	return EXIT_SUCCESS;
}
