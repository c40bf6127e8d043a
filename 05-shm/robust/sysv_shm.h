// SPDX-License-Identifier: MIT
/*
 * sysv_shm.h - the contract of sysv_shm_producer and sysv_shm_consumer
 *
 * Name:   a key, as ipcs(1) prints it. The first half creates the segment. When
 *         both have attached it, they mark it for removal.
 * Mode:   0700. The x bit, without a meaning to the kernel, says that this
 *         program made it. What lacks it, of whatever size, is not touched.
 * Wire:   the slots of segment.h. Both halves need the same C library, for 32
 *         or 64 bits: it decides what a mutex and a semaphore look like.
 * Errors: each half holds the robust mutex of its role from beginning to end. A
 *         thread of the peer waits for it. If the holder dies, the kernel
 *         unlocks the mutex, and the thread gets EOWNERDEAD.
 * Trust:  only this user can attach the segment. A length is checked. Mutexes
 *         and semaphores are not: the C library stores pointers in robust
 *         mutexes, and a peer that overwrites them crashes the other half.
 */
#ifndef SYSV_SHM_H
#define SYSV_SHM_H

#include "cleanup.h"
#include "fail.h"
#include "segment.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SYSV_SHM_MODE = 0700 };

static volatile sig_atomic_t created; /* remove shmid on the way out */
static pthread_t watcher;

/* The key unless one is given: 'm', which is 0x6d, and the user's id */
#define SYSV_SHM_DEFAULT "0x6d000000 + UID"

/* The operand, decimal or 0x..., or the default */
static key_t parse_key(int argc, char *argv[], const char *usage)
{
	const char *arg = argc < 2 ? name : argv[1];
	int help = strcmp(arg, "--help") == 0 && argc == 2;
	char *end;

	snprintf(name, sizeof name, "0x6d%06x", geteuid() & 0xffffff);
	uintmax_t key = strtoumax(arg, &end, strncmp(arg, "0x", 2) ? 10 : 16);
	if (argc > 2 || !isdigit((unsigned char)*arg) || *end != '\0' ||
	    key == IPC_PRIVATE || key > UINT32_MAX) {
		fputs(usage, help ? stdout : stderr);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write usage");
		exit(help ? EXIT_SUCCESS : 2);
	}
	snprintf(name, sizeof name, "0x%08x", (unsigned)key);
	return (key_t)key;
}

/* Async-signal-safe on Linux: one system call, with no state in this process.
 * An id is not used again soon: no other pair's segment */
static void remove_created(void)
{
	if (created)
		shmctl(shmid, IPC_RMID, NULL); /* best effort, on the way out */
}

/* Refuse the segment of another user, and one that others can attach */
static void check_segment(const struct shmid_ds *ds)
{
	const struct ipc_perm *perm = &ds->shm_perm;

	if (perm->cuid != geteuid())
		errx(EXIT_FAILURE,
		     "%s: a segment of uid %ju: choose another key", name,
		     (uintmax_t)perm->cuid);
	if (ds->shm_segsz != sizeof *shm)
		errx(EXIT_FAILURE,
		     "%s: %zu bytes, not a segment of %zu-bit halves: "
		     "ipcrm -M %s removes it",
		     name, ds->shm_segsz, 8 * sizeof(void *), name);
	if (!(perm->mode & S_IXUSR))
		errx(EXIT_FAILURE,
		     "%s: another program's segment: ipcrm -M %s removes it",
		     name, name);
	if (perm->uid != geteuid() || perm->mode & 077)
		errx(EXIT_FAILURE,
		     "%s: others may attach it: ipcrm -M %s removes it", name,
		     name);
}

