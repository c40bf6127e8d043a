// SPDX-License-Identifier: MIT
/*
 * tcp.c - a TCP connection over loopback
 *
 * In a round trip both directions use one connection: the answer carries the
 * acknowledgement, which would be a packet of its own otherwise. TCP_NODELAY
 * sends a small message at once. Without it, the last one of a run waits for
 * the acknowledgement of the one before, which the receiver delays by 40 ms.
 *
 * See:    tcp(7), ip(7), listen(2), connect(2); 06-sockets
 */
#include "mechanisms.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* The way back uses the connection of the way there, from its other end */
static const char *open_way_back(struct channel *c, const int there[2])
{
	c->fds[SENDER] = dup(there[RECEIVER]);
	c->fds[RECEIVER] = dup(there[SENDER]);
	return c->fds[SENDER] == -1 || c->fds[RECEIVER] == -1 ? "dup" : NULL;
}

/* On port 0 the kernel chooses a free port: no two runs want the same */
static const char *open_tcp(struct channel *c)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *where = (struct sockaddr *)&addr;
	socklen_t len = sizeof addr;
	int one = 1;
	static int there[2];
	if (c->is_way_back)
		return open_way_back(c, there);
	c->other_fd = socket(AF_INET, SOCK_STREAM, 0);
	c->fds[SENDER] = socket(AF_INET, SOCK_STREAM, 0);
	if (c->other_fd == -1 || c->fds[SENDER] == -1)
		return "socket";
	if (bind(c->other_fd, where, len) == -1 ||
	    listen(c->other_fd, 1) == -1 ||
	    getsockname(c->other_fd, where, &len) == -1)
		return "listen on 127.0.0.1";
	if (connect(c->fds[SENDER], where, len) == -1)
		return "connect to 127.0.0.1";
	if ((c->fds[RECEIVER] = accept(c->other_fd, NULL, NULL)) == -1)
		return "accept";
	for (int i = 0; i < 2; i++) {
		there[i] = c->fds[i];
		if (setsockopt(c->fds[i], IPPROTO_TCP, TCP_NODELAY, &one,
			       sizeof one) == -1)
			return "setsockopt TCP_NODELAY";
	}
	set_nonblocking(c, c->is_spinning);
	return NULL;
}

static size_t send_tcp(struct channel *c, const char *message, size_t size)
{
	return done("send", send(c->fds[SENDER], message, size, MSG_NOSIGNAL));
}

static size_t receive_tcp(struct channel *c, char *buf, size_t size)
{
	return done("recv", recv(c->fds[RECEIVER], buf, size, 0));
}

const struct mechanism tcp = {
	.name = "TCP",
	.chapter = "06-sockets",
	.open = open_tcp,
	.send = send_tcp,
	.receive = receive_tcp,
	.close = close_fds,
	.is_stream = 1,
};
