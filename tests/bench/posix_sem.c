// SPDX-License-Identifier: MIT
/*
 * posix_sem.c - two POSIX semaphores, beside the slots that they count
 *
 * See:    sem_overview(7), sem_init(3); 04-semaphores
 */
#include "mechanisms.h"
#include <semaphore.h>

static sem_t *semaphore(struct channel *c, enum which which)
{
	return (sem_t *)counter_memory(c, which);
}

static const char *open_semaphore(struct channel *c, enum which which,
				  unsigned value)
{
	return sem_init(semaphore(c, which), 1, value) == -1 ? "sem_init"
							     : NULL;
}

static size_t down(struct channel *c, enum which which)
{
	sem_t *sem = semaphore(c, which);
	return c->is_spinning ? succeeded("sem_trywait", sem_trywait(sem))
			      : succeeded("sem_wait", sem_wait(sem));
}

static void up(struct channel *c, enum which which)
{
	succeeded("sem_post", sem_post(semaphore(c, which)));
}

const struct mechanism posix_sem = {
	.name = "POSIX semaphore",
	.chapter = "04-semaphores",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_semaphore,
		.down = down,
		.up = up,
	    },
};
