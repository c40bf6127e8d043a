// SPDX-License-Identifier: MIT
/*
 * udp.c - datagrams over loopback, with a window, so that none is lost
 *
 * UDP has no flow control: what does not fit into the receiver's buffer is
 * dropped. So the sender has at most a window of datagrams on their way, and
 * the receiver acknowledges each half of a window by an empty datagram. In a
 * round trip there is only one on its way.
 *
 * See:    udp(7), socket(7) SO_RCVBUF; 06-sockets/lessons/udp_window.c
 */
#include "mechanisms.h"
#include <netinet/in.h>
#include <sys/socket.h>

/* SO_RCVBUF, 212992 bytes by default, also counts the kernel's own data on each
 * datagram: together less than twice its size and 1024 bytes. What has been
 * read is given back only when it is a quarter of the buffer: three are left */
static const char *choose_window(struct channel *c)
{
	int size;
	socklen_t len = sizeof size;
	if (getsockopt(c->fds[RECEIVER], SOL_SOCKET, SO_RCVBUF, &size, &len) ==
	    -1)
		return "getsockopt SO_RCVBUF";
	uint64_t n = (uint64_t)size * 3 / 4 / (2 * c->size + 1024);
	c->window = n > 32 ? 32 : n / 2 * 2; /* even: halves are acknowledged */
	errno = EMSGSIZE;
	return c->window == 0 ? "SO_RCVBUF, above net.core.rmem_default" : NULL;
}

static const char *open_udp(struct channel *c)
{
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in addr = { .sin_family = AF_INET,
					    .sin_addr.s_addr =
						htonl(INADDR_LOOPBACK) };
		c->fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (c->fds[i] == -1)
			return "socket";
		if (bind(c->fds[i], (struct sockaddr *)&addr, sizeof addr) ==
		    -1)
			return "bind to 127.0.0.1";
	}
	/* Connected to each other: no address is looked at any more */
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in addr;
		socklen_t len = sizeof addr;
		if (getsockname(c->fds[!i], (struct sockaddr *)&addr, &len) ==
		    -1)
			return "getsockname";
		if (connect(c->fds[i], (struct sockaddr *)&addr, len) == -1)
			return "connect to 127.0.0.1";
	}
	set_nonblocking(c, c->is_spinning);
	return choose_window(c);
}

static size_t send_udp(struct channel *c, const char *message, size_t size)
{
	char nothing;
	if (!c->is_round_trip && c->sent - c->received == c->window) {
		ssize_t n = recv(c->fds[SENDER], &nothing, sizeof nothing, 0);
		if (n == -1)
			return done("recv", n);
		c->received += c->window / 2;
	}
	size_t n = done("send", send(c->fds[SENDER], message, size, 0));
	c->sent += n > 0;
	return n;
}

static size_t receive_udp(struct channel *c, char *buf, size_t size)
{
	size_t n = done("recv", recv(c->fds[RECEIVER], buf, size, 0));
	if (n > 0 && !c->is_round_trip &&
	    ++c->received % (c->window / 2) == 0 &&
	    send(c->fds[RECEIVER], "", 0, 0) == -1)
		err(EXIT_FAILURE, "send");
	return n;
}

const struct mechanism udp = {
	.name = "UDP",
	.chapter = "06-sockets",
	.open = open_udp,
	.send = send_udp,
	.receive = receive_udp,
	.close = close_fds,
	.largest = 65507, /* 65535 without the headers of IP and UDP */
};
