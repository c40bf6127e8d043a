// SPDX-License-Identifier: MIT
/*
 * sysv_sem.h - what sysv_sem_producer and sysv_sem_consumer have in common
 *
 * Name:   a key of one set of semaphores and one shared memory segment. The
 *         first half creates both. The second removes the key of the segment,
 *         and the consumer the set, at the end. The last one out removes both.
 * Mode:   0700. The x bit, without a meaning to the kernel, says that this
 *         program made the object. An object without it is not touched.
 * Wire:   slots in a ring. The producer waits for a free one and fills it, the
 *         consumer waits for a full one and empties it. Length 0 is the end.
 *         The producer exits when the consumer has removed the set.
 * Errors: each half adds 1 to the semaphore of its role, with SEM_UNDO. The
 *         kernel takes it away when the process ends, however it ends.
 * Trust:  lengths are checked. The counters of a peer are trusted.
 */
#ifndef SYSV_SEM_H
#define SYSV_SEM_H

#include "cleanup.h"
#include "fail.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

/* The set. PRODUCER and CONSUMER are 1 while that half is attached, JOINING
 * while one joins or leaves. Linux creates a set all zeros: ready for use */
enum { FREE_SLOTS, FULL_SLOTS, PRODUCER, CONSUMER, JOINING, ARRIVED };
static const char *const names[] = { "free", "full", "producer", "consumer" };
enum { SYSV_SEM_MODE = 0700, SEMAPHORES = 6 };
enum { SLOTS = 8, SLOT_DATA = 16384 }; /* of the segment */
struct sysv_sem {
	_Atomic uint32_t done; /* the consumer has written everything */
	struct slot {
		_Atomic uint32_t len;
		char data[SLOT_DATA];
	} slot[SLOTS];
};
_Static_assert(sizeof(struct slot) == 4 + SLOT_DATA, "a slot has no padding");

union semun { /* the last argument of semctl(2), which the caller defines */
	int val;
	struct semid_ds *buf;
};

static key_t key;
static char name[sizeof "0x73000000"]; /* key, as ipcs(1) prints it */
static int semid, shmid = -1;
/* JOINED: this half holds JOINING, or the set is new and no half holds it */
static volatile enum { OUTSIDE, JOINED, ATTACHED } state;
static struct sysv_sem *shared;
static unsigned short me, peer; /* the roles */
static pthread_t watcher;

/* The key unless one is given: 's', which is 0x73, and the user's id */
#define SYSV_SEM_DEFAULT "0x73000000 + UID"

/* The operand, decimal or 0x..., or the default */
static key_t parse_key(int argc, char *argv[], const char *usage)
{
	const char *arg = argc < 2 ? name : argv[1];
	bool help = argc == 2 && strcmp(arg, "--help") == 0;
	char *end;

	snprintf(name, sizeof name, "0x73%06x", 0xffffff & geteuid());
	uintmax_t n = strtoumax(arg, &end, strncmp(arg, "0x", 2) ? 10 : 16);
	if (argc > 2 || !isdigit((unsigned char)*arg) || *end || n == 0 ||
	    n > UINT32_MAX) {
		fputs(usage, help ? stdout : stderr);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write usage");
		exit(help ? EXIT_SUCCESS : 2);
	}
	snprintf(name, sizeof name, "0x%08x", (unsigned)n);
	return (key_t)n;
}

/* semop(2), repeated if a signal interrupts it: all of ops or none */
static int operate(struct sembuf *ops, size_t n)
{
	while (semop(semid, ops, n) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* The last one out removes both. In a handler or at exit, or in both: then me
 * has no 1 to take away. semop, semctl and shmctl are one system call each */
static void remove_created(void)
{
	struct sembuf leave[] = { { me, -1, SEM_UNDO | IPC_NOWAIT },
				  { JOINING, 0, 0 },
				  { JOINING, 1, SEM_UNDO } };

	if (state == ATTACHED)
		operate(leave, 3);
	if (state != OUTSIDE && semctl(semid, peer, GETVAL) != 1) {
		semctl(semid, 0, IPC_RMID);
		shmctl(shmid, IPC_RMID, NULL);
	}
}

/* Refuse an object that another user made, owns or may use. False: removed */
static bool check_owner(const char *kind, int got, const struct ipc_perm *perm)
{
	if (got == -1 && errno == EACCES)
		err(EXIT_FAILURE, "%s: not a %s of this user", name, kind);
	if (got == -1 && errno != EIDRM && errno != EINVAL)
		fail("IPC_STAT", name);
	if (got != -1 && (perm->uid != geteuid() || perm->cuid != geteuid() ||
			  perm->mode & 077))
		errx(EXIT_FAILURE,
		     "%s: a %s of uid %u, mode %03o: choose another key", name,
		     kind, perm->cuid, perm->mode & 0777u);
	return got != -1;
}

/* Attach without waiting. False: another half is joining, or removed the set */
static bool join_set(void)
{
	struct sembuf join[] = { { JOINING, 0, IPC_NOWAIT },
				 { JOINING, 1, SEM_UNDO },
				 { me, 0, IPC_NOWAIT },
				 { me, 1, SEM_UNDO } };
	struct semid_ds ds = { .sem_nsems = 0 };

	semid = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | SYSV_SEM_MODE);
	state = semid == -1 ? OUTSIDE : JOINED;
	if (semid == -1 && errno == EEXIST)
		semid = semget(key, 0, 0);
	if (semid == -1 && errno != ENOENT)
		fail("semget", name);
	int got = semctl(semid, 0, IPC_STAT, (union semun){ .buf = &ds });
	if (!check_owner("set", got, &ds.sem_perm))
		return false;
	if (ds.sem_nsems != SEMAPHORES || !(ds.sem_perm.mode & S_IXUSR))
		errx(EXIT_FAILURE,
		     "%s: a set of %lu semaphores, not of this program: "
		     "ipcrm -S %s removes it",
		     name, (unsigned long)ds.sem_nsems, name);
	bool has_joined = operate(join, 4) == 0;
	if (!has_joined && errno != EAGAIN && errno != EIDRM && errno != EINVAL)
		fail("semop", name);
	state = has_joined ? JOINED : OUTSIDE;
	if (!has_joined && semctl(semid, me, GETVAL) == 1)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     names[me]);
	return has_joined;
}

