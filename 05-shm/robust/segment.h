// SPDX-License-Identifier: MIT
/*
 * segment.h - the memory that sysv_shm_producer and sysv_shm_consumer share
 *
 * Slots and their two semaphores, as in the plain pair; a semaphore for the
 * rendezvous; a mutex for each half, and one for the half that joins.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "fail.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/shm.h>
#include <unistd.h>

enum role { PRODUCER, CONSUMER }; /* the peer of me is !me */
static const char *const role_names[] = { "producer", "consumer" };

/* All bytes of a NEW segment are 0. READY: one half waits. MET: the other has
 * joined it. CONDEMNED: to be removed. Another number: of another program
 */
enum { NEW, READY = 0x6d656d00, MET, CONDEMNED };
enum { SLOTS = 8 };

struct shared {
	_Atomic uint32_t state;
	pthread_mutex_t joining;  /* held by a half that looks for its peer */
	pthread_mutex_t alive[2]; /* by role: held until that half is done */
	sem_t arrived; /* posted once, by the half that starts second */
	sem_t free, full;
	struct slot {
		uint32_t len; /* how many bytes of data are in use */
		char data[65536];
	} slots[SLOTS];
};

static char name[sizeof "0x6d000000"]; /* the key, as ipcs(1) prints it */
static int shmid = -1;
static struct shared *shm;

/* The pthread functions return the error that others leave in errno */
static void check(int error)
{
	errno = error;
	if (error != 0)
		fail("pthread", name);
}

/* Lock, or try to, also after the death of the owner; 0 if it is locked */
static int lock(pthread_mutex_t *mutex, int (*call)(pthread_mutex_t *))
{
	int error = call(mutex);

	if (error == EBUSY)
		return 0;
	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(mutex);
	check(error);
	return 1;
}

/* Make a new segment ready. Its maker locks its mutex before a peer can join.
 * 0 if the other half was faster, and has condemned the segment */
static int make_ready(enum role me)
{
	pthread_mutexattr_t attr;
	uint32_t state = NEW;

	check(pthread_mutexattr_init(&attr));
	check(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	check(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	check(pthread_mutex_init(&shm->joining, &attr));
	check(pthread_mutex_init(&shm->alive[PRODUCER], &attr));
	check(pthread_mutex_init(&shm->alive[CONSUMER], &attr));
	if (sem_init(&shm->arrived, 1, 0) == -1 ||
	    sem_init(&shm->free, 1, SLOTS) == -1 ||
	    sem_init(&shm->full, 1, 0) == -1)
		fail("sem_init", name);
	check(pthread_mutex_lock(&shm->alive[me]));
	if (atomic_compare_exchange_strong(&shm->state, &state, READY))
		return 1;
	check(pthread_mutex_unlock(&shm->alive[me]));
	return 0;
}

#endif
