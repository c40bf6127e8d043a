// SPDX-License-Identifier: MIT
/*
 * futex.c - a semaphore of one's own: a count, and how many processes wait
 *
 * The count changes without a system call. A process sleeps in the kernel only
 * while the count is 0, and is woken only if it has said that it waits.
 *
 * See:    futex(2), futex(7); 04-semaphores/lessons/futex.c
 */
#define _GNU_SOURCE /* syscall */
#include "futex.h"
#include "mechanisms.h"
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

struct word {
	_Atomic uint32_t count, waiters;
};

const char *open_futex(struct channel *c, enum which which, unsigned value)
{
	struct word *word = counter_memory(c, which);
	word->count = value;
	return NULL;
}

size_t down_futex(struct channel *c, enum which which)
{
	struct word *word = counter_memory(c, which);
	for (;;) {
		uint32_t count = word->count;
		while (count > 0)
			if (atomic_compare_exchange_weak(&word->count, &count,
							 count - 1))
				return 1;
		if (c->is_spinning)
			return 0;
		/* Sleeps only if the count is still 0: no wake-up is lost */
		word->waiters++;
		if (syscall(SYS_futex, &word->count, FUTEX_WAIT, 0, NULL) ==
			-1 &&
		    errno != EAGAIN)
			err(EXIT_FAILURE, "futex");
		word->waiters--;
	}
}

void up_futex(struct channel *c, enum which which)
{
	struct word *word = counter_memory(c, which);
	word->count++;
	if (word->waiters > 0 &&
	    syscall(SYS_futex, &word->count, FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex");
}

const struct mechanism futex = {
	.name = "futex",
	.chapter = "04-semaphores",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_futex,
		.down = down_futex,
		.up = up_futex,
	    },
};
