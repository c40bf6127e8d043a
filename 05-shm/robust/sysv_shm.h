// SPDX-License-Identifier: MIT
/*
 * sysv_shm.h - the contract of sysv_shm_producer and sysv_shm_consumer
 *
 * Name:   a key, as ipcs(1) prints it. Whoever comes first makes the segment,
 *         mode 0600; it is marked for removal as soon as both have attached.
 * Wire:   one slot, which belongs to the half whose turn it is. Length 0 is the
 *         end. Three mutexes, the batons, pass the turn on:
 *
 *             turn      0         1         2         3         4 ...
 *             the slot  producer  consumer  producer  consumer  producer
 *             baton 0   producer  consumer  consumer  consumer  producer
 *             baton 1   consumer  consumer  producer  producer  producer
 *             baton 2   producer  producer  producer  consumer  consumer
 *
 *         In turn t its owner holds batons t - 1 and t, the other holds t + 1
 *         and waits for t. To end the turn, unlock t, then wait for t + 1.
 * Errors: who waits always waits for a mutex that the other half holds, and all
 *         are robust: when a half dies the kernel unlocks what it held, and
 *         tells the waiter so by EOWNERDEAD. Two more mutexes say who is there:
 *         each half holds its own from beginning to end.
 *
 * Both halves need the same C library, for 32 or for 64 bits: it decides what a
 * mutex looks like. A segment of another size is refused.
 */
#ifndef SYSV_SHM_H
#define SYSV_SHM_H

#include <pthread.h>
#include <semaphore.h>

/* The default key: 'm' and the effective user id */
#define SYSV_SHM_DEFAULT(uid) (0x6d000000 | (key_t)(0xffffff & (uid)))

enum { SYSV_SHM_PRODUCER, SYSV_SHM_CONSUMER };
enum { SYSV_SHM_NEW, SYSV_SHM_READY, SYSV_SHM_CONDEMNED };

/* The mutexes: batons 0, 1 and 2, then those that say who is there */
enum { SYSV_SHM_ALIVE = 3, SYSV_SHM_MUTEXES = 5 };
enum { SYSV_SHM_DATA = 65536 };

struct sysv_shm {
	_Atomic int state; /* in a new segment, all zero, NEW */
	sem_t arrived;	   /* posted once, by the half that comes second */
	pthread_mutex_t mutex[SYSV_SHM_MUTEXES];
	size_t length; /* of the data in the slot */
	char data[SYSV_SHM_DATA];
};

_Static_assert(SYSV_SHM_NEW == 0, "what the kernel fills a segment with");

#endif
