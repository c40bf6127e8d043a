// SPDX-License-Identifier: MIT
/*
 * posix_sem.h - what posix_sem_producer and posix_sem_consumer have in common
 *
 * Name:   a POSIX shared memory object. The half that starts first creates it.
 *         The second one removes the name: the mapping is enough.
 *         A half that gives up removes it, unless another half is attached.
 * Mode:   01600. The sticky bit, without a meaning here, says that this program
 *         made the object. An object without it is another program's.
 * Wire:   slots in a ring. The producer waits for a free one and fills it, the
 *         consumer waits for a full one and empties it. Length 0 is the end.
 *         The producer exits when the consumer has set done and unlocked.
 * Errors: a semaphore has no owner, so a dead peer would never post again.
 *         Each half locks the byte of its role, fcntl(2). The kernel unlocks
 *         it when the process ends, however it ends.
 * Trust:  lengths are checked. For the rest a peer of this user is trusted:
 *         one that writes over a sem_t, or truncates the object, may block or
 *         end the other half. Another C library has another sem_t.
 */
#ifndef POSIX_SEM_H
#define POSIX_SEM_H

#include "cleanup.h"
#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes that are locked. A half holds the byte of its role while it is
 * attached, and JOINING while it joins, or while it may remove the name */
enum role { PRODUCER, CONSUMER, JOINING };
static const char *const role_name[] = { "producer", "consumer" };

enum { POSIX_SEM_MODE = 01600, SLOTS = 8, SLOT_DATA = 16384 };
struct posix_sem {
	sem_t arrived; /* posted once the second half is ready */
	sem_t free_slots, full_slots;
	_Atomic uint32_t done; /* the consumer has written everything */
	struct slot {
		_Atomic uint32_t len;
		char data[SLOT_DATA];
	} slot[SLOTS];
};
_Static_assert(sizeof(struct slot) == 4 + SLOT_DATA, "a slot has no padding");

static const char *name;
static int shm_fd = -1;
static volatile sig_atomic_t attached; /* the byte of the role is locked */
static struct posix_sem *shared;
static enum role peer; /* the role of the other half */
static pthread_t watcher;

/* The name unless one is given: one for each user */
#define POSIX_SEM_DEFAULT(uid) "/linux-ipc-" uid ".sem"

/* The operand, a slash and a file name, or the default */
static const char *parse_name(int argc, char *argv[], const char *usage)
{
	static char own[64];
	const char *arg = argc < 2 ? own : argv[1];
	bool help = strcmp(arg, "--help") == 0 && argc == 2;

	snprintf(own, sizeof own, POSIX_SEM_DEFAULT("%ju"),
		 (uintmax_t)geteuid());
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

/* False: another process holds the lock, or shm_fd is not open */
static bool set_lock(int command, short type, off_t byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(shm_fd, command, &fl) == -1)
		if (errno != EINTR)
			return false;
	return true;
}

/* An object that has lost its name never gets it back */
static bool has_name(void)
{
	struct stat st;

	return fstat(shm_fd, &st) == 0 && st.st_nlink > 0;
}

/* At exit or in a handler: the last one out removes the name. shm_unlink is not
 * in signal-safety(7), but glibc and musl only make a path and call unlink(2)
 */
static void remove_created(void)
{
	/* The half that has JOINING leaves the name only to an attached half.
	 * Others need not wait */
	int command = attached ? F_OFD_SETLKW : F_OFD_SETLK;

	if (has_name() && set_lock(command, F_WRLCK, JOINING) && has_name() &&
	    set_lock(F_OFD_SETLK, F_WRLCK, PRODUCER) &&
	    set_lock(F_OFD_SETLK, F_WRLCK, CONSUMER))
		shm_unlink(name); /* best effort */
}

