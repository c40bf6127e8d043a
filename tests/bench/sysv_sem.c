// SPDX-License-Identifier: MIT
/*
 * sysv_sem.c - two System V semaphores, in one set, beside their slots
 *
 * See:    sysvipc(7), semget(2), semop(2); 04-semaphores
 */
#define _XOPEN_SOURCE 700 /* semget */
#include "mechanisms.h"
#include <sys/ipc.h>
#include <sys/sem.h>

union semun { /* which the caller has to define: semctl(2) */
	int val;
};

static const char *open_semaphore(struct channel *c, enum which which,
				  unsigned value)
{
	if (c->id == -1)
		c->id = semget(IPC_PRIVATE, 2, 0600);
	if (c->id == -1)
		return "semget";
	union semun arg = { .val = (int)value };
	return semctl(c->id, (int)which, SETVAL, arg) == -1 ? "semctl" : NULL;
}

/* Add n to a semaphore. To subtract more than there is blocks */
static int add(struct channel *c, enum which which, short n)
{
	struct sembuf op = { .sem_num = (unsigned short)which,
			     .sem_op = n,
			     .sem_flg = c->is_spinning ? IPC_NOWAIT : 0 };
	return semop(c->id, &op, 1);
}

static size_t down(struct channel *c, enum which which)
{
	return succeeded("semop", add(c, which, -1));
}

static void up(struct channel *c, enum which which)
{
	while (!succeeded("semop", add(c, which, 1)))
		continue; /* a stop has interrupted it */
}

static void close_semaphores(struct channel *c)
{
	if (c->id != -1)
		semctl(c->id, 0, IPC_RMID);
}

const struct mechanism sysv_sem = {
	.name = "SysV semaphore",
	.chapter = "04-semaphores",
	WITH_SLOTS,
	.counter =
	    &(const struct counter){
		.open = open_semaphore,
		.down = down,
		.up = up,
		.close = close_semaphores,
	    },
};
