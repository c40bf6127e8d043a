// SPDX-License-Identifier: MIT
/*
 * posix_shm.h - the contract of posix_shm_producer and posix_shm_consumer
 *
 * Name:   a POSIX shared memory object, "/" and up to 254 other characters.
 *         Whoever comes first makes it, mode 0600; the second removes the name.
 * Wire:   a ring of bytes. head counts what was ever put in, tail what was ever
 *         taken out; both wrap at 2^32. Only the producer writes head, and only
 *         after the bytes; only the consumer writes tail. Equal is empty, a
 *         difference of POSIX_SHM_SIZE is full. The end is done, and empty.
 * Sleep:  who finds the ring empty, or full, sets its asleep, looks again, and
 *         sleeps by futex(2) while asleep is 1. The other half looks at asleep
 *         after each step, so nobody asleep means no system call at all.
 * Errors: memory has no owner, so a dead peer would never move its index again.
 *         Each half holds a lock, fcntl(2), on the byte of its role, which the
 *         kernel drops when the process has ended, however it did: a peer that
 *         gives up its byte without having set its done has failed.
 */
#ifndef POSIX_SHM_H
#define POSIX_SHM_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

/* The default name, with the effective user id as a uintmax_t */
#define POSIX_SHM_DEFAULT "/linux-ipc-%ju.shm"

/* The bytes that are locked: by who is there, and by who is coming in */
enum { POSIX_SHM_PRODUCER, POSIX_SHM_CONSUMER, POSIX_SHM_SETUP };

enum { POSIX_SHM_SIZE = 1 << 20, POSIX_SHM_CHUNK = 1 << 16 };

/* futex(2); <linux/futex.h> has them, which a C library may not bring along */
enum { POSIX_SHM_FUTEX_WAIT, POSIX_SHM_FUTEX_WAKE };

/* What one half writes often stays out of the cache lines of the other */
struct posix_shm {
	_Atomic uint32_t arrived; /* set by the half that comes second */
	_Atomic uint32_t done[2]; /* by role: all is sent, all is written */
	alignas(64) _Atomic uint32_t head;
	alignas(64) _Atomic uint32_t tail;
	alignas(64) _Atomic uint32_t asleep[2]; /* by role */
	alignas(64) char data[POSIX_SHM_SIZE];
};

_Static_assert((POSIX_SHM_SIZE & (POSIX_SHM_SIZE - 1)) == 0,
	       "an index that wraps at 2^32 stays at its place in the ring");
_Static_assert(POSIX_SHM_CHUNK <= POSIX_SHM_SIZE, "a message fits");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock would not be shared");

#endif