/* Attach the segment, old or new; 0 if it has been removed since */
static int open_segment(key_t key)
{
	struct shmid_ds ds;

	shmid = shmget(key, sizeof *shm, IPC_CREAT | IPC_EXCL | SYSV_SHM_MODE);
	created = shmid != -1;
	if (!created && errno != EEXIST)
		fail("shmget", name);
	if (!created) {
		shmid = shmget(key, 0, 0);
		if (shmid != -1 && shmctl(shmid, IPC_STAT, &ds) == 0)
			check_segment(&ds);
		else if (errno == ENOENT || errno == EINVAL || errno == EIDRM)
			return 0;
		else
			err(EXIT_FAILURE, "%s: not a segment of this user",
			    name);
	}
	shm = shmat(shmid, NULL, 0);
	if (shm == (void *)-1 && errno != EINVAL && errno != EIDRM)
		fail("shmat", name);
	return shm != (void *)-1;
}

/* The second half does not wait until a NEW segment is READY, since the maker
 * may have died: it condemns the segment */
static void condemn_new(void)
{
	uint32_t state = NEW;

	atomic_compare_exchange_strong(&shm->state, &state, CONDEMNED);
	if (shm->state - READY > CONDEMNED - READY)
		errx(EXIT_FAILURE,
		     "%s: another program's segment: ipcrm -M %s removes it",
		     name, name);
}

/* Take the place of the second half; 0 if the segment is to be removed */
static int join_segment(enum role me)
{
	int has_peer = 0;

	condemn_new();
	if (shm->state != READY)
		return 0;
	lock(&shm->joining, pthread_mutex_lock);
	if (shm->state == READY) {
		if (!lock(&shm->alive[me], pthread_mutex_trylock))
			errx(EXIT_FAILURE, "%s: another %s is at work", name,
			     role_names[me]);
		has_peer = !lock(&shm->alive[!me], pthread_mutex_trylock);
		if (has_peer && sem_post(&shm->arrived) == -1)
			fail("sem_post", name);
		shm->state = has_peer ? MET : CONDEMNED;
		if (!has_peer) {
			check(pthread_mutex_unlock(&shm->alive[!me]));
			check(pthread_mutex_unlock(&shm->alive[me]));
		}
	}
	check(pthread_mutex_unlock(&shm->joining));
	return has_peer;
}

/* A thread that waits for the peer's mutex, and so for the peer's end */
static void *watch(void *role)
{
	enum role peer = (enum role)(intptr_t)role;

	if (pthread_mutex_lock(&shm->alive[peer]) != 0) { /* EOWNERDEAD */
		warnx("%s: the %s has exited", name, role_names[peer]);
		_exit(EXIT_FAILURE);
	}
	return NULL;
}

/* The rendezvous. No signal comes before it is known what there is to remove */
static void attach(enum role me, key_t key)
{
	sigset_t all, old;
	int joined = 0;

	catch_signals();
	sigfillset(&all);
	while (!joined) {
		if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
			fail("sigprocmask", name);
		int opened = open_segment(key);
		if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
			fail("sigprocmask", name);
		if (opened)
			joined = created ? make_ready(me) : join_segment(me);
		/* The segment is condemned, or of a pair that has met */
		if (!joined)
			shmctl(shmid, IPC_RMID, NULL); /* best effort */
		if (opened && !joined && shmdt(shm) == -1)
			fail("shmdt", name);
	}
	if (created) {
		warnx("waiting on %s", name);
		if (sem_wait(&shm->arrived) == -1)
			fail("sem_wait", name);
		shm->state = MET; /* if the peer died before it wrote that */
	}
	/* Both halves are attached: the memory stays until both detach */
	if (shmctl(shmid, IPC_RMID, NULL) == -1)
		fail("shmctl IPC_RMID", name);
	created = 0;
	errno = pthread_create(&watcher, NULL, watch, (void *)(intptr_t)!me);
	if (errno != 0)
		fail("pthread_create", name);
}

/* Neither half leaves before the other is done: then its watcher returns */
static void leave(enum role me)
{
	check(pthread_mutex_unlock(&shm->alive[me]));
	check(pthread_join(watcher, NULL));
	if (shmdt(shm) == -1)
		err(EXIT_FAILURE, "shmdt %s", name);
}

#endif