/* shmid is never another program's segment, since it may be removed */
static void map_segment(bool is_first)
{
	struct sembuf arrived = { ARRIVED, 1, 0 };
	struct shmid_ds ds = { .shm_segsz = 0 };
	int id = -1, create = IPC_CREAT | IPC_EXCL | SYSV_SEM_MODE;

	if (is_first)
		id = shmid = shmget(key, sizeof *shared, create);
	bool is_old = is_first && id == -1 && errno == EEXIST;
	if (!is_first || is_old)
		id = shmget(key, 0, 0);
	if (id == -1 && errno != ENOENT)
		fail("shmget", name);
	if (!check_owner("segment", shmctl(id, IPC_STAT, &ds), &ds.shm_perm))
		errx(EXIT_FAILURE, "%s: the %s is about to exit: start again",
		     name, names[peer]);
	if (ds.shm_segsz != sizeof *shared || !(ds.shm_perm.mode & S_IXUSR))
		errx(EXIT_FAILURE,
		     "%s: a segment of %zu bytes, not of this program: "
		     "ipcrm -M %s removes it",
		     name, ds.shm_segsz, name);
	/* A crash has left this segment, or a half whose set was removed and
	 * that will remove its segment: by id, so never this half's new one */
	if (is_old) {
		shmctl(id, IPC_RMID, NULL); /* that half may be faster */
		id = shmget(key, sizeof *shared, create);
		if (id == -1)
			fail("shmget", name);
	}
	shmid = id;
	if ((shared = shmat(shmid, NULL, 0)) == (void *)-1)
		fail("shmat", name);
	shared->done = 0;
	/* First wake the peer: without the key, no other half can do so */
	if (!is_first &&
	    (operate(&arrived, 1) == -1 || shmctl(shmid, IPC_RMID, NULL) == -1))
		fail("shmctl", name);
	if (is_first &&
	    (semctl(semid, FREE_SLOTS, SETVAL, (union semun){ SLOTS }) == -1 ||
	     semctl(semid, FULL_SLOTS, SETVAL, (union semun){ 0 }) == -1 ||
	     semctl(semid, ARRIVED, SETVAL, (union semun){ 0 }) == -1))
		fail("semctl", name);
}

/* A thread that waits until the peer has ended, or the set is removed */
static void *watch_peer(void *unused)
{
	struct sembuf ended = { peer, 0, 0 };

	operate(&ended, 1);
	if (!shared->done) {
		remove_created();
		warnx("%s: the %s has exited", name, names[peer]);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* The rendezvous. Signals are blocked until state says what to remove */
static void attach(unsigned short role)
{
	sigset_t all, old;

	me = role;
	peer = role == PRODUCER ? CONSUMER : PRODUCER;
	struct sembuf joined = { JOINING, -1, SEM_UNDO };
	struct sembuf nobody_joins = { JOINING, 0, 0 };
	struct sembuf arrived = { ARRIVED, -1, 0 };

	catch_signals();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	while (!join_set()) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		operate(&nobody_joins, 1); /* or the set is removed */
		sigprocmask(SIG_BLOCK, &all, NULL);
	}
	int peers = semctl(semid, peer, GETVAL);
	if (peers == -1)
		fail("semctl", name);
	bool is_first = peers == 0;
	map_segment(is_first);
	if (operate(&joined, 1) == -1)
		fail("semop", name);
	state = ATTACHED;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (is_first) {
		warnx("waiting on %s", name);
		if (operate(&arrived, 1) == -1)
			errx(EXIT_FAILURE, "%s: the set has been removed",
			     name);
	}
	if ((errno = pthread_create(&watcher, NULL, watch_peer, NULL)) != 0)
		fail("pthread_create", name);
}

/* Wait until a semaphore is not 0 and take 1 from it, or add 1 to it */
static void count(unsigned short semaphore, short by)
{
	struct sembuf op = { semaphore, by, 0 };

	if (operate(&op, 1) == 0)
		return;
	if (errno == EIDRM || errno == EINVAL) /* the set was removed, */
		pthread_join(watcher, NULL);   /* and the watcher exits */
	err(EXIT_FAILURE, "semop %s", name);
}

#endif
