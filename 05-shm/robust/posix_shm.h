// SPDX-License-Identifier: MIT
/*
 * posix_shm.h - the contract of posix_shm_producer and posix_shm_consumer
 *
 * Name:   a POSIX shared memory object, "/" and up to 254 other characters. The
 *         first half creates it, mode 0600; the second removes the name.
 * Wire:   a ring of bytes. head counts the bytes ever put in, tail those ever
 *         taken out; both wrap at 2^32. Only the producer writes head, and only
 *         after the bytes; only the consumer writes tail. Equal is empty, a
 *         difference of RING_SIZE is full. The end is done, and empty.
 * Sleep:  a half that cannot go on sets its asleep, looks again, and sleeps in
 *         futex(2) while asleep is 1. The peer reads asleep after each step, so
 *         no system call is made while neither sleeps.
 * Errors: memory has no owner, so a dead peer would never move its index again.
 *         Each half locks the byte of its role, fcntl(2). The kernel releases
 *         the lock when the process ends, in whatever way. A peer that releases
 *         its byte before it has set its done has failed.
 */
#ifndef POSIX_SHM_H
#define POSIX_SHM_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The bytes that are locked: by each half, and by one that is attaching. The
 * peer of me is !me */
enum role { PRODUCER, CONSUMER, SETUP };
static const char *const role_names[] = { "producer", "consumer" };

enum { FUTEX_WAIT, FUTEX_WAKE }; /* some C libraries lack <linux/futex.h> */
enum { RING_SIZE = 1 << 20, MESSAGE_SIZE = 1 << 16 };

/* What one half writes often stays out of the cache lines of the other */
struct ring {
	_Atomic uint32_t arrived; /* set by the half that starts second */
	_Atomic uint32_t done[2]; /* by role: all is sent, all is written */
	alignas(64) _Atomic uint32_t head;
	alignas(64) _Atomic uint32_t tail;
	alignas(64) _Atomic uint32_t asleep[2]; /* by role */
	alignas(64) char data[RING_SIZE];
};

_Static_assert((RING_SIZE & (RING_SIZE - 1)) == 0,
	       "an index that wraps at 2^32 stays at its place in the ring");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock would not be shared");

static const char *name;
static volatile sig_atomic_t created; /* remove the name on the way out */
static int shm_fd;
static struct ring *ring;
static pthread_t watcher;

/* If descriptor 0, 1 or 2 is closed, the next open() gets its number, and
 * messages end up in the data */
static void check_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
}

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The operand, or the default without one. NULL: no object has such a name */
static const char *object_name(const char *operand)
{
	static char buf[64];

	snprintf(buf, sizeof buf, "/linux-ipc-%ju.shm", (uintmax_t)geteuid());
	if (operand == NULL)
		return buf;
	if (*operand != '/' || !operand[1] || strchr(operand + 1, '/'))
		return NULL;
	if (strlen(operand) > NAME_MAX)
		errx(2, "/NAME is longer than %d bytes", NAME_MAX);
	return operand;
}

/* Best effort, on the way out. signal-safety(7) does not list shm_unlink, but
 * glibc and musl make the path on the stack, and call unlink(2), which it lists
 */
static void remove_created(void)
{
	if (created)
		shm_unlink(name);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* Set (F_WRLCK) or release (F_UNLCK) the lock of a byte of the object. Return 0
 * if another process holds it */
static int set_lock(int cmd, short type, off_t byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(shm_fd, cmd, &fl) == -1) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		if (errno != EINTR)
			err(EXIT_FAILURE, "fcntl %s", name);
	}
	return 1;
}

/* Open the object, old or new, and lock its SETUP byte */
static void open_object(void)
{
	struct stat st = { .st_nlink = 0 };

	while (st.st_nlink == 0) { /* the name was removed before the lock */
		shm_fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (shm_fd == -1 && errno == EEXIST)
			shm_fd = shm_open(name, O_RDWR, 0);
		if (shm_fd == -1 && errno == ENOENT)
			continue;
		if (shm_fd == -1 || fstat(shm_fd, &st) == -1)
			err(EXIT_FAILURE, "shm_open %s", name);
		if (st.st_uid != geteuid() ||
		    (st.st_size != 0 && st.st_size != sizeof *ring))
			errx(EXIT_FAILURE, "%s: not a ring of ours", name);
		set_lock(F_OFD_SETLKW, F_WRLCK, SETUP);
		if (fstat(shm_fd, &st) == -1 ||
		    (st.st_nlink == 0 && close(shm_fd) == -1))
			err(EXIT_FAILURE, "fstat %s", name);
	}
}

static void map_object(void)
{
	/* Reserved, not just promised: a full /dev/shm would mean SIGBUS */
	do
		errno = posix_fallocate(shm_fd, 0, sizeof *ring);
	while (errno == EINTR);
	if (errno != 0)
		err(EXIT_FAILURE, "posix_fallocate %s", name);
	ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED,
		    shm_fd, 0);
	if (ring == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	if (created) /* the object may be stale: a crash left it */
		memset(ring, 0, sizeof *ring);
}

/* For a loop that looks whether this half can go on. The first call announces
 * the sleep, so that the loop looks once more; the second sleeps */
static void announce_or_sleep(enum role me)
{
	if (!ring->asleep[me])
		ring->asleep[me] = 1;
	else if (syscall(SYS_futex, &ring->asleep[me], FUTEX_WAIT, 1, NULL) &&
		 errno != EAGAIN && errno != EINTR)
		err(EXIT_FAILURE, "futex %s", name);
}

/* Show the peer how far this half is, and wake it if it sleeps. Both accesses
 * are sequentially consistent, the default of C: of two halves that each write
 * one word and then read the other's, at least one sees what was written. With
 * less, each could miss the other, and both sleep */
static void publish(enum role me, _Atomic uint32_t *word, uint32_t value)
{
	*word = value; /* and with it all that was written to memory before */
	if (!ring->asleep[!me])
		return;
	ring->asleep[!me] = 0;
	if (syscall(SYS_futex, &ring->asleep[!me], FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex %s", name);
}

/* A thread that waits for the peer's byte, which is free when the peer has
 * ended. (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch(void *role)
{
	enum role peer = (enum role)(intptr_t)role;

	set_lock(F_SETLKW, F_WRLCK, peer);
	if (!ring->done[peer]) {
		warnx("%s: the %s has gone", name, role_names[peer]);
		_exit(EXIT_FAILURE);
	}
	return NULL;
}

/* The rendezvous. Signals wait until it is known whether to remove the name */
static void attach(enum role me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	open_object();
	if (!set_lock(F_OFD_SETLK, F_WRLCK, me))
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_names[me]);
	created = set_lock(F_OFD_SETLK, F_WRLCK, !me); /* no peer: the first */
	map_object();
	if (created) {
		set_lock(F_OFD_SETLK, F_UNLCK, !me);
	} else {
		publish(me, &ring->arrived, 1);
		if (shm_unlink(name) == -1 && errno != ENOENT)
			err(EXIT_FAILURE, "shm_unlink %s", name);
	}
	set_lock(F_OFD_SETLK, F_UNLCK, SETUP);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created) {
		warnx("waiting on %s", name);
		while (!ring->arrived)
			announce_or_sleep(me);
		created = 0; /* the second half has removed the name */
	}
	errno = pthread_create(&watcher, NULL, watch, (void *)(intptr_t)!me);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
}

/* Neither half leaves before the other is done: then its watcher returns */
static void leave(enum role me)
{
	publish(me, &ring->done[me], 1);
	set_lock(F_OFD_SETLK, F_UNLCK, me);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
}

#endif
