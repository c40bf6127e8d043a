// SPDX-License-Identifier: MIT
/*
 * sysv_sem.h - what sysv_sem_producer and sysv_sem_consumer have in common
 *
 * Name:   a key of one set of semaphores and one shared memory segment. The
 *         half that starts first creates them, mode 0600. The second removes
 *         the key of the segment, and the consumer at the end the set.
 * Wire:   slots in a ring. The producer waits for a free one and fills it, the
 *         consumer waits for a full one and writes it out. Length 0 is the end.
 *         The producer exits when the consumer has removed the set.
 * Errors: each half adds 1 to the semaphore of its role, with SEM_UNDO. The
 *         kernel takes it away when the process ends, in whatever way.
 */
#ifndef SYSV_SEM_H
#define SYSV_SEM_H

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

/* The set. PRODUCER and CONSUMER are 1 while that half is attached, SETUP while
 * one is attaching. All zeros, as Linux creates the set, it is ready for use */
enum { FREE_SLOTS, FULL_SLOTS, PRODUCER, CONSUMER, SETUP, SEMAPHORES };
static const char *const names[] = { "free", "full", "producer", "consumer" };

enum { SLOTS = 8, SLOT_DATA = 16384 }; /* in the segment: */
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
static atomic_bool created; /* set and segment are ours to remove */
static struct sysv_sem *shared;
static unsigned short peer; /* the role of the other half */
static pthread_t watcher;

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Decimal or 0x...; without arg 's' and the user id. 0 if it is not a key */
static key_t parse_key(const char *arg)
{
	char *end;

	if (arg == NULL)
		return (key_t)('s' << 24 | (0xffffff & geteuid()));
	uintmax_t n = strtoumax(arg, &end, strncmp(arg, "0x", 2) ? 10 : 16);
	if (!isdigit((unsigned char)*arg) || *end || n > UINT32_MAX)
		return 0;
	return (key_t)n;
}

/* Best effort, at exit or in a handler. semctl and shmctl are not in
 * signal-safety(7), but in glibc and musl each is one system call */
static void remove_created(void)
{
	if (atomic_exchange(&created, 0)) {
		semctl(semid, 0, IPC_RMID);
		shmctl(shmid, IPC_RMID, NULL);
	}
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* semop(2), called again where a signal interrupted it: all of ops or none */
static int operate(struct sembuf *ops, size_t n)
{
	while (semop(semid, ops, n) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Attach to the set. False: it was removed at this moment, so try again. A new
 * set needs no initial value: all zeros mean that nobody is attached */
static int join_set(unsigned short me)
{
	struct sembuf join[] = {
		{ SETUP, 0, 0 },	/* wait until nobody is attaching */
		{ SETUP, 1, SEM_UNDO }, /* but this half, */
		{ me, 0, IPC_NOWAIT },	/* the only one of its role */
		{ me, 1, SEM_UNDO },
	};
	struct semid_ds ds;

	semid = semget(key, SEMAPHORES, IPC_CREAT | 0600);
	if (semid == -1)
		err(EXIT_FAILURE, "semget %s", name);
	if (semctl(semid, 0, IPC_STAT, (union semun){ .buf = &ds }) == 0) {
		if (ds.sem_perm.cuid != geteuid() || ds.sem_nsems != SEMAPHORES)
			errx(EXIT_FAILURE, "%s: not a set of ours", name);
		if (operate(join, sizeof join / sizeof *join) == 0)
			return 1;
	}
	if (errno == EAGAIN)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     names[me]);
	if (errno != EIDRM && errno != EINVAL)
		err(EXIT_FAILURE, "semop %s", name);
	return 0;
}

/* The first half sets the counts. The second one removes the segment's key */
static void map_segment(int is_first)
{
	int id = shmget(key, sizeof *shared, is_first ? IPC_CREAT | 0600 : 0);
	struct shmid_ds ds;

	if (id == -1 || shmctl(id, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "shmget %s", name);
	if (ds.shm_perm.cuid != geteuid() || ds.shm_segsz != sizeof *shared)
		errx(EXIT_FAILURE, "%s: not a segment of ours", name);
	shmid = id;
	shared = shmat(shmid, NULL, 0);
	if (shared == (void *)-1)
		err(EXIT_FAILURE, "shmat %s", name);
	if (!is_first && shmctl(shmid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "shmctl %s", name);
	shared->done = 0;
	if (is_first &&
	    (semctl(semid, FREE_SLOTS, SETVAL, (union semun){ SLOTS }) == -1 ||
	     semctl(semid, FULL_SLOTS, SETVAL, (union semun){ 0 }) == -1))
		err(EXIT_FAILURE, "semctl %s", name);
}

/* A thread that waits until the peer's semaphore is 0: the peer has ended. The
 * wait also ends when the set is removed, by the peer or by this process */
static void *watch_peer(void *unused)
{
	struct sembuf ended = { peer, 0, 0 };

	operate(&ended, 1);
	if (created && !shared->done) {
		remove_created();
		warnx("%s: the %s has exited", name, names[peer]);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* The rendezvous. Signals wait until it is known what there is to remove */
static void attach(unsigned short me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sembuf ready = { SETUP, -1, SEM_UNDO };
	sigset_t old;

	peer = me == PRODUCER ? CONSUMER : PRODUCER;
	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_set(me))
		;
	created = 1;
	int peers = semctl(semid, peer, GETVAL);
	if (peers == -1)
		err(EXIT_FAILURE, "semctl %s", name);
	map_segment(peers == 0);
	if (operate(&ready, 1) == -1 ||
	    sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "semop %s, sigprocmask", name);
	if (peers == 0) {
		struct sembuf arrived[] = { { peer, -1, 0 }, { peer, 1, 0 } };

		warnx("waiting on %s", name);
		if (operate(arrived, 2) == -1)
			err(EXIT_FAILURE, "semop %s", name);
	}
}

/* Wait until a semaphore is not 0 and take 1 from it, or add 1 to it */
static void count(unsigned short semaphore, short by)
{
	struct sembuf op = { semaphore, by, 0 };

	if (operate(&op, 1) == 0)
		return;
	if (errno == EIDRM || errno == EINVAL) /* the set was removed: */
		pthread_join(watcher, NULL);   /* the watcher exits */
	err(EXIT_FAILURE, "semop %s", name);
}

#endif
