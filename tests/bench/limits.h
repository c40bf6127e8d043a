// SPDX-License-Identifier: MIT
/*
 * limits.h - what no mechanism can beat on this machine
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "pair.h"

enum limit {
	SYSTEM_CALL, /* ns: one that does nothing */
	CLOCK,	     /* ns: reading the clock */
	RESOLUTION,  /* ns: the smallest step of the clock */
	YIELD,	     /* ns: two processes on one core, there and back */
	WAKE_UP,     /* ns: two futexes on two cores, there and back */
	CACHE_LINE,  /* ns: one cache line between two cores, there and back */
	MEMCPY,	     /* bytes/s: one core; one limit for each size */
	SIMPLE_LIMITS = MEMCPY,
};

struct limit_kind {
	const char *name, *unit;
	int needs_two_cores;
};
extern const struct limit_kind limit_kinds[];

/* Measure one limit for about time ns; size is for MEMCPY */
enum outcome measure_limit(enum limit, size_t size, uint64_t time,
			   double *value);

#endif
