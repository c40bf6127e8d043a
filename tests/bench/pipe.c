// SPDX-License-Identifier: MIT
/*
 * pipe.c - a pipe, as it is, and enlarged to 1 MiB
 *
 * See:    pipe(7), fcntl(2) F_SETPIPE_SZ; 01-pipes
 */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include "mechanisms.h"
#include <fcntl.h>
#include <unistd.h>

static const char *open_pipe(struct channel *c)
{
	int pfd[2];
	if (pipe2(pfd, c->is_spinning ? O_NONBLOCK : 0) == -1)
		return "pipe";
	c->fds[SENDER] = pfd[1];
	c->fds[RECEIVER] = pfd[0];
	return NULL;
}

/* A larger pipe needs fewer wake-ups for the same bytes */
static const char *open_large_pipe(struct channel *c)
{
	const char *failed = open_pipe(c);
	if (failed == NULL &&
	    fcntl(c->fds[SENDER], F_SETPIPE_SZ, LARGEST) == -1)
		failed = "fcntl F_SETPIPE_SZ";
	return failed;
}

static size_t send_pipe(struct channel *c, const char *message, size_t size)
{
	return done("write", write(c->fds[SENDER], message, size));
}

static size_t receive_pipe(struct channel *c, char *buf, size_t size)
{
	return done("read", read(c->fds[RECEIVER], buf, size));
}

const struct mechanism pipe_default = {
	.name = "pipe",
	.chapter = "01-pipes",
	.open = open_pipe,
	.send = send_pipe,
	.receive = receive_pipe,
	.close = close_fds,
	.is_stream = 1,
};

const struct mechanism pipe_large = {
	.name = "pipe 1 MiB",
	.chapter = "01-pipes",
	.open = open_large_pipe,
	.send = send_pipe,
	.receive = receive_pipe,
	.close = close_fds,
	.is_stream = 1,
};
