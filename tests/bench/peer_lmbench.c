// SPDX-License-Identifier: MIT
/*
 * peer_lmbench.c - the loops of lmbench's lat_pipe, lat_unix and lat_tcp
 *
 * lmbench prints the mean of round trips of one byte, between processes that
 * the scheduler places where it likes. Here both placements are measured apart.
 * lat_unix uses one pair of sockets for both directions, lat_tcp one
 * connection.
 */
#define _GNU_SOURCE /* pipe2 */
#include "mechanisms.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* By enum end: what that process writes to and reads from. A descriptor that
 * serves for both stands twice */
static int out[2], in[2], listener;

static void trips(enum end me, size_t count)
{
	char byte = 'x';
	for (size_t i = 0; i < count; i++) {
		if (me == SENDER && write(out[me], &byte, 1) != 1)
			err(EXIT_FAILURE, "write");
		if (read(in[me], &byte, 1) != 1)
			err(EXIT_FAILURE, "read");
		if (me == RECEIVER && write(out[me], &byte, 1) != 1)
			err(EXIT_FAILURE, "write");
	}
}

static void close_all(void)
{
	for (int i = 0; i < 2; i++) {
		close(out[i]);
		if (in[i] != out[i])
			close(in[i]);
	}
	if (listener != -1)
		close(listener);
	listener = -1;
}

static const char *open_pipes(void)
{
	int there[2], back[2];
	if (pipe(there) == -1 || pipe(back) == -1)
		return "pipe";
	listener = -1;
	out[SENDER] = there[1], in[RECEIVER] = there[0];
	out[RECEIVER] = back[1], in[SENDER] = back[0];
	return NULL;
}

static const char *open_unix(void)
{
	listener = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, out) == -1)
		return "socketpair";
	in[SENDER] = out[SENDER], in[RECEIVER] = out[RECEIVER];
	return NULL;
}

static const char *open_tcp(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *where = (struct sockaddr *)&addr;
	socklen_t len = sizeof addr;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	out[SENDER] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener == -1 || bind(listener, where, len) == -1 ||
	    listen(listener, 1) == -1 ||
	    getsockname(listener, where, &len) == -1 ||
	    connect(out[SENDER], where, len) == -1)
		return "connect to 127.0.0.1";
	out[RECEIVER] = accept(listener, NULL, NULL);
	in[SENDER] = out[SENDER], in[RECEIVER] = out[RECEIVER];
	return out[RECEIVER] == -1 ? "accept" : NULL;
}

const struct peer peer_lmbench_pipe = {
	.name = "lmbench lat_pipe",
	.source = "lmbench 3 src/lat_pipe.c",
	.is_round_trip = 1,
	.placements = 1 << SAME_CORE | 1 << TWO_CORES,
	.size = 1,
	.open = open_pipes,
	.loop = trips,
	.close = close_all,
};

const struct peer peer_lmbench_unix = {
	.name = "lmbench lat_unix",
	.source = "lmbench 3 src/lat_unix.c",
	.is_round_trip = 1,
	.placements = 1 << SAME_CORE | 1 << TWO_CORES,
	.size = 1,
	.open = open_unix,
	.loop = trips,
	.close = close_all,
};

const struct peer peer_lmbench_tcp = {
	.name = "lmbench lat_tcp",
	.source = "lmbench 3 src/lat_tcp.c",
	.is_round_trip = 1,
	.placements = 1 << SAME_CORE | 1 << TWO_CORES,
	.size = 1,
	.open = open_tcp,
	.loop = trips,
	.close = close_all,
};
