// SPDX-License-Identifier: MIT
/*
 * posix_sem.h - the contract of posix_sem_producer and posix_sem_consumer
 *
 * Name:   a POSIX shared memory object, "/" and up to 254 other characters.
 *         Whoever comes first makes it, mode 0600; the second removes the name.
 * Wire:   slots in a ring. The producer waits for an empty one, fills it and
 *         posts full; the consumer waits for a full one and posts empty. Each
 *         counts for itself which slot is next. A slot of length 0 is the end.
 * Errors: a semaphore has no owner, so a dead peer would never post again.
 *         Each half holds a lock, fcntl(2), on the byte of its role, which the
 *         kernel drops when the process has ended, however it did.
 *
 * Both halves need the same C library, for 32 or for 64 bits: it decides what a
 * semaphore looks like. An object of another size is refused.
 */
#ifndef POSIX_SEM_H
#define POSIX_SEM_H

#include <semaphore.h>
#include <stdint.h>

/* The default name, with the effective user id as a uintmax_t */
#define POSIX_SEM_DEFAULT "/linux-ipc-%ju.sem"

/* The bytes that are locked: by who is there, and by who is coming in */
enum { POSIX_SEM_PRODUCER, POSIX_SEM_CONSUMER, POSIX_SEM_SETUP };

enum { POSIX_SEM_SLOTS = 8, POSIX_SEM_DATA = 16384 };

struct posix_sem {
	sem_t arrived; /* posted once, by the half that comes second */
	sem_t empty, full;
	_Atomic uint32_t done; /* the consumer has written all */
	struct posix_sem_slot {
		_Atomic uint32_t length;
		char data[POSIX_SEM_DATA];
	} slot[POSIX_SEM_SLOTS];
};

_Static_assert(sizeof(struct posix_sem_slot) == 4 + POSIX_SEM_DATA,
	       "a slot has no padding");

#endif
