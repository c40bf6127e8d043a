// SPDX-License-Identifier: MIT
/*
 * peer_spsc.c - the algorithm of rigtorp/SPSCQueue, for messages of 64 bytes
 *
 * A ring of slots, one of which stays empty. The indices and the private copies
 * that each half keeps of the other's index stand in four cache lines. A half
 * that finds the ring full or empty looks again at once, without a pause.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "mechanisms.h"
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { SLOTS = 4097, SIZE = 64 };

struct queue {
	_Alignas(64) _Atomic size_t written;
	_Alignas(64) size_t known_read; /* the sender's */
	_Alignas(64) _Atomic size_t read;
	_Alignas(64) size_t known_written; /* the receiver's */
	_Alignas(64) char slots[SLOTS][SIZE];
};

static struct queue *queues; /* there, and back */

static const char *open_queues(void)
{
	queues = mmap(NULL, 2 * sizeof *queues, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return queues == MAP_FAILED ? "mmap" : NULL;
}

static void push(struct queue *q, const char *message)
{
	size_t index = atomic_load_explicit(&q->written, memory_order_relaxed);
	size_t next = index + 1 == SLOTS ? 0 : index + 1;
	while (next == q->known_read)
		q->known_read =
		    atomic_load_explicit(&q->read, memory_order_acquire);
	memcpy(q->slots[index], message, SIZE);
	atomic_store_explicit(&q->written, next, memory_order_release);
}

static void pop(struct queue *q, char *message)
{
	size_t index = atomic_load_explicit(&q->read, memory_order_relaxed);
	while (index == q->known_written)
		q->known_written =
		    atomic_load_explicit(&q->written, memory_order_acquire);
	memcpy(message, q->slots[index], SIZE);
	atomic_store_explicit(&q->read, index + 1 == SLOTS ? 0 : index + 1,
			      memory_order_release);
}

static void trips(enum end me, size_t count)
{
	uint64_t message[SIZE / sizeof(uint64_t)] = { 0 };
	for (size_t i = 0; i < count; i++) {
		message[0] = i;
		if (me == SENDER)
			push(&queues[0], (char *)message);
		pop(&queues[me == SENDER], (char *)message);
		if (me == RECEIVER)
			push(&queues[1], (char *)message);
		if (message[0] != i)
			errx(EXIT_FAILURE, "SPSCQueue: wrong message");
	}
}

static void one_way(enum end me, size_t count)
{
	uint64_t message[SIZE / sizeof(uint64_t)] = { 0 };
	for (size_t i = 0; i < count; i++) {
		message[0] = i;
		if (me == SENDER)
			push(&queues[0], (char *)message);
		else
			pop(&queues[0], (char *)message);
		if (message[0] != i)
			errx(EXIT_FAILURE, "SPSCQueue: wrong message");
	}
}

static void close_queues(void)
{
	if (queues != MAP_FAILED)
		munmap(queues, 2 * sizeof *queues);
}

const struct peer peer_spsc_trip = {
	.name = "SPSCQueue",
	.source = "rigtorp/SPSCQueue include/rigtorp/SPSCQueue.h",
	.is_round_trip = 1,
	.placements = 1 << SPINNING,
	.size = SIZE,
	.open = open_queues,
	.loop = trips,
	.close = close_queues,
};

const struct peer peer_spsc = {
	.name = "SPSCQueue",
	.source = "rigtorp/SPSCQueue include/rigtorp/SPSCQueue.h",
	.placements = 1 << SPINNING,
	.size = SIZE,
	.open = open_queues,
	.loop = one_way,
	.close = close_queues,
};
