// SPDX-License-Identifier: MIT
/*
 * sysv_sem_consumer.c - copy a bounded buffer to standard output
 *
 * Shows:  one set counts slots and processes, several in one atomic semop(2);
 *         what is marked SEM_UNDO, the kernel takes back from the dead
 * Build:  cc sysv_sem_consumer.c -o sysv_sem_consumer
 * Run:    ./sysv_sem_consumer [KEY] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sysvipc(7), semop(2), semctl(2), shmop(2);
 *         sysv_sem_producer.c, sysv_sem.h
 */
#define _XOPEN_SOURCE 700

#include "sysv_sem.h"
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
#include <sys/shm.h>
#include <unistd.h>

enum { ME = SYSV_SEM_CONSUMER, PEER = SYSV_SEM_PRODUCER };

static key_t key;
static char name[sizeof "0x73000000"]; /* key, as ipcs(1) prints it */
static int semid, shmid = -1;
static atomic_bool created; /* these are ours to remove */
static struct sysv_sem *shared;
static pthread_t watcher;

static int usage(FILE *out)
{
	fputs("usage: sysv_sem_consumer [KEY]\n"
	      "Copy the buffer KEY, made if missing, to standard output.\n"
	      "KEY is a number, 0x73000000 + UID unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The key that arg spells, decimal or 0x...; 0, IPC_PRIVATE, if it is none */
static key_t parse_key(const char *arg)
{
	char *end;
	uintmax_t n = strtoumax(arg, &end, strncmp(arg, "0x", 2) ? 10 : 16);

	if (!isdigit((unsigned char)*arg) || *end || n > UINT32_MAX)
		return 0;
	return (key_t)n;
}

/* Best effort, on the way out: there is nobody left to tell */
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
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* semop(2), begun again where a signal interrupted it: all of ops or none */
static int operate(struct sembuf *ops, size_t n)
{
	while (semop(semid, ops, n) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Come into the set; 0 if it was removed in this moment: once more. That a new
 * set is not initialised does not matter: it says that nobody is here */
static int join_set(void)
{
	struct sembuf come[] = {
		{ SYSV_SEM_SETUP, 0, 0 },	 /* wait: nobody is coming in */
		{ SYSV_SEM_SETUP, 1, SEM_UNDO }, /* but us, */
		{ ME, 0, IPC_NOWAIT },		 /* and we are the only one */
		{ ME, 1, SEM_UNDO },
	};
	struct semid_ds ds;
	union sysv_sem_arg arg = { .buf = &ds };

	semid = semget(key, SYSV_SEM_SEMS, IPC_CREAT | 0600);
	if (semid == -1)
		err(EXIT_FAILURE, "semget %s", name);
	if (semctl(semid, 0, IPC_STAT, arg) == 0) {
		if (ds.sem_perm.cuid != geteuid() ||
		    ds.sem_nsems != SYSV_SEM_SEMS)
			errx(EXIT_FAILURE, "%s: not a set of ours", name);
		if (operate(come, sizeof come / sizeof *come) == 0) {
			created = 1;
			return 1;
		}
	}
	if (errno == EAGAIN)
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	if (errno != EIDRM && errno != EINVAL)
		err(EXIT_FAILURE, "semop %s", name);
	return 0;
}

/* The first counts afresh, whatever a crash left; the second frees the key */
static void attach(int first)
{
	union sysv_sem_arg slots = { .val = SYSV_SEM_SLOTS }, none = { 0 };
	int id = shmget(key, sizeof *shared, first ? IPC_CREAT | 0600 : 0);
	struct shmid_ds ds;

	if (id == -1 || shmctl(id, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "shmget %s", name);
	if (ds.shm_perm.cuid != geteuid() || ds.shm_segsz != sizeof *shared)
		errx(EXIT_FAILURE, "%s: not a segment of ours", name);
	shmid = id;
	shared = shmat(shmid, NULL, 0);
	if (shared == (void *)-1)
		err(EXIT_FAILURE, "shmat %s", name);
	if (!first && shmctl(shmid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "shmctl %s", name);
	if (first) {
		shared->done = 0;
		if (semctl(semid, SYSV_SEM_EMPTY, SETVAL, slots) == -1 ||
		    semctl(semid, SYSV_SEM_FULL, SETVAL, none) == -1)
			err(EXIT_FAILURE, "semctl %s", name);
	}
}

/* The rendezvous. Signals wait until we know if there is something to remove */
static void meet(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sembuf ready = { SYSV_SEM_SETUP, -1, SEM_UNDO };
	struct sembuf arrived[] = { { PEER, -1, 0 }, { PEER, 1, 0 } };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_set())
		;
	int peers = semctl(semid, PEER, GETVAL);
	if (peers == -1)
		err(EXIT_FAILURE, "semctl %s", name);
	attach(peers == 0);
	if (operate(&ready, 1) == -1)
		err(EXIT_FAILURE, "semop %s", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (peers == 0) {
		warnx("waiting on %s", name);
		if (operate(arrived, 2) == -1)
			err(EXIT_FAILURE, "semop %s", name);
	}
}

/* Another thread waits for 0 at the peer's semaphore: it has ended. It comes
 * back also when the set is removed: by the peer, or just now by ourselves */
static void *watch(void *unused)
{
	struct sembuf ended = { PEER, 0, 0 };

	operate(&ended, 1);
	if (created && !shared->done) {
		remove_created();
		warnx("%s: the producer has gone", name);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* Wait until a semaphore is not 0 and take 1 from it, or add 1 to it */
static void count(unsigned short sem, short by)
{
	struct sembuf op = { sem, by, 0 };

	if (operate(&op, 1) == 0)
		return;
	if (errno != EIDRM && errno != EINVAL)
		err(EXIT_FAILURE, "semop %s", name);
	pthread_join(watcher, NULL); /* it says why, and ends us */
	errx(EXIT_FAILURE, "%s: no set any more", name);
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	key = argc == 2 ? parse_key(argv[1]) : SYSV_SEM_DEFAULT(geteuid());
	if (argc > 2 || key == 0)
		return usage(stderr);
	snprintf(name, sizeof name, "0x%08x", (unsigned)key);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	meet();
	errno = pthread_create(&watcher, NULL, watch, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");

	do {
		struct sysv_sem_slot *slot =
		    &shared->slot[messages % SYSV_SEM_SLOTS];

		count(SYSV_SEM_FULL, -1);
		n = slot->length; /* read once: it is the peer's to change */
		if (n > sizeof slot->data)
			errx(EXIT_FAILURE, "%s: bad length %zu", name, n);
		if (write_all(STDOUT_FILENO, slot->data, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		count(SYSV_SEM_EMPTY, 1);
		bytes += n;
		messages += n > 0;
	} while (n > 0);

	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	/* All is written; without the set both watchers come back */
	shared->done = 1;
	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl %s", name);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || shmdt(shared) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
