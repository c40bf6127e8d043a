// SPDX-License-Identifier: MIT
/*
 * other.c - framed, with one process that polls, and a client that sends ahead
 *
 * Build:  cc other.c -o framed
 * Run:    ./framed serve
 *         ./framed send PORT <file
 * Exit:   0 each line was answered; 1 a call or the peer failed; 2 usage
 * See:    poll(2), accept4(2)
 */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 100, LONGEST = 65536 };

/* have bytes of a frame have arrived. Of an answer, done have been sent */
struct client {
	size_t have, done;
	unsigned char frame[4 + LONGEST];
};
static struct client *clients[CLIENTS];
static struct pollfd fds[CLIENTS];

static size_t text_of(const struct client *c)
{
	const unsigned char *f = c->frame;
	return (size_t)f[0] << 24 | (size_t)f[1] << 16 | (size_t)f[2] << 8 |
	       f[3];
}

/* 0: the client is to be dropped */
static int step(struct client *c, struct pollfd *p)
{
	if (p->events == POLLOUT) {
		ssize_t n = send(p->fd, c->frame + c->done, c->have - c->done,
				 MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN;
		c->done += (size_t)n;
		if (c->done == c->have) {
			c->have = c->done = 0;
			p->events = POLLIN;
		}
		return 1;
	}
	size_t want = c->have < 4 ? 4 : 4 + text_of(c);
	ssize_t n = recv(p->fd, c->frame + c->have, want - c->have, 0);
	if (n <= 0)
		return n == -1 && errno == EAGAIN;
	c->have += (size_t)n;
	if (c->have < 4)
		return 1;
	size_t len = text_of(c);
	if (len > LONGEST)
		return 0;
	if (c->have == 4 + len) {
		for (size_t i = 0; i < len / 2; i++) {
			unsigned char first = c->frame[4 + i];
			c->frame[4 + i] = c->frame[4 + len - 1 - i];
			c->frame[4 + len - 1 - i] = first;
		}
		p->events = POLLOUT;
	}
	return 1;
}

static _Noreturn void serve(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t size = sizeof addr;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* listen binds, too: to a port that the kernel chooses */
	if (listener == -1 || listen(listener, 10) == -1 ||
	    getsockname(listener, (struct sockaddr *)&addr, &size) == -1)
		err(EXIT_FAILURE, "listen");
	dprintf(1, "port %d\n", ntohs(addr.sin_port));
	for (int i = 0; i < CLIENTS; i++)
		fds[i].fd = -1;
	fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
	while (poll(fds, CLIENTS, -1) != -1) {
		for (int i = 1; i < CLIENTS; i++)
			if (fds[i].fd != -1 && fds[i].revents != 0 &&
			    !step(clients[i], &fds[i])) {
				close(fds[i].fd);
				free(clients[i]);
				fds[i].fd = -1;
			}
		for (int i = 1; i < CLIENTS && fds[0].revents != 0; i++)
			if (fds[i].fd == -1) {
				fds[i].fd = accept4(listener, NULL, NULL,
						    SOCK_NONBLOCK);
				fds[i].events = POLLIN;
				clients[i] = calloc(1, sizeof *clients[i]);
				if (clients[i] == NULL)
					err(EXIT_FAILURE, "calloc");
				break;
			}
	}
	err(EXIT_FAILURE, "poll");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		serve();
	if (argc != 3)
		errx(2, "usage: framed serve, framed send PORT <file");
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port =
					htons((uint16_t)atoi(argv[2])) };
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "connect");

	/* The child sends. Its status says whether it has sent everything; a
	 * pipe says how many answers the parent has to wait for */
	int sent[2];
	if (pipe(sent) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t pid = fork();
	if (pid == 0) {
		char *line = NULL;
		size_t size = 0;
		for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
			n -= line[n - 1] == '\n';
			uint32_t length = htonl((uint32_t)n);
			if (n > LONGEST)
				errx(EXIT_FAILURE, "a line is too long");
			if (send(fd, &length, 4, MSG_NOSIGNAL | MSG_MORE) !=
				4 ||
			    send(fd, line, (size_t)n, MSG_NOSIGNAL) != n ||
			    write(sent[1], "", 1) != 1)
				err(EXIT_FAILURE, "send");
		}
		free(line);
		exit(EXIT_SUCCESS);
	}
	close(sent[1]);
	FILE *in = fdopen(fd, "r");
	for (char c; read(sent[0], &c, 1) == 1;) {
		uint32_t length;
		static char text[LONGEST];
		if (fread(&length, 4, 1, in) != 1 ||
		    (length = ntohl(length)) > LONGEST ||
		    fread(text, 1, length, in) != length)
			errx(EXIT_FAILURE, "no whole answer");
		fwrite(text, 1, length, stdout);
		puts("");
		if (fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write");
	}
	fclose(in);
	int status;
	return waitpid(pid, &status, 0) == -1 || status != 0;
}
