// SPDX-License-Identifier: MIT
/*
 * measure.c - the two loops that measure every mechanism
 *
 * round_trips: a message goes there by one channel and comes back by another.
 * Every trip is a sample. Where a trip takes less than 300 ns, reading the
 * clock would weigh too much: then one sample is the mean of BATCH trips.
 *
 * one_way: the sender sends as fast as it can. The receiver's clock ends the
 * run when the last message has arrived.
 *
 * Both warm up, for a fifth of the time. All bytes of the warm-up are
 * compared; of the run, each message's number.
 */
#define _GNU_SOURCE
#include "measure.h"
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BATCH = 100, SHORT_TRIP = 300, READ_SIZE = 65536 };

/* A shorter warm-up can lie within one time slice, and predicts nothing */
enum { LEAST_WARM_UP = 2000000 }; /* ns */

static _Alignas(PAGE) char pattern[LARGEST], outgoing[LARGEST],
    arrived[LARGEST];

void fill_message(char *message, size_t size)
{
	memcpy(message, pattern, size);
}

/* Pseudo-random, so that no two places look alike */
void fill_pattern(void)
{
	uint32_t x = 1;
	for (size_t i = 0; i < LARGEST; i++) {
		x = x * 1664525 + 1013904223;
		pattern[i] = (char)(x >> 24);
	}
	fill_message(outgoing, LARGEST);
}

/* The first 8 bytes of a message are its number, the others the pattern */
static const char *make_message(struct channel *c, uint64_t number)
{
	const struct mechanism *m = c->mechanism;
	char *message = m->next != NULL ? m->next(c) : c->message;
	memcpy(message, &number, sizeof number);
	return message;
}

static void send_message(struct channel *c, uint64_t number)
{
	const char *message = make_message(c, number);
	for (size_t n, done = 0; done < c->size; done += n)
		if ((n = c->mechanism->send(c, message + done,
					    c->size - done)) == 0)
			relax();
}

/* n bytes of the stream of messages, from position on, are what was sent */
static void check(const struct channel *c, const char *buf, size_t n,
		  uint64_t position, int is_thorough)
{
	size_t offset = (size_t)(position % c->size); /* within its message */
	uint64_t number = position / c->size, found;
	for (size_t i = 0; i < n; number++) {
		size_t here =
		    c->size - offset < n - i ? c->size - offset : n - i;
		if (offset == 0 && here >= sizeof found) {
			memcpy(&found, buf + i, sizeof found);
			if (found != number)
				errx(EXIT_FAILURE, "%s: message %ju, not %ju",
				     c->mechanism->name, (uintmax_t)found,
				     (uintmax_t)number);
		}
		size_t skip = offset < sizeof found ? sizeof found - offset : 0;
		if (is_thorough && here > skip &&
		    memcmp(buf + i + skip, pattern + offset + skip,
			   here - skip) != 0)
			errx(EXIT_FAILURE, "%s: wrong bytes in message %ju",
			     c->mechanism->name, (uintmax_t)number);
		i += here;
		offset = 0;
	}
}

/* Receive bytes of messages from number first on */
static void receive_messages(struct channel *c, uint64_t first, uint64_t count,
			     int is_warm_up)
{
	int is_seen = is_warm_up || !c->mechanism->is_unseen;
	c->is_warm_up = is_warm_up;
	uint64_t position = first * c->size, end = (first + count) * c->size;
	size_t size = c->size;
	if (c->mechanism->is_stream && size < READ_SIZE && !c->is_round_trip)
		size = READ_SIZE;
	while (position < end) {
		if (size > end - position)
			size = (size_t)(end - position);
		size_t n = c->mechanism->receive(c, arrived, size);
		if (n == 0)
			relax();
		if (is_seen)
			check(c, arrived, n, position, is_warm_up);
		position += n;
	}
}

