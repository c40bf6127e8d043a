// SPDX-License-Identifier: MIT
/*
 * eventfd.c - two eventfds that count like semaphores, beside their slots
 *
 * See:    eventfd(2); 07-signals/lessons/eventfd_permits.c
 */
#include "mechanisms.h"
#include <sys/eventfd.h>
#include <unistd.h>

static const char *open_counter(struct channel *c, enum which which,
				unsigned value)
{
	/* EFD_SEMAPHORE: a read takes 1, not the whole count */
	c->fds[which] =
	    eventfd(value, EFD_SEMAPHORE | (c->is_spinning ? EFD_NONBLOCK : 0));
	return c->fds[which] == -1 ? "eventfd" : NULL;
}

static size_t down(struct channel *c, enum which which)
{
	uint64_t one;
	return done("read", read(c->fds[which], &one, sizeof one)) != 0;
}

static void up(struct channel *c, enum which which)
{
	uint64_t one = 1;
	done("write", write(c->fds[which], &one, sizeof one));
}

const struct mechanism event_fd = {
	.name = "eventfd",
	.chapter = "07-signals",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_counter,
		.down = down,
		.up = up,
	    },
};
