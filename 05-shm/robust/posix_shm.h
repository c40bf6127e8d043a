// SPDX-License-Identifier: MIT
/*
 * posix_shm.h - the contract of posix_shm_producer and posix_shm_consumer
 *
 * Name:   /name. The first half creates it; the second removes it.
 * Mode:   01600. The sticky bit means nothing here but: this program made it.
 *         Without it the object is another program's, also if it is empty.
 * Wire:   the ring of ring.h. Nothing else is transferred.
 * Errors: each half locks the byte of its role, fcntl(2). When a process ends,
 *         the kernel releases its lock. A peer that was not done has failed.
 * Trust:  only this user can open the object. What the peer writes is checked,
 *         but a peer that truncates the object ends this half with SIGBUS.
 */
#ifndef POSIX_SHM_H
#define POSIX_SHM_H

#include "cleanup.h"
#include "fail.h"
#include "ring.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POSIX_SHM_MODE = 01600 };

static volatile sig_atomic_t shm_fd = -1; /* only of a checked object */
static int is_first; /* this half, which then waits for the other */
static pthread_t watcher;

/* The name unless one is given: one for each user */
#define POSIX_SHM_DEFAULT(uid) "/linux-ipc-" uid ".shm"

/* The operand, a slash and a file name, or the default */
static const char *parse_name(int argc, char *argv[], const char *usage)
{
	static char own[64];
	const char *arg = argc < 2 ? own : argv[1];
	int help = strcmp(arg, "--help") == 0 && argc == 2;

	snprintf(own, sizeof own, POSIX_SHM_DEFAULT("%ju"),
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

/* Each half locks the byte of its role. JOINING guards the name: a half that
 * looks for its peer, or removes the name, holds that lock. F_WRLCK locks,
 * F_UNLCK unlocks; 0 if that failed. A lock of F_OFD_... belongs to the
 * descriptor, so a handler does not wait for its own process */
static int set_lock(int command, short type, enum role byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	return fcntl(shm_fd, command, &fl) != -1;
}

/* 1 if another process has locked the byte, 0 if none, -1 if that failed */
static int is_locked(enum role byte)
{
	struct flock fl = { .l_type = F_WRLCK, .l_start = byte, .l_len = 1 };
	int error = fcntl(shm_fd, F_OFD_GETLK, &fl);

	return error ? error : fl.l_type != F_UNLCK;
}

/* An object that has lost its name never gets one again */
static int has_name(void)
{
	struct stat st;

	return fstat(shm_fd, &st) == 0 && st.st_nlink > 0;
}

/* The last one out removes the name. Waits while another half joins.
 * Async-signal-safe on Linux: shm_unlink(3) makes a path on the stack */
static void remove_created(void)
{
	if (has_name() && set_lock(F_OFD_SETLKW, F_WRLCK, JOINING) &&
	    has_name() && is_locked(PRODUCER) == 0 && is_locked(CONSUMER) == 0)
		shm_unlink(name); /* best effort */
}

/* A thread that waits for the peer's byte, which is free when the peer has
 * ended. (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch(void *role)
{
	enum role peer = (enum role)(intptr_t)role;

	/* To is_locked() this lock would be another process's */
	if (!set_lock(F_SETLKW, F_WRLCK, peer) ||
	    !set_lock(F_SETLK, F_UNLCK, peer))
		fail("fcntl", name);
	if (!ring->done[peer]) {
		warnx("%s: the %s has exited", name, role_names[peer]);
		remove_created();
		_exit(EXIT_FAILURE);
	}
	wake(!peer); /* the peer may have died before its wake */
	return NULL;
}

/* Refuse an object of another user or program. An empty one is of a half that
 * was killed, or does not hold JOINING yet */
static void check_object(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		fail("fstat", name);
	if (st.st_uid != geteuid())
		errx(EXIT_FAILURE,
		     "%s: an object of uid %ju: choose another name", name,
		     (uintmax_t)st.st_uid);
	if (!S_ISREG(st.st_mode) || !(st.st_mode & S_ISVTX) ||
	    (st.st_size != 0 && st.st_size != sizeof *ring))
		errx(EXIT_FAILURE,
		     "%s: %jd bytes, not a ring: rm /dev/shm%s removes it",
		     name, (intmax_t)st.st_size, name);
	if (st.st_mode & 077)
		errx(EXIT_FAILURE,
		     "%s: others may open it: rm /dev/shm%s removes it", name,
		     name);
}

/* Create the object, or open the one of that name; 0 if it has been removed */
static int open_object(void)
{
	shm_fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, POSIX_SHM_MODE);
	if (shm_fd != -1)
		return 1;
	if (errno != EEXIST)
		fail("shm_open", name);
	int fd = shm_open(name, O_RDWR, 0);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		err(EXIT_FAILURE, "%s: not a ring of this user", name);
	check_object(fd);
	shm_fd = fd;
	return 1;
}

/* Take the place of this half; 0 if the object has no name any more. If a
 * second half dies in here, the first one waits for the next of that role */
static int join_object(enum role me)
{
	if (!set_lock(F_OFD_SETLKW, F_WRLCK, JOINING))
		fail("fcntl", name);
	if (!has_name()) {
		close(shm_fd); /* best effort */
		return 0;
	}
	int is_taken = is_locked(me), has_peer = is_locked(!me);
	if (is_taken == 1)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_names[me]);
	if (is_taken == -1 || has_peer == -1 ||
	    !set_lock(F_OFD_SETLK, F_WRLCK, me))
		fail("fcntl", name);
	is_first = !has_peer;
	map_ring(shm_fd, is_first);
	if (!is_first) {
		ring->arrived = 1;
		wake(!me);
		if (shm_unlink(name) == -1 && errno != ENOENT)
			fail("shm_unlink", name);
	}
	if (!set_lock(F_OFD_SETLK, F_UNLCK, JOINING))
		fail("fcntl", name);
	return 1;
}

/* The rendezvous. No signal comes before it is known what there is to remove */
static void attach(enum role me)
{
	sigset_t all, old;
	int opened;

	/* If descriptor 0, 1 or 2 is closed, the next open() gets its number,
	 * and messages end up in the data */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
	catch_signals();
	umask(077); /* keeps the mode of the object */
	sigfillset(&all);
	do {
		if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
			fail("sigprocmask", name);
		opened = open_object();
		if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
			fail("sigprocmask", name);
	} while (!opened || !join_object(me));
	if (is_first)
		warnx("waiting on %s", name);
	while (!ring->arrived)
		announce_or_sleep(me);
	errno = pthread_create(&watcher, NULL, watch, (void *)(intptr_t)!me);
	if (errno != 0)
		fail("pthread_create", name);
}

/* Neither half leaves before the other is done: then its watcher returns */
static void leave(enum role me)
{
	publish(me, &ring->done[me], 1);
	if (!set_lock(F_OFD_SETLK, F_UNLCK, me))
		fail("fcntl", name);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
}

#endif