static uint64_t cpu_time(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t switches(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw;
}

/* count trips with messages from number first on */
static void round_trips(struct cell *cell, enum end end, uint64_t first,
			uint64_t count, int is_warm_up)
{
	struct channel *out = &cell->channels[end == RECEIVER];
	struct channel *in = &cell->channels[end == SENDER];
	size_t batch = shared->batch, samples = 0;
	uint64_t start = now(), then = start;
	for (uint64_t i = first, left = batch; i < first + count; i++) {
		if (end == SENDER)
			send_message(out, i);
		receive_messages(in, i, 1, is_warm_up);
		if (end == RECEIVER)
			send_message(out, i);
		if (end == SENDER && !is_warm_up && --left == 0) {
			uint64_t time = now();
			shared->sample[samples++] =
			    (float)(time - then) / (float)batch;
			then = time;
			left = batch;
		}
	}
	if (end == SENDER) {
		shared->elapsed = now() - start;
		shared->samples = samples;
	}
}

static void one_way(struct cell *cell, enum end end, uint64_t first,
		    uint64_t count, int is_warm_up)
{
	struct channel *c = &cell->channels[0];
	if (end == SENDER) {
		shared->start = now();
		for (uint64_t i = first; i < first + count; i++)
			send_message(c, i);
	} else {
		receive_messages(c, first, count, is_warm_up);
		shared->elapsed = now() - shared->start;
	}
}

/* A round trip is a sample here, too: a mean and a median do not compare */
static void run_peer(const struct peer *peer, enum end end, size_t count)
{
	size_t step = peer->is_round_trip ? shared->batch : count;
	uint64_t then = now();
	if (end == SENDER) {
		shared->samples = 0;
		shared->start = then;
	}
	for (size_t done = 0; done < count; done += step) {
		peer->loop(end, step);
		if (end == SENDER && shared->samples < MAX_SAMPLES) {
			uint64_t time = now();
			shared->sample[shared->samples++] =
			    (float)(time - then) / (float)step;
			then = time;
		}
	}
	if (end == (peer->is_round_trip ? SENDER : RECEIVER))
		shared->elapsed = now() - shared->start;
}

static void run(struct cell *cell, enum end end, uint64_t first, uint64_t count,
		int is_warm_up)
{
	meet();
	uint64_t cpu = cpu_time(), switched = switches();
	if (cell->peer != NULL)
		run_peer(cell->peer, end, (size_t)count);
	else if (cell->is_round_trip)
		round_trips(cell, end, first, count, is_warm_up);
	else
		one_way(cell, end, first, count, is_warm_up);
	shared->cpu_time[end] = cpu_time() - cpu;
	shared->switches[end] = switches() - switched;
	meet();
}

/* From what the warm-up has shown: how many messages, and how many a sample */
static void plan(const struct cell *cell, uint64_t warm_up_count)
{
	double message = (double)shared->elapsed / (double)warm_up_count;
	double count = (double)cell->time / message;
	shared->batch = message < SHORT_TRIP && cell->is_round_trip ? BATCH : 1;
	size_t most =
	    cell->is_round_trip ? MAX_SAMPLES * shared->batch : SIZE_MAX;
	shared->count = count < (double)most ? (size_t)count : most;
	shared->count -= shared->count % shared->batch;
	if (shared->count < shared->batch)
		shared->count = shared->batch;
}

/* A warm-up of so many messages was too short: how many the next has. Doubling
 * alone would take as long as the run that is measured */
static uint64_t next_count(uint64_t count, uint64_t warm_up)
{
	uint64_t factor = warm_up * 5 / 4 / (shared->elapsed + 1);
	return count * (factor < 2 ? 2 : factor > 10 ? 10 : factor);
}

void measure_cell(struct shared *memory, enum end end, void *arg)
{
	struct cell *cell = arg;
	memory->batch = 1;
	for (int i = 0; cell->peer == NULL && i <= cell->is_round_trip; i++) {
		struct channel *c = &cell->channels[i];
		c->message = outgoing;
		c->pids[SENDER] = memory->pids[i ? RECEIVER : SENDER];
		c->pids[RECEIVER] = memory->pids[i ? SENDER : RECEIVER];
		if (c->mechanism->attach != NULL)
			c->mechanism->attach(c, i ? !end : end);
	}
	if (cell->placement != SAME_CORE)
		measure_ruler(0, end);

	uint64_t first = 0, warm_up = cell->time / 5;
	if (warm_up < LEAST_WARM_UP)
		warm_up = LEAST_WARM_UP;
	for (uint64_t count = 4;; count = next_count(count, warm_up)) {
		run(cell, end, first, count, 1);
		first += count;
		if (memory->elapsed >= warm_up) {
			if (end == SENDER)
				plan(cell, count);
			break;
		}
	}
	meet();
	run(cell, end, first, memory->count, 0);
	if (cell->placement != SAME_CORE)
		measure_ruler(1, end);
}
