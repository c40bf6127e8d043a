// SPDX-License-Identifier: MIT
/*
 * unix.c - a pair of connected Unix sockets of each type
 *
 * A channel uses its pair in one direction only. So a round trip has two pairs,
 * and that spares a context switch: a socket that the peer still holds locked
 * for its own receive is not the one that it is sent to.
 *
 * See:    unix(7), socketpair(2), socket(7) SO_SNDBUF; 06-sockets
 */
#define _GNU_SOURCE /* SO_SNDBUFFORCE */
#include "mechanisms.h"
#include <sys/socket.h>

/* A message is sent as a whole, so its size is limited by SO_SNDBUF, which the
 * kernel doubles, and limits by net.core.wmem_max unless root forces it */
static const char *open_pair(struct channel *c, int type)
{
	int size = (int)c->size + PAGE;
	if (c->is_spinning)
		type |= SOCK_NONBLOCK;
	if (socketpair(AF_UNIX, type, 0, c->fds) == -1)
		return "socketpair";
	if (c->mechanism->is_stream || c->size <= 65536)
		return NULL;
	if (setsockopt(c->fds[SENDER], SOL_SOCKET, SO_SNDBUFFORCE, &size,
		       sizeof size) == -1 &&
	    setsockopt(c->fds[SENDER], SOL_SOCKET, SO_SNDBUF, &size,
		       sizeof size) == -1)
		return "setsockopt SO_SNDBUF";
	int given;
	socklen_t len = sizeof given;
	if (getsockopt(c->fds[SENDER], SOL_SOCKET, SO_SNDBUF, &given, &len) ==
	    -1)
		return "getsockopt SO_SNDBUF";
	errno = EMSGSIZE;
	return given < 2 * size ? "SO_SNDBUF, above net.core.wmem_max" : NULL;
}

static const char *open_stream(struct channel *c)
{
	return open_pair(c, SOCK_STREAM);
}

static const char *open_dgram(struct channel *c)
{
	return open_pair(c, SOCK_DGRAM);
}

static const char *open_seqpacket(struct channel *c)
{
	return open_pair(c, SOCK_SEQPACKET);
}

static size_t send_socket(struct channel *c, const char *message, size_t size)
{
	return done("send", send(c->fds[SENDER], message, size, MSG_NOSIGNAL));
}

static size_t receive_socket(struct channel *c, char *buf, size_t size)
{
	return done("recv", recv(c->fds[RECEIVER], buf, size, 0));
}

const struct mechanism unix_stream = {
	.name = "Unix stream",
	.chapter = "06-sockets",
	.open = open_stream,
	.send = send_socket,
	.receive = receive_socket,
	.close = close_fds,
	.is_stream = 1,
};

const struct mechanism unix_dgram = {
	.name = "Unix dgram",
	.chapter = "06-sockets",
	.open = open_dgram,
	.send = send_socket,
	.receive = receive_socket,
	.close = close_fds,
};

const struct mechanism unix_seqpacket = {
	.name = "Unix seqpacket",
	.chapter = "06-sockets",
	.open = open_seqpacket,
	.send = send_socket,
	.receive = receive_socket,
	.close = close_fds,
};
