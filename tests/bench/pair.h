// SPDX-License-Identifier: MIT
/*
 * pair.h - two processes that work on the same thing, and the clock
 *
 * run_pair forks them, pins each to a processor, and waits. Whoever measures
 * writes the figures to shared memory.
 */
#ifndef PAIR_H
#define PAIR_H

#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { MAX_SAMPLES = 32768 };

/* What both processes see. The two balls are in cache lines of their own */
struct shared {
	pthread_barrier_t barrier;
	pid_t pids[2];
	uint64_t start;	      /* of a one-way run: the sender's clock */
	uint64_t elapsed;     /* of the warm-up, then of the run, in ns */
	uint64_t cpu_time[2]; /* of each process, in the run, in ns */
	uint64_t switches[2]; /* context switches likewise */
	double ruler[2];      /* one cache line there and back, in ns */
	size_t count;	      /* messages of the run */
	size_t batch;	      /* round trips of one sample */
	size_t samples;
	float sample[MAX_SAMPLES]; /* ns for one round trip */
	_Alignas(64) _Atomic uint32_t ball[2][32];
};

typedef void (*work_fn)(struct shared *, enum end, void *);

enum outcome { COMPLETE, FAILED, TIMED_OUT, INTERRUPTED };

extern struct shared *shared; /* one for all pairs, which run one by one */
extern int cpus[2];	      /* on the same core, both use cpus[0] */
extern int interrupted_by;    /* the signal */

/* Run work in two processes, as sender and as receiver, on cpus[0] and on it
 * or cpus[1]. If it takes longer than limit seconds, both are killed */
enum outcome run_pair(work_fn, void *, enum placement, unsigned limit);

/* Wait until both processes are here */
void meet(void);

/* Time one cache line there and back, many times: the shortest of ten parts,
 * because an interruption does not mean that the cores have moved */
void measure_ruler(int which, enum end);

void sort_samples(float *, size_t n);

/* Nearest rank: the smallest sample of which a share of all is not above. The
 * samples are sorted */
double percentile(const float *samples, size_t n, double share);

static inline uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
