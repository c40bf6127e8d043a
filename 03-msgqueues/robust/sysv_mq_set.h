// SPDX-License-Identifier: MIT
/*
 * sysv_mq_set.h - a set of semaphores: which half is attached?
 *
 * A queue does not know who uses it. So each half adds 1 to the semaphore of
 * its role, with SEM_UNDO: the kernel takes it away when the process ends, in
 * whatever way. What is attached nowhere, and not finished, is stale.
 */
#ifndef SYSV_MQ_SET_H
#define SYSV_MQ_SET_H

#include "cleanup.h"
#include "fail.h"
#include "sysv_mq.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/sem.h>
#include <sys/stat.h>

/* The set. PRODUCER and CONSUMER are 1 while that half is attached; a producer
 * that has sent all adds 2, which stay. BEGUN is 1 as soon as a half has
 * attached, and OPEN until the other one has, too: a set and its queue serve
 * two halves, and no third. All zeros, as Linux creates it, a set is unused */
enum { PRODUCER, CONSUMER, BEGUN, OPEN };
enum { SEMAPHORES = 7 }; /* more than needed: no other pair has such a set */
/* The x bit of a set, without a meaning to the kernel: this program made it */
enum { SYSV_MQ_SET_MODE = 0700 };
static const char *const names[] = { "producer", "consumer" };

union semun { /* the last argument of semctl(2), which the caller defines */
	struct semid_ds *buf;
	unsigned short *array;
};

static int semid = -1;
static unsigned short me, peer; /* the roles */
static atomic_bool attached;	/* to set and queue, which this half removes */
static pthread_t watcher;

/* The set may have been removed at this moment. Any other error is one */
static void expect_removed(const char *call)
{
	if (errno != EIDRM && errno != EINVAL)
		fail(call, name);
}

static int read_set(unsigned short set[])
{
	if (semctl(semid, 0, GETALL, (union semun){ .array = set }) == 0)
		return 1;
	expect_removed("semctl");
	return 0;
}

/* semop(2), called again where a signal interrupted it: all of ops or none */
static int operate(struct sembuf *ops, size_t n)
{
	while (semop(semid, ops, n) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* A half that gives up removes queue and set: by id, so that it disturbs its
 * own peer alone, which cannot go on either. An unused set may be removed, too.
 * Best effort, at exit or in a handler. semop, semctl and msgctl are not in
 * signal-safety(7), but each is one system call in glibc and musl */
static void remove_created(void)
{
	struct sembuf detach = { me, -1, IPC_NOWAIT | SEM_UNDO };

	if (attached) {
		semop(semid, &detach, 1); /* so the peer learns why */
		msgctl(msqid, IPC_RMID, NULL);
	}
	if (attached || semctl(semid, BEGUN, GETVAL) == 0)
		semctl(semid, 0, IPC_RMID);
}

/* Has no other user made it, and none access to it? Of mode 0600 others cannot
 * even ask: result, of IPC_STAT, is -1 then. It may also be removed by now */
static int is_ours(int result, const struct ipc_perm *perm)
{
	if (result == -1 && errno == EACCES)
		return 0;
	if (result == -1) {
		expect_removed("IPC_STAT");
		return 1;
	}
	return perm->uid == geteuid() && perm->cuid == geteuid() &&
	       (perm->mode & 077) == 0;
}

static _Noreturn void refuse(const char *kind, int ours)
{
	if (!ours)
		errx(EXIT_FAILURE,
		     "%s: a %s of another user, or open to others: choose "
		     "another key",
		     name, kind);
	errx(EXIT_FAILURE,
	     "%s: a %s of another program: ipcrm -%c %s removes it", name, kind,
	     toupper((unsigned char)*kind), name);
}

/* Find the set or create it. Before it is known to be ours semid stays -1 */
static void find_set(void)
{
	struct semid_ds ds = { 0 };
	int id = semget(key, 0, 0);

	semid = -1;
	if (id == -1 && errno == ENOENT)
		id = semid = semget(key, SEMAPHORES,
				    IPC_CREAT | IPC_EXCL | SYSV_MQ_SET_MODE);
	if (id == -1 && errno != EEXIST)
		fail("semget", name);
	int n = semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds });
	int ours = is_ours(n, &ds.sem_perm);
	if (!ours || (n == 0 && (ds.sem_nsems != SEMAPHORES ||
				 !(ds.sem_perm.mode & S_IXUSR))))
		refuse("set", ours);
	semid = id;
}

/* The queue of the set: what was found before, a new one, or what the peer has
 * made in between; but that is the next pair's if the set is removed by then */
