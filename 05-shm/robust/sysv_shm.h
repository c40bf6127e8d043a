// SPDX-License-Identifier: MIT
/*
 * sysv_shm.h - the contract of sysv_shm_producer and sysv_shm_consumer
 *
 * Name:   a key, as ipcs(1) prints it. The first half creates the segment, mode
 *         0600. When both have attached it, they mark it for removal.
 * Wire:   slots and two semaphores, as in the plain pair. Both halves need the
 *         same C library, for 32 or 64 bits: it decides what the segment holds.
 * Errors: each half holds the robust mutex of its role from beginning to end. A
 *         thread of the peer waits for it. If the holder dies, the kernel
 *         unlocks the mutex, and the waiter gets EOWNERDEAD.
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum role { PRODUCER, CONSUMER }; /* the peer of me is !me */
static const char *const role_names[] = { "producer", "consumer" };
enum state { NEW, READY, CONDEMNED }; /* NEW: all bytes are 0 */
enum { SLOTS = 8 };

struct shared {
	_Atomic enum state state;
	pthread_mutex_t alive[2]; /* by role */
	sem_t arrived; /* posted once, by the half that starts second */
	sem_t free, full;
	struct slot {
		uint32_t len; /* how many bytes of data are in use */
		char data[65536];
	} slots[SLOTS];
};

static char name[sizeof "0x6d000000"]; /* the key, as ipcs(1) prints it */
static int shmid;
static volatile sig_atomic_t created; /* remove shmid on the way out */
static struct shared *shm;
static pthread_t watcher;

/* The operand, decimal or 0x...; without one, 'm' and the user id */
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

/* Async-signal-safe on Linux: one system call, with no state in this process */
static void remove_created(void)
{
	if (created)
		shmctl(shmid, IPC_RMID, NULL); /* best effort, on the way out */
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
static void check(int error)
{
	errno = error;
	if (error != 0)
		err(EXIT_FAILURE, "pthread %s", name);
}

/* Attach the segment, old or new; 0 if it has been removed meanwhile */
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
	shm = (void *)-1;
	if (shmctl(shmid, IPC_STAT, &ds) == 0) {
		if (ds.shm_perm.cuid != geteuid())
			errx(EXIT_FAILURE, "%s: not a segment of ours", name);
		if (ds.shm_segsz != sizeof *shm)
			errx(EXIT_FAILURE,
			     "%s: not a segment of %zu-bit halves", name,
			     8 * sizeof(void *));
		/* Stale, or new and not yet attached by its maker */
		if (!created && ds.shm_nattch == 0)
			shmctl(shmid, IPC_RMID, NULL); /* best effort */
		shm = shmat(shmid, NULL, 0);
	}
	if (shm == (void *)-1 && errno != EINVAL && errno != EIDRM)
		err(EXIT_FAILURE, "shmat %s", name);
	return shm != (void *)-1;
}

/* Make a new segment ready. Its maker has its place before there is a peer */
static void make_ready(enum role me)
{
	pthread_mutexattr_t attr;

	check(pthread_mutexattr_init(&attr));
	check(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	check(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	check(pthread_mutex_init(&shm->alive[PRODUCER], &attr));
	check(pthread_mutex_init(&shm->alive[CONSUMER], &attr));
	check(pthread_mutex_lock(&shm->alive[me]));
	if (sem_init(&shm->arrived, 1, 0) == -1 ||
	    sem_init(&shm->free, 1, SLOTS) == -1 ||
	    sem_init(&shm->full, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init %s", name);
}

/* Take the place of this half; 0 if the segment is condemned. The second half
 * condemns one that is not ready: its maker may have died */
static int join_segment(enum role me)
{
	enum state state = NEW;

	if (created)
		make_ready(me);
	/* Of the maker's exchange and the second half's, one succeeds */
	atomic_compare_exchange_strong(&shm->state, &state,
				       created ? READY : CONDEMNED);
	if (state != (created ? NEW : READY))
		return 0;
	if (created)
		return 1;
	int error = pthread_mutex_trylock(&shm->alive[me]);
	if (error == EBUSY)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_names[me]);
	if (error != 0) /* EOWNERDEAD: it died before it posted arrived */
		check(pthread_mutex_consistent(&shm->alive[me]));
	if (pthread_mutex_trylock(&shm->alive[!me]) != EBUSY)
		return 0; /* the peer dies just now, and is still attached */
	if (sem_post(&shm->arrived) == -1)
		err(EXIT_FAILURE, "sem_post %s", name);
	return 1;
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

/* The rendezvous. Signals wait until it is known what there is to remove */
static void attach(enum role me, key_t key)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!open_segment(key) || !join_segment(me))
		shmctl(shmid, IPC_RMID, NULL); /* best effort */
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created)
		warnx("waiting on %s", name);
	if (created && sem_wait(&shm->arrived) == -1)
		err(EXIT_FAILURE, "sem_wait %s", name);
	/* Both are attached: the memory stays until both detach */
	if (shmctl(shmid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "shmctl IPC_RMID %s", name);
	created = 0;
	check(pthread_create(&watcher, NULL, watch, (void *)(intptr_t)!me));
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
