// SPDX-License-Identifier: MIT
/*
 * measure.h - one figure of the table, and how it is measured
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "pair.h"

struct cell {
	const struct peer *peer;    /* NULL: a mechanism, on these channels */
	struct channel channels[2]; /* there, and back */
	enum placement placement;
	int is_round_trip; /* else one way */
	uint64_t time;	   /* that a run is to take, in ns */
};

/* To run_pair: measure the cell, with figures in shared */
void measure_cell(struct shared *, enum end, void *cell);
/* Before the first cell: make the messages */
void fill_pattern(void);

#endif
