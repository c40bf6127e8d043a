// SPDX-License-Identifier: MIT
/*
 * sysv_shm.h - the contract of sysv_shm_producer and sysv_shm_consumer
 *
 * Name:   a key, as ipcs(1) prints it. The first half creates the segment, mode
 *         0600, and marks it for removal as soon as both have attached.
 * Wire:   slots and two semaphores, as in the plain pair. A slot of no bytes is
 *         the end.
 * Errors: a semaphore does not report that a peer has died, but a robust mutex
 *         does. Each half holds the mutex of its role from beginning to end,
 * and a thread of the peer waits for it: if the holder dies, the kernel unlocks
 * the mutex, and the waiter gets EOWNERDEAD.
 *
 * Both halves need the same C library, for 32 or for 64 bits: it decides what a
 * mutex looks like. A segment of another size is refused.
 */
#ifndef SYSV_SHM_H
#define SYSV_SHM_H

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

/* 'm' and the user id */
#define DEFAULT_KEY ((key_t)(0x6d000000 | (geteuid() & 0xffffff)))

enum role { PRODUCER, CONSUMER }; /* the peer of me is !me */
static const char *const role_names[] = { "producer", "consumer" };
enum { NEW, READY, CONDEMNED }; /* 0 is what the kernel fills a segment with */

enum { SLOTS = 8, SLOT_DATA = 65536 }; /* data: in bytes */

struct slot {
	uint32_t len; /* how many bytes of data are in use */
	char data[SLOT_DATA];
};

struct shared {
	_Atomic int state;
	pthread_mutex_t alive[2]; /* by role */
	sem_t arrived; /* posted once, by the half that starts second */
	sem_t free, full;
	struct slot slots[SLOTS];
};

static char name[sizeof "0x6d000000"]; /* the key, as ipcs(1) prints it */
static int shmid;
static volatile sig_atomic_t created; /* remove shmid on the way out */
static struct shared *shm;
static pthread_t watcher;

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The key that operand spells, decimal or 0x...; 0, IPC_PRIVATE, if none */
static key_t parse_key(const char *operand)
{
	int base = strncmp(operand, "0x", 2) == 0 ? 16 : 10;
	char *end;
	uintmax_t n = strtoumax(operand, &end, base);

	if (!isdigit((unsigned char)*operand) || *end || n > UINT32_MAX)
		return 0;
	return (key_t)n;
}

/* Best effort, on the way out. signal-safety(7) does not list shmctl, but on
 * Linux it is one system call, which keeps no state in this process */
static void remove_created(void)
{
	if (created)
		shmctl(shmid, IPC_RMID, NULL);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* The pthread functions return the error that others leave in errno */
static void check(int error, const char *what)
{
	errno = error;
	if (error != 0)
		err(EXIT_FAILURE, "%s %s", what, name);
}

/* Attach the segment, old or new; 0 if another process has removed it */
static int open_segment(key_t key)
{
	struct shmid_ds ds;

	shmid = shmget(key, sizeof *shm, IPC_CREAT | IPC_EXCL | 0600);
	created = shmid != -1;
	if (!created && errno == EEXIST)
		shmid = shmget(key, 0, 0600);
	if (shmid == -1 && errno == ENOENT)
		return 0;
	if (shmid == -1)
		err(EXIT_FAILURE, "shmget %s", name);
	if (shmctl(shmid, IPC_STAT, &ds) == 0) {
		if (ds.shm_perm.cuid != geteuid())
			errx(EXIT_FAILURE, "%s: not a segment of ours", name);
		if (ds.shm_segsz != sizeof *shm)
			errx(EXIT_FAILURE,
			     "%s: not a segment of %zu-bit halves", name,
			     8 * sizeof(void *));
		/* No half is attached: stale, and removed at once. (Or a new
		 * one: then its maker finds it removed, and starts again) */
		if (!created && ds.shm_nattch == 0)
			shmctl(shmid, IPC_RMID, NULL);
		shm = shmat(shmid, NULL, 0);
		if (shm != (void *)-1)
			return 1;
	}
	if (errno != EINVAL && errno != EIDRM)
		err(EXIT_FAILURE, "shmat %s", name);
	return 0;
}

/* A half that died with the mutex did no harm: it had no peer yet */
static void take_place(enum role me)
{
	int error = pthread_mutex_trylock(&shm->alive[me]);

	if (error == EBUSY)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_names[me]);
	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(&shm->alive[me]);
	check(error, "lock");
}

/* Make the new segment ready for the peer; 0 if the peer has condemned it */
static int make_ready(enum role me)
{
	pthread_mutexattr_t attr;
	int state = NEW;

	check(pthread_mutexattr_init(&attr), "mutexattr");
	check(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED),
	      "setpshared");
	check(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST),
	      "setrobust");
	check(pthread_mutex_init(&shm->alive[PRODUCER], &attr), "mutex_init");
	check(pthread_mutex_init(&shm->alive[CONSUMER], &attr), "mutex_init");
	if (sem_init(&shm->arrived, 1, 0) == -1 ||
	    sem_init(&shm->free, 1, SLOTS) == -1 ||
	    sem_init(&shm->full, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init %s", name);
	take_place(me);
	created = atomic_compare_exchange_strong(&shm->state, &state, READY);
	return created;
}

/* Join the peer that waits; 0 if the segment is not ready. Its maker may have
 * died: condemn it. Of the two exchanges only one succeeds */
static int join_peer(enum role me)
{
	int state = NEW;

	atomic_compare_exchange_strong(&shm->state, &state, CONDEMNED);
	if (state != READY) {
		shmctl(shmid, IPC_RMID, NULL);
		return 0;
	}
	take_place(me);
	if (sem_post(&shm->arrived) == -1)
		err(EXIT_FAILURE, "sem_post %s", name);
	return 1;
}

/* A thread that waits for the peer's mutex, which the peer unlocks at the end,
 * or the kernel when the peer dies */
static void *watch(void *role)
{
	enum role peer = (enum role)(intptr_t)role;
	int error = pthread_mutex_lock(&shm->alive[peer]);

	if (error == EOWNERDEAD) {
		warnx("%s: the %s has gone", name, role_names[peer]);
		_exit(EXIT_FAILURE);
	}
	check(error, "lock");
	check(pthread_mutex_unlock(&shm->alive[peer]), "unlock");
	return NULL;
}

/* The rendezvous. Signals wait until it is known what there is to remove */
static void attach(enum role me, key_t key)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	snprintf(name, sizeof name, "0x%08x", (unsigned)key);
	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!open_segment(key) ||
	       !(created ? make_ready(me) : join_peer(me)))
		;
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created) {
		warnx("waiting on %s", name);
		if (sem_wait(&shm->arrived) == -1)
			err(EXIT_FAILURE, "sem_wait %s", name);
		/* Both are attached: the memory stays until both detach */
		if (shmctl(shmid, IPC_RMID, NULL) == -1)
			err(EXIT_FAILURE, "shmctl IPC_RMID %s", name);
		created = 0;
	}
	check(pthread_create(&watcher, NULL, watch, (void *)(intptr_t)!me),
	      "pthread_create");
}

/* Neither half leaves before the other is done: then its watcher returns */
static void leave(enum role me)
{
	check(pthread_mutex_unlock(&shm->alive[me]), "unlock");
	check(pthread_join(watcher, NULL), "join");
	if (shmdt(shm) == -1)
		err(EXIT_FAILURE, "shmdt %s", name);
}

#endif
