// SPDX-License-Identifier: MIT
/*
 * ring.c - a ring of bytes in shared memory, which sleeps only if it must
 *
 * Four ideas make it fast. Head and tail are in cache lines of their own. Each
 * half keeps a private copy of the other's index, and looks at the real one
 * only when that copy says that the ring is full or empty. A half wakes its
 * peer only if the peer has said that it sleeps. And before a half sleeps, it
 * spins for about the cost of one wake-up, but only if its peer runs on another
 * core: a peer that waits for this core cannot go on meanwhile.
 *
 * See:    futex(2), sched_getcpu(3); 05-shm, robust/ring.h
 */
#define _GNU_SOURCE /* sched_getcpu, syscall */
#include "futex.h"
#include "mechanisms.h"
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RING_SIZE = 1 << 21, CHUNK = 1 << 13, SPINS = 1000, PAUSES = 100 };

/* What one half writes, and the other reads */
struct half {
	_Alignas(64) _Atomic uint64_t index; /* bytes ever put in, or taken */
	_Alignas(64) _Atomic uint32_t asleep;
	_Atomic int cpu; /* where it waited last */
};

struct ring {
	struct half half[2]; /* by enum end */
	_Alignas(64) char data[RING_SIZE];
};

static const char *open_ring(struct channel *c)
{
	return share(c, sizeof(struct ring)) == -1 ? "mmap" : NULL;
}

static void attach_ring(struct channel *c, enum end me)
{
	struct ring *shared = c->memory;
	shared->half[me].cpu = sched_getcpu();
}

/* The peer's index, once it is not old any more; at once if this half spins */
static uint64_t next_index(const struct channel *c, enum end me, uint64_t old)
{
	struct ring *shared = c->memory;
	struct half *mine = &shared->half[me], *peer = &shared->half[!me];
	uint64_t index =
	    atomic_load_explicit(&peer->index, memory_order_acquire);
	if (index != old)
		return index;
	/* Each look takes the cache line away from the peer, which writes it
	 * for each message. One look for many messages lets the peer work */
	for (int i = 0; i < PAUSES && !c->is_round_trip; i++)
		relax();
	if (c->is_spinning)
		return atomic_load_explicit(&peer->index, memory_order_acquire);

	mine->cpu = sched_getcpu();
	if (peer->cpu != mine->cpu)
		for (int i = 0; i < SPINS; i++, relax())
			if ((index = peer->index) != old)
				return index;
	/* Of two halves that each write one word, then read the other's, one
	 * sees the new value: the peer wakes this half, or this half goes on */
	mine->asleep = 1;
	while ((index = peer->index) == old && mine->asleep)
		if (syscall(SYS_futex, &mine->asleep, FUTEX_WAIT, 1, NULL) ==
			-1 &&
		    errno != EAGAIN && errno != EINTR)
			err(EXIT_FAILURE, "futex");
	mine->asleep = 0;
	return peer->index;
}

/* Show how far this half is. Wake a peer that sleeps, but a sender only when
 * half of the ring is free: for less, it would soon sleep again */
static void publish(const struct channel *c, enum end me, uint64_t index,
		    size_t used)
{
	struct ring *shared = c->memory;
	struct half *mine = &shared->half[me], *peer = &shared->half[!me];
	if (c->is_spinning) {
		atomic_store_explicit(&mine->index, index,
				      memory_order_release);
		return;
	}
	mine->index = index;
	if (!peer->asleep || (me == RECEIVER && used > RING_SIZE / 2))
		return;
	peer->asleep = 0;
	if (syscall(SYS_futex, &peer->asleep, FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex");
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Here and below, sent is the sender's index and received the receiver's: one
 * is this half's own, the other what it last knew */
static size_t send_ring(struct channel *c, const char *message, size_t size)
{
	struct ring *shared = c->memory;
	if (c->sent - c->received == RING_SIZE)
		c->received = next_index(c, SENDER, c->received);
	size_t start = c->sent % RING_SIZE;
	size_t n = least(RING_SIZE - (size_t)(c->sent - c->received), CHUNK);
	n = least(least(n, size), RING_SIZE - start);
	memcpy(shared->data + start, message, n);
	c->sent += n;
	publish(c, SENDER, c->sent, 0);
	return n;
}

static size_t receive_ring(struct channel *c, char *buf, size_t size)
{
	struct ring *shared = c->memory;
	if (c->sent == c->received)
		c->sent = next_index(c, RECEIVER, c->sent);
	size_t start = c->received % RING_SIZE;
	size_t n = least((size_t)(c->sent - c->received), CHUNK);
	n = least(least(n, size), RING_SIZE - start);
	memcpy(buf, shared->data + start, n);
	c->received += n;
	publish(c, RECEIVER, c->received, (size_t)(c->sent - c->received));
	return n;
}

const struct mechanism shm_ring = {
	.name = "ring",
	.chapter = "05-shm",
	.open = open_ring,
	.attach = attach_ring,
	.send = send_ring,
	.receive = receive_ring,
	.close = close_fds,
	.is_stream = 1,
};
