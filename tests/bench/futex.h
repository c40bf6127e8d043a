// SPDX-License-Identifier: MIT
/*
 * futex.h - what ring.c and limits.c need to call futex(2), and the counter of
 *           futex.c, which vm_readv.c uses, too
 */
#ifndef FUTEX_H
#define FUTEX_H

#include "bench.h"

enum { FUTEX_WAIT, FUTEX_WAKE }; /* some C libraries lack <linux/futex.h> */

const char *open_futex(struct channel *, enum which, unsigned value);
size_t down_futex(struct channel *, enum which);
void up_futex(struct channel *, enum which);

#endif
