// SPDX-License-Identifier: MIT
/*
 * ring.h - the memory that posix_shm_producer and posix_shm_consumer share
 *
 * Wire:   a ring of bytes. Only the producer writes head, the bytes ever put
 *         in, and only after them. Only the consumer writes tail, the bytes
 *         ever taken out. Both wrap at 2^32. Equal is empty, RING_SIZE apart is
 *         full. The end is done, and empty.
 * Sleep:  a half sleeps in futex(2) while its asleep is 1. The peer clears it
 *         after each step. While neither sleeps, neither makes a system call.
 */
#ifndef RING_H
#define RING_H

#include "fail.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The peer of me is !me. JOINING: a half that looks for its peer */
enum role { PRODUCER, CONSUMER, JOINING };
static const char *const role_names[] = { "producer", "consumer" };

enum { FUTEX_WAIT, FUTEX_WAKE }; /* some C libraries lack <linux/futex.h> */
enum { RING_SIZE = 1 << 20, MESSAGE_SIZE = 1 << 18 }; /* both divide 2^32 */

/* Words that different halves write often are in different cache lines */
struct ring {
	_Atomic uint32_t arrived; /* set by the half that starts second */
	_Atomic uint32_t done[2]; /* by role: all is sent, all is written */
	_Alignas(64) _Atomic uint32_t head;
	_Alignas(64) _Atomic uint32_t tail;
	_Alignas(64) _Atomic uint32_t asleep[2]; /* by role */
	_Alignas(64) char data[RING_SIZE];
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock would not be shared");

static const char *name; /* of the object that holds the ring */
static struct ring *ring;

/* The first half starts again, whatever a crash left in the object */
static void map_ring(int fd, int is_first)
{
	/* Reserved, not just promised: a full /dev/shm would mean SIGBUS */
	while ((errno = posix_fallocate(fd, 0, sizeof *ring)) != 0)
		if (errno != EINTR)
			fail("posix_fallocate", name);
	ring =
	    mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		fail("mmap", name);
	if (is_first)
		memset(ring, 0, sizeof *ring);
}

/* For a loop that checks whether this half can go on. The first call announces
 * the sleep, so that the loop checks once more; the second sleeps */
static void announce_or_sleep(enum role me)
{
	if (atomic_exchange(&ring->asleep[me], 1) &&
	    syscall(SYS_futex, &ring->asleep[me], FUTEX_WAIT, 1, NULL) == -1 &&
	    errno != EAGAIN && errno != EINTR)
		fail("futex", name);
}

/* End the sleep of a half, or keep it from falling asleep */
static void wake(enum role half)
{
	ring->asleep[half] = 0;
	if (syscall(SYS_futex, &ring->asleep[half], FUTEX_WAKE, 1) == -1)
		fail("futex", name);
}

/* Show the peer how far this half is, and wake it if it sleeps. Accesses are
 * sequentially consistent, the default of C: of two halves that each write one
 * word, then read the other's, one sees the new value, and is awake */
static void publish(enum role me, _Atomic uint32_t *word, uint32_t value)
{
	*word = value; /* makes all earlier stores visible as well */
	if (ring->asleep[!me])
		wake(!me);
}

#endif
