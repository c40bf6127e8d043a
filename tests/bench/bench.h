// SPDX-License-Identifier: MIT
/*
 * bench.h - what the benchmark's files agree on: mechanisms, channels, cells
 *
 * A channel carries messages one way, from a sender to a receiver. A mechanism
 * is four functions that work on a channel. A cell is one figure of the table:
 * one mechanism, one size of message, one placement of the two processes.
 * Sizes are in bytes, times in nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef BENCH_H
#define BENCH_H

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

/* What each process does while it waits, and where the two of them run */
enum placement { SAME_CORE, TWO_CORES, SPINNING, PLACEMENTS };
enum end { SENDER, RECEIVER };
enum { LARGEST = 1 << 20, PAGE = 4096 };

struct channel {
	const struct mechanism *mechanism;
	size_t size; /* of every message */
	/* Never sleep: send and receive return 0 where they would block */
	int is_spinning;
	/* In a round trip the reply shows that the message has been taken. A
	 * one-way sender must be told, where the mechanism does not block it */
	int is_round_trip;
	int is_way_back; /* the second channel of a round trip */
	int is_warm_up;	 /* the bytes are compared, not measured */
	char *message;	 /* where the sender makes its messages */
	pid_t pids[2];	 /* of sender and receiver, from attach on */

	/* The mechanism's own. What is not open is -1 or NULL */
	int fds[2];   /* to send, to receive */
	int other_fd; /* what else is open */
	int id;	      /* of a System V object */
	void *memory; /* shared, of memory_size */
	size_t memory_size;
	void *private_memory;	 /* of malloc: each half has its own copy */
	unsigned credit[2];	 /* counters: what needs no call to be taken */
	uint64_t window;	 /* messages that may be on their way */
	uint64_t sent, received; /* messages or bytes, as it needs */
};

/* A counter is what semaphores, eventfds, futexes and signals have in common.
 * They carry no bytes: slots.c adds slots in shared memory, and two counters */
enum which { FREE, FULL };
struct counter {
	const char *(*open)(struct channel *, enum which, unsigned value);
	void (*attach)(struct channel *, enum end);   /* NULL: nothing to do */
	size_t (*down)(struct channel *, enum which); /* 0: would block */
	void (*up)(struct channel *, enum which);
	void (*close)(struct channel *);
};

struct mechanism {
	const char *name;
	const char *chapter; /* that explains it */
	/* Open both ends, before the fork. Returns NULL, or what failed, with
	 * errno; then close is called, too */
	const char *(*open)(struct channel *);
	/* In each process, after the fork. NULL: nothing to do */
	void (*attach)(struct channel *, enum end);
	/* Where the next message is to be made. NULL: in channel->message */
	char *(*next)(struct channel *);
	/* Send size bytes of message, or 0; a byte stream may send less */
	size_t (*send)(struct channel *, const char *message, size_t size);
	/* Receive one message; of a byte stream, up to size bytes */
	size_t (*receive)(struct channel *, char *buf, size_t size);
	void (*close)(struct channel *);
	size_t largest; /* message; 0: of any size */
	int is_unseen;	/* the bytes of a one-way run cannot be looked at */
	int is_stream;	/* bytes without boundaries: reads may be larger */
	const struct counter *counter; /* of slots.c; NULL: it carries bytes */
};

/* Another benchmark's published method, as a raw loop */
struct peer {
	const char *name;
	const char *source;	   /* repository and file that publish it */
	int is_round_trip;	   /* otherwise one way */
	unsigned placements;	   /* bits 1 << SAME_CORE ... */
	size_t size;		   /* of its messages */
	const char *(*open)(void); /* both ends: NULL, or what failed */
	/* So many round trips, or messages one way. measure.c times them */
	void (*loop)(enum end, size_t count);
	void (*close)(void);
};

/* slots.c */
const char *open_slots(struct channel *);
void attach_slots(struct channel *, enum end);
size_t send_slots(struct channel *, const char *message, size_t size);
size_t receive_slots(struct channel *, char *buf, size_t size);
void close_slots(struct channel *);
/* What every mechanism with a counter has in common */
#define WITH_SLOTS                                                             \
	.open = open_slots, .attach = attach_slots, .send = send_slots,        \
	.receive = receive_slots, .close = close_slots
void *counter_memory(struct channel *, enum which); /* 64 bytes, shared */

/* fds.c: for channels that are descriptors, and their memory */
void close_fds(struct channel *);
void set_nonblocking(struct channel *, int is_nonblocking);
int share(struct channel *, size_t size); /* makes memory: 0, or -1 and errno */

/* measure.c: what the bytes of a message are, but for its number */
void fill_message(char *message, size_t size);

/* n as send and receive return it: 0 where it would block, and where a stop
 * (Ctrl-Z) has interrupted it: signal(7) lists semop and sigwaitinfo */
static inline size_t done(const char *call, ssize_t n)
{
	if (n >= 0)
		return (size_t)n;
	if (errno != EAGAIN && errno != EINTR)
		err(EXIT_FAILURE, "%s", call);
	return 0;
}

/* Likewise for calls that return 0: 1 is done, 0 is that it would block */
static inline size_t succeeded(const char *call, int result)
{
	return result == 0 ? 1 : done(call, -1);
}

/* Tell the processor that this is a loop that waits */
static inline void relax(void)
{
#if defined __x86_64__ || defined __i386__
	__builtin_ia32_pause();
#elif defined __aarch64__
	__asm__ volatile("yield");
#endif
}

#endif
