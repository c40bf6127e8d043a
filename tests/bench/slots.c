// SPDX-License-Identifier: MIT
/*
 * slots.c - slots in shared memory, for counters, which carry no bytes
 *
 * As in chapters 04 and 05: FULL counts the slots that hold a message, FREE
 * those that may be filled. Both halves use the slots in turn. A message is
 * copied in and copied out, as by the mechanisms that carry bytes.
 */
#include "bench.h"
#include <string.h>

enum { SLOTS_SIZE = LARGEST, MOST_SLOTS = 64 };

static size_t number_of_slots(const struct channel *c)
{
	size_t n = SLOTS_SIZE / c->size;
	return n < 2 ? 2 : n > MOST_SLOTS ? MOST_SLOTS : n;
}

static char *slot(struct channel *c, uint64_t n)
{
	return (char *)c->memory + PAGE + n % number_of_slots(c) * c->size;
}

/* The first page of the memory is the counters', each in its cache lines */
void *counter_memory(struct channel *c, enum which which)
{
	return (char *)c->memory + which * PAGE / 2;
}

const char *open_slots(struct channel *c)
{
	unsigned n = (unsigned)number_of_slots(c);
	if (share(c, PAGE + n * c->size) == -1)
		return "mmap";
	const char *failed = c->mechanism->counter->open(c, FREE, n);
	return failed != NULL ? failed
			      : c->mechanism->counter->open(c, FULL, 0);
}

void attach_slots(struct channel *c, enum end end)
{
	if (c->mechanism->counter->attach != NULL)
		c->mechanism->counter->attach(c, end);
}

size_t send_slots(struct channel *c, const char *message, size_t size)
{
	if (!c->is_round_trip && c->mechanism->counter->down(c, FREE) == 0)
		return 0;
	memcpy(slot(c, c->sent++), message, size);
	c->mechanism->counter->up(c, FULL);
	return size;
}

size_t receive_slots(struct channel *c, char *buf, size_t size)
{
	if (c->mechanism->counter->down(c, FULL) == 0)
		return 0;
	memcpy(buf, slot(c, c->received++), size);
	if (!c->is_round_trip)
		c->mechanism->counter->up(c, FREE);
	return size;
}

void close_slots(struct channel *c)
{
	if (c->mechanism->counter->close != NULL)
		c->mechanism->counter->close(c);
	close_fds(c);
}
