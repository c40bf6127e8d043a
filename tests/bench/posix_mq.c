// SPDX-License-Identifier: MIT
/*
 * posix_mq.c - a POSIX message queue
 *
 * See:    mq_overview(7), mq_open(3), mq_send(3); 03-msgqueues
 */
#include "mechanisms.h"
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

/* One descriptor serves both ends. The name goes at once: a descriptor is
 * inherited, and nothing is left behind */
static const char *open_queue(struct channel *c)
{
	char name[32];
	snprintf(name, sizeof name, "/bench.%ld", (long)getpid());
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = (long)c->size };
	int flags = O_RDWR | O_CREAT | O_EXCL;
	if (c->is_spinning)
		flags |= O_NONBLOCK;
	mqd_t mqd = mq_open(name, flags, 0600, &attr);
	/* One queue has a limit (EINVAL), and all queues of a user together
	 * (EMFILE): then a shorter one */
	while (mqd == -1 && (errno == EMFILE || errno == EINVAL) &&
	       attr.mq_maxmsg > 1)
		mqd = mq_open(name, flags, 0600, (attr.mq_maxmsg /= 2, &attr));
	if (mqd == -1)
		return errno == EINVAL
			   ? "mq_open, above /proc/sys/fs/mqueue/msgsize_max"
		       : errno == EMFILE ? "mq_open, see ulimit -q"
					 : "mq_open";
	mq_unlink(name);
	c->fds[SENDER] = mqd;
	return NULL;
}

static size_t send_queue(struct channel *c, const char *message, size_t size)
{
	int result = mq_send(c->fds[SENDER], message, size, 0);
	return succeeded("mq_send", result) ? size : 0;
}

static size_t receive_queue(struct channel *c, char *buf, size_t size)
{
	return done("mq_receive", mq_receive(c->fds[SENDER], buf, size, NULL));
}

const struct mechanism posix_mq = {
	.name = "POSIX queue",
	.chapter = "03-msgqueues",
	.open = open_queue,
	.send = send_queue,
	.receive = receive_queue,
	.close = close_fds,
};