/* Open the object, new or old. Signals wait until shm_fd is stored */
static void open_object(void)
{
	sigset_t all, old;
	struct stat st;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	shm_fd = shm_open(name, O_RDWR, 0);
	if (shm_fd == -1 && errno == EACCES)
		err(EXIT_FAILURE, "%s: not a buffer of this user", name);
	if (shm_fd == -1 && errno == ENOENT)
		shm_fd = shm_open(name, O_RDWR | O_CREAT, POSIX_SEM_MODE);
	if (shm_fd == -1 || fstat(shm_fd, &st) == -1)
		fail("shm_open", name);
	if (st.st_uid != geteuid() ||
	    (st.st_mode & ~0700u) != (S_IFREG | S_ISVTX) ||
	    (st.st_size != 0 && st.st_size != sizeof *shared)) {
		close(shm_fd); /* a closed object is never removed */
		errx(EXIT_FAILURE,
		     "%s: %jd bytes of uid %ju, mode %o, not a buffer of "
		     "%zu-bit halves: rm /dev/shm%s",
		     name, (intmax_t)st.st_size, (uintmax_t)st.st_uid,
		     st.st_mode, 8 * sizeof(void *), name);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* The first half starts again, whatever a crash left in the object */
static void map_object(bool is_first)
{
	/* Reserve memory now: later, a full /dev/shm would raise SIGBUS */
	while ((errno = posix_fallocate(shm_fd, 0, sizeof *shared)) == EINTR)
		;
	if (errno != 0)
		fail("posix_fallocate", name);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED,
		      shm_fd, 0);
	if (shared == MAP_FAILED)
		fail("mmap", name);
	shared->done = 0;
	if (is_first && (sem_init(&shared->arrived, 1, 0) == -1 ||
			 sem_init(&shared->free_slots, 1, SLOTS) == -1 ||
			 sem_init(&shared->full_slots, 1, 0) == -1))
		fail("sem_init", name);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) == -1)
		if (errno != EINTR)
			fail("sem_wait", name);
}

/* A thread that gets the lock of the peer's byte when the peer has ended.
 * (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch_peer(void *unused)
{
	if (!set_lock(F_SETLKW, F_WRLCK, peer) ||
	    !set_lock(F_SETLK, F_UNLCK, peer))
		fail("fcntl", name);
	if (!shared->done) {
		remove_created(); /* the peer may have died before it did */
		warnx("%s: the %s has exited", name, role_name[peer]);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* False: another process holds the lock. Any other failure ends the program */
static bool try_lock(int command, short type, off_t byte)
{
	if (set_lock(command, type, byte))
		return true;
	if (errno != EAGAIN && errno != EACCES)
		fail("fcntl", name);
	return false;
}

/* The rendezvous. If the second half dies before its sem_post, the next one may
 * take its place. If it dies later, the first one's thread notices */
static void attach(enum role me)
{
	struct stat st;

	/* If descriptor 0, 1 or 2 is closed, the next open() gets its number,
	 * and messages end up in the data */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
	peer = me == PRODUCER ? CONSUMER : PRODUCER;
	catch_signals();
	umask(077); /* leaves its mode to the object, whatever it was */
	do {
		open_object();
		if (!set_lock(F_OFD_SETLKW, F_WRLCK, JOINING) ||
		    fstat(shm_fd, &st) == -1 ||
		    (st.st_nlink == 0 && close(shm_fd) == -1))
			fail("fcntl", name);
	} while (st.st_nlink == 0); /* a pair has met there: try again */
	if (!try_lock(F_OFD_SETLK, F_WRLCK, me))
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_name[me]);
	attached = 1;
	bool is_first = try_lock(F_OFD_SETLK, F_WRLCK, peer);
	map_object(is_first);
	if (is_first)
		try_lock(F_OFD_SETLK, F_UNLCK, peer);
	else if (sem_post(&shared->arrived) == -1 ||
		 (shm_unlink(name) == -1 && errno != ENOENT))
		fail("shm_unlink", name);
	try_lock(F_OFD_SETLK, F_UNLCK, JOINING);
	if (is_first) {
		warnx("waiting on %s", name);
		wait_for(&shared->arrived);
	}
	if ((errno = pthread_create(&watcher, NULL, watch_peer, NULL)) != 0)
		fail("pthread_create", name);
}

#endif