static void take_queue(int found)
{
	struct msqid_ds ds = { 0 };

	msqid = found;
	if (found == -1)
		msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1 && errno != EEXIST)
		fail("msgget", name);
	if (msqid == -1) {
		found = msgget(key, 0);
		attached = semctl(semid, me, GETVAL) != -1;
		if (attached)
			msqid = found;
	}
	if (attached && !is_ours(msgctl(msqid, IPC_STAT, &ds), &ds.msg_perm)) {
		msqid = -1;
		refuse("queue", 0);
	}
}

/* Attach, or refuse to; or return for another attempt, if the set has just been
 * removed, or the peer is about to end. Nothing in here waits */
static void join_set(void)
{
	struct sembuf first[] = { { BEGUN, 0, IPC_NOWAIT },
				  { BEGUN, 1, 0 },
				  { OPEN, 1, 0 },
				  { me, 1, SEM_UNDO } };
	struct sembuf second[] = { { OPEN, -1, IPC_NOWAIT },
				   { peer, -1, IPC_NOWAIT }, /* not 0? */
				   { peer, 1, 0 },
				   { me, 1, SEM_UNDO } };
	unsigned short set[SEMAPHORES] = { 0 };
	struct msqid_ds ds = { 0 };

	find_set();
	int queue = msgget(key, 0);
	if (queue == -1 && errno != ENOENT)
		fail("msgget", name);
	if (!read_set(set))
		return;
	if (queue != -1 && !set[BEGUN])
		refuse("queue",
		       is_ours(msgctl(queue, IPC_STAT, &ds), &ds.msg_perm));
	/* Somebody may have removed the queue of a finished transfer */
	int lost = set[PRODUCER] > 1 && msgget(key, 0) == -1;
	if (!lost && (operate(first, 4) == 0 ||
		      (errno == EAGAIN && operate(second, 4) == 0))) {
		attached = 1;
		take_queue(queue);
		return;
	}
	if (!lost && errno != EAGAIN)
		expect_removed("semop");
	queue = msgget(key, 0);
	if (!read_set(set))
		return;
	if (!lost && set[me] == 1)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     names[me]);
	if (!lost && set[me] > 1 && (set[OPEN] || set[CONSUMER]))
		errx(EXIT_FAILURE,
		     "%s: holds a finished transfer: start sysv_mq_consumer %s",
		     name, name);
	if (lost || set[peer] != 1) {
		/* Stale: nobody is attached, and nobody can attach any more */
		msgctl(queue, IPC_RMID, NULL);
		if (semctl(semid, 0, IPC_RMID) == -1)
			expect_removed("semctl");
	}
}

/* A queue wakes no process when the one at its other end dies. This thread
 * waits until both have attached, the peer is not any more, and this half is */
static void *watch_peer(void *unused)
{
	struct sembuf ended[] = {
		{ OPEN, 0, 0 }, { peer, 0, 0 }, { me, -1, 0 }, { me, 1, 0 }
	};

	if (operate(ended, 4) == 0) {
		remove_created();
		warnx("%s: the %s has exited", name, names[peer]);
		_exit(EXIT_FAILURE);
	}
	/* The consumer has removed the set at the end, or ipcrm(1) has. This
	 * wakes a main thread that waits, and reports an error if it is one */
	msgctl(msqid, IPC_RMID, NULL);
	return unused;
}

/* A call failed since the queue was removed. If it was the peer that did so,
 * the watcher is about to report that and to end this process */
static _Noreturn void give_up(void)
{
	semctl(semid, 0, IPC_RMID); /* now its wait ends in any case */
	pthread_join(watcher, NULL);
	errx(EXIT_FAILURE, "%s: the queue has been removed", name);
}

/* The rendezvous. Signals wait while it is decided what there is to remove */
static void attach(unsigned short role)
{
	sigset_t all, old;

	me = role;
	peer = me == PRODUCER ? CONSUMER : PRODUCER;
	struct sembuf ended = { peer, 0, 0 };
	catch_signals();
	sigfillset(&all);
	while (!attached) { /* sigprocmask cannot fail: all is valid */
		sigprocmask(SIG_BLOCK, &all, &old);
		join_set();
		sigprocmask(SIG_SETMASK, &old, NULL);
		if (!attached && operate(&ended, 1) == -1)
			expect_removed("semop");
	}
	errno = pthread_create(&watcher, NULL, watch_peer, NULL);
	if (errno != 0)
		fail("pthread_create", name);
}

#endif
