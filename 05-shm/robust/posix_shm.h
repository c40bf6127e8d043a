// SPDX-License-Identifier: MIT
/*
 * posix_shm.h - the contract of posix_shm_producer and posix_shm_consumer
 *
 * Name:   /name. The first half creates it, mode 0600; the second removes it.
 * Wire:   a ring of bytes. Only the producer writes head, the bytes ever put
 *         in, and only after them. Only the consumer writes tail, the bytes
 *         ever taken out. Both wrap at 2^32. Equal is empty, RING_SIZE apart is
 *         full. The end is done, and empty.
 * Sleep:  a half sleeps in futex(2) while its asleep is 1. The peer clears that
 *         after each step. While neither sleeps, neither makes a system call.
 * Errors: each half locks the byte of its role, fcntl(2). When a process ends,
 *         the kernel releases its lock. A peer not done by then has failed.
 */
#ifndef POSIX_SHM_H
#define POSIX_SHM_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The peer of me is !me. JOINING is locked while a half looks for its peer */
enum role { PRODUCER, CONSUMER, JOINING };
static const char *const role_names[] = { "producer", "consumer" };

enum { FUTEX_WAIT, FUTEX_WAKE }; /* some C libraries lack <linux/futex.h> */
enum { RING_SIZE = 1 << 20, MESSAGE_SIZE = 1 << 16 }; /* both divide 2^32 */

/* What one half writes often stays out of the cache lines of the other */
struct ring {
	_Atomic uint32_t arrived; /* set by the half that starts second */
	_Atomic uint32_t done[2]; /* by role: all is sent, all is written */
	_Alignas(64) _Atomic uint32_t head;
	_Alignas(64) _Atomic uint32_t tail;
	_Alignas(64) _Atomic uint32_t asleep[2]; /* by role */
	_Alignas(64) char data[RING_SIZE];
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock would not be shared");

static const char *name;
static volatile sig_atomic_t created; /* remove the name on the way out */
static int shm_fd;
static struct ring *ring;
static pthread_t watcher;

/* The operand, a slash and a file name; without one, a name for each user */
static const char *parse_name(int argc, char *argv[], const char *usage)
{
	static char own[64];
	const char *arg = argc < 2 ? own : argv[1];
	int help = strcmp(arg, "--help") == 0 && argc == 2;

	snprintf(own, sizeof own, "/linux-ipc-%ju.shm", (uintmax_t)geteuid());
	if (argc > 2 || *arg != '/' || strchr(arg + 1, '/') ||
	    !strcmp(arg, "/") || !strcmp(arg, "/.") || !strcmp(arg, "/..")) {
		fputs(usage, help ? stdout : stderr);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write usage");
		exit(help ? EXIT_SUCCESS : 2);
	}
	if (strlen(arg) > NAME_MAX)
		errx(2, "/NAME is longer than %d bytes", NAME_MAX);
	return arg;
}

/* Async-signal-safe on Linux: a path made on the stack, and unlink(2) */
static void remove_created(void)
{
	if (created)
		shm_unlink(name); /* best effort, on the way out */
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* Lock a byte, F_WRLCK, or unlock it, F_UNLCK; 0 if another process has it */
static int set_lock(int cmd, short type, enum role byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };
	int failed = fcntl(shm_fd, cmd, &fl) == -1;

	if (failed && errno != EAGAIN)
		err(EXIT_FAILURE, "fcntl %s", name);
	return !failed;
}

/* For a loop that looks whether this half can go on. The first call announces
 * the sleep, so that the loop looks once more; the second sleeps */
static void announce_or_sleep(enum role me)
{
	if (atomic_exchange(&ring->asleep[me], 1) &&
	    syscall(SYS_futex, &ring->asleep[me], FUTEX_WAIT, 1, NULL) == -1 &&
	    errno != EAGAIN && errno != EINTR)
		err(EXIT_FAILURE, "futex %s", name);
}

/* Show the peer how far this half is, and wake it if it sleeps. Accesses are
 * sequentially consistent, the default of C: of two halves that each write one
 * word, then read the other's, one sees the new value: both cannot sleep */
static void publish(enum role me, _Atomic uint32_t *word, uint32_t value)
{
	*word = value; /* and with it all that was written to memory before */
	if (atomic_exchange(&ring->asleep[!me], 0) &&
	    syscall(SYS_futex, &ring->asleep[!me], FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex %s", name);
}

/* A thread that waits for the peer's byte, which is free when the peer has
 * ended. (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch(void *role)
{
	enum role peer = (enum role)(intptr_t)role;

	set_lock(F_SETLKW, F_WRLCK, peer);
	if (!ring->done[peer]) {
		warnx("%s: the %s has exited", name, role_names[peer]);
		_exit(EXIT_FAILURE);
	}
	return NULL;
}

/* Create the object or open it, and join; 0 if it has no name any more */
static int join_object(enum role me)
{
	struct stat st;

	shm_fd = shm_open(name, O_RDWR, 0);
	if (shm_fd == -1 && errno == ENOENT)
		shm_fd = shm_open(name, O_RDWR | O_CREAT, 0600);
	if (shm_fd == -1 || fstat(shm_fd, &st) == -1)
		err(EXIT_FAILURE, "shm_open %s", name);
	if (st.st_uid != geteuid() ||
	    (st.st_size != 0 && st.st_size != sizeof *ring))
		errx(EXIT_FAILURE, "%s: not a ring of ours", name);
	set_lock(F_OFD_SETLKW, F_WRLCK, JOINING);
	if (fstat(shm_fd, &st) == -1 || st.st_nlink == 0)
		return 0; /* removed before the lock was ours */
	if (!set_lock(F_OFD_SETLK, F_WRLCK, me))
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_names[me]);
	created = set_lock(F_OFD_SETLK, F_WRLCK, !me); /* no peer: the first */
	set_lock(F_OFD_SETLK, F_UNLCK, !me);

	/* Reserved, not just promised: a full /dev/shm would mean SIGBUS */
	while ((errno = posix_fallocate(shm_fd, 0, sizeof *ring)) != 0)
		if (errno != EINTR)
			err(EXIT_FAILURE, "posix_fallocate %s", name);
	ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED,
		    shm_fd, 0);
	if (ring == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	if (created)
		memset(ring, 0, sizeof *ring); /* a crash may have left it */
	publish(me, &ring->arrived, !created);
	if (!created && shm_unlink(name) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "shm_unlink %s", name);
	return set_lock(F_OFD_SETLK, F_UNLCK, JOINING);
}

/* The rendezvous. Signals wait until it is known whether to remove the name */
static void attach(enum role me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	/* If descriptor 0, 1 or 2 is closed, the next open() gets its number,
	 * and messages end up in the data */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_object(me))
		close(shm_fd); /* best effort */
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created)
		warnx("waiting on %s", name);
	while (!ring->arrived)
		announce_or_sleep(me);
	created = 0; /* the second half has removed the name, or does so now */
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
