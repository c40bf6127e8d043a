// SPDX-License-Identifier: MIT
/*
 * fifo.c - a FIFO: a pipe with a name, which both halves open
 *
 * See:    fifo(7), mkfifo(3), open(2); 02-fifos
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "mechanisms.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a FIFO that is open at both ends nobody needs the name any more */
static const char *open_fifo(struct channel *c)
{
	char folder[] = "/tmp/bench.XXXXXX", path[sizeof folder + 5];
	if (mkdtemp(folder) == NULL)
		return "mkdtemp";
	snprintf(path, sizeof path, "%s/fifo", folder);

	const char *failed = NULL;
	if (mkfifo(path, 0600) == -1)
		failed = "mkfifo";
	/* A nonblocking open to read does not wait for a writer */
	else if ((c->fds[RECEIVER] = open(path, O_RDONLY | O_NONBLOCK)) == -1 ||
		 (c->fds[SENDER] = open(path, O_WRONLY)) == -1)
		failed = "open";
	int error = errno;
	unlink(path);
	rmdir(folder);
	errno = error;
	if (failed == NULL)
		set_nonblocking(c, c->is_spinning);
	return failed;
}

static size_t send_fifo(struct channel *c, const char *message, size_t size)
{
	return done("write", write(c->fds[SENDER], message, size));
}

static size_t receive_fifo(struct channel *c, char *buf, size_t size)
{
	return done("read", read(c->fds[RECEIVER], buf, size));
}

const struct mechanism fifo = {
	.name = "FIFO",
	.chapter = "02-fifos",
	.open = open_fifo,
	.send = send_fifo,
	.receive = receive_fifo,
	.close = close_fds,
	.is_stream = 1,
};
