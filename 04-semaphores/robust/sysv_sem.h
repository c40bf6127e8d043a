// SPDX-License-Identifier: MIT
/*
 * sysv_sem.h - the contract of sysv_sem_producer and sysv_sem_consumer
 *
 * Name:   a key, written as ipcs(1) prints it, of one set of semaphores and one
 *         shared memory segment. Whoever comes first makes them, mode 0600; the
 *         second removes the segment's key, the consumer at the end the set.
 * Wire:   slots in a ring. The producer waits for an empty one, fills it and
 *         counts it full; the consumer waits for a full one and counts it
 *         empty. Each knows for itself which slot is next. A slot of length 0
 *         is the end; done says that the consumer has written all.
 * Errors: each half adds 1 to the semaphore of its role, with SEM_UNDO: the
 *         kernel takes it away when the process has ended, however it did.
 */
#ifndef SYSV_SEM_H
#define SYSV_SEM_H

#include <stdint.h>
#include <sys/sem.h>

/* The default key: 's' and the effective user id; 0x730003e8 for user 1000 */
#define SYSV_SEM_DEFAULT(uid) ((key_t)('s' << 24 | (0xffffff & (uid))))

/* The set. All zero, as the kernel makes it, it is ready for use */
enum {
	SYSV_SEM_EMPTY,
	SYSV_SEM_FULL,
	SYSV_SEM_PRODUCER, /* 1 while it is here */
	SYSV_SEM_CONSUMER,
	SYSV_SEM_SETUP, /* 1 while somebody is coming in */
	SYSV_SEM_SEMS
};

enum { SYSV_SEM_SLOTS = 8, SYSV_SEM_DATA = 16384 };

/* The segment */
struct sysv_sem {
	_Atomic uint32_t done;
	struct sysv_sem_slot {
		_Atomic uint32_t length;
		char data[SYSV_SEM_DATA];
	} slot[SYSV_SEM_SLOTS];
};

_Static_assert(sizeof(struct sysv_sem_slot) == 4 + SYSV_SEM_DATA,
	       "a slot has no padding");

/* The last argument of semctl(2), which leaves it to us to declare this */
union sysv_sem_arg {
	int val;
	struct semid_ds *buf;
};

#endif
