// SPDX-License-Identifier: MIT
/*
 * limits.c - measure what no mechanism can beat on this machine
 *
 * See:    clock_gettime(2), sched_yield(2), futex(2), memcpy(3)
 */
#define _GNU_SOURCE /* syscall */
#include "limits.h"
#include "futex.h"
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct limit_kind limit_kinds[] = {
	[SYSTEM_CALL] = { "system call", "ns", 0 },
	[CLOCK] = { "clock", "ns", 0 },
	[RESOLUTION] = { "clock resolution", "ns", 0 },
	[YIELD] = { "sched_yield round trip", "ns", 0 },
	[WAKE_UP] = { "wake-up round trip", "ns", 1 },
	[CACHE_LINE] = { "cache line round trip", "ns", 1 },
	[MEMCPY] = { "memcpy", "bytes/s", 0 },
};

enum { FEW = 100 };

static void call_system(void)
{
	for (int i = 0; i < FEW; i++)
		syscall(SYS_getppid);
}

static void read_clock(void)
{
	for (int i = 0; i < FEW; i++)
		now();
}

static size_t copy_size;
static _Alignas(PAGE) char from[LARGEST], to[LARGEST];

static void copy(void)
{
	for (int i = 0; i < FEW; i++) {
		memcpy(to, from, copy_size);
		/* The compiler must not leave a copy out */
		__asm__ volatile("" : : "r"(to) : "memory");
	}
}

/* ns for one of what once does FEW times; a fifth of the time is warm-up */
static double time_of(void (*once)(void), uint64_t time)
{
	uint64_t start = now(), loops = 0;
	while (now() - start < time / 5)
		once();
	start = now();
	uint64_t end = start;
	for (; end - start < time; end = now(), loops++)
		once();
	return (double)(end - start) / (double)loops / FEW;
}

static double clock_step(void)
{
	uint64_t smallest = UINT64_MAX;
	for (uint64_t i = 0, before = now(), after; i < 10000; i++) {
		after = now();
		if (after != before && after - before < smallest)
			smallest = after - before;
		before = after;
	}
	return (double)smallest;
}

/* Wait until the peer's word has this value, by limit: YIELD or WAKE_UP */
static void await(_Atomic uint32_t *word, uint32_t value, enum limit limit)
{
	while (*word != value)
		if (limit == YIELD)
			sched_yield();
		else if (syscall(SYS_futex, word, FUTEX_WAIT, value - 1,
				 NULL) == -1 &&
			 errno != EAGAIN)
			err(EXIT_FAILURE, "futex");
}

static void play_trips(struct shared *s, enum end end, enum limit limit)
{
	_Atomic uint32_t *mine = &s->ball[end][0], *other = &s->ball[!end][0];
	*mine = 0;
	meet();
	uint64_t start = now(), then = start;
	size_t samples = 0;
	for (uint32_t i = 1; i <= s->count; i++) {
		if (end == RECEIVER)
			await(other, i, limit);
		*mine = i;
		if (limit == WAKE_UP)
			syscall(SYS_futex, mine, FUTEX_WAKE, 1);
		if (end == RECEIVER)
			continue;
		await(other, i, limit);
		uint64_t time = now();
		if (samples < MAX_SAMPLES)
			s->sample[samples++] = (float)(time - then);
		then = time;
	}
	if (end == SENDER) {
		s->elapsed = then - start;
		s->samples = samples;
	}
	meet();
}

struct game {
	enum limit limit; /* YIELD or WAKE_UP */
	uint64_t time;	  /* ns, for all trips */
};

/* Only time ends it, not a number of trips: a trip takes 1000 times as long
 * where other programs use the core. What comes before the last is warm-up */
static void play(struct shared *s, enum end end, void *arg)
{
	const struct game *game = arg;
	while (s->elapsed < game->time / 2) {
		if (end == SENDER)
			s->count *= 2;
		meet();
		play_trips(s, end, game->limit);
	}
}

static void play_ruler(struct shared *s, enum end end, void *arg)
{
	(void)s;
	(void)arg;
	measure_ruler(0, end);
	measure_ruler(0, end); /* the first was warm-up */
}

enum outcome measure_limit(enum limit limit, size_t size, uint64_t time,
			   double *value)
{
	enum outcome outcome;
	switch (limit) {
	case SYSTEM_CALL:
		*value = time_of(call_system, time);
		return COMPLETE;
	case CLOCK:
		*value = time_of(read_clock, time);
		return COMPLETE;
	case RESOLUTION:
		*value = clock_step();
		return COMPLETE;
	case MEMCPY:
		copy_size = size;
		*value = (double)size * 1e9 / time_of(copy, time);
		return COMPLETE;
	case CACHE_LINE:
		outcome = run_pair(play_ruler, NULL, TWO_CORES, 5);
		*value = shared->ruler[0];
		return outcome;
	case YIELD:
	case WAKE_UP:
		break;
	}
	struct game game = { .limit = limit, .time = time };
	shared->elapsed = 0;
	shared->count = 8;
	outcome =
	    run_pair(play, &game, limit == YIELD ? SAME_CORE : TWO_CORES, 5);
	if (outcome == COMPLETE) {
		sort_samples(shared->sample, shared->samples);
		*value = percentile(shared->sample, shared->samples, 0.5);
	}
	return outcome;
}
