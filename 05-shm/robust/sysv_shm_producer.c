// SPDX-License-Identifier: MIT
/*
 * sysv_shm_producer.c - copy standard input through a System V segment
 *
 * Shows:  robust mutexes hand a slot to and fro, and tell when a half died
 * Build:  cc sysv_shm_producer.c -o sysv_shm_producer
 * Run:    ./sysv_shm_producer [KEY] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent and taken; 1 a call or the consumer failed; 2 usage
 * See:    shmget(2), shmop(2), shmctl(2), pthread_mutexattr_setrobust(3);
 *         sysv_shm_consumer.c, sysv_shm.h
 */
#define _XOPEN_SOURCE 700

#include "sysv_shm.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum { ME = SYSV_SHM_PRODUCER, PEER = SYSV_SHM_CONSUMER };

static key_t key;
static char name[sizeof "0x6d000000"]; /* key, as ipcs(1) prints it */
static int shmid;
static volatile sig_atomic_t created; /* shmid is ours to remove */
static struct sysv_shm *shm;

static int usage(FILE *out)
{
	fputs("usage: sysv_shm_producer [KEY]\n"
	      "Copy standard input through the segment KEY, made if missing.\n"
	      "KEY is a number as ipcs(1) prints it; 0x6d000000 + UID unless "
	      "given.\n",
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
	if (created)
		shmctl(shmid, IPC_RMID, NULL);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* Signals wait until we know whether there is something to remove */
static void make_segment(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	shmid = shmget(key, sizeof *shm, IPC_CREAT | IPC_EXCL | 0600);
	created = shmid != -1;
	if (!created && errno == EEXIST)
		shmid = shmget(key, 0, 0600);
	if (shmid == -1 && errno != ENOENT) /* just removed: begin again */
		err(EXIT_FAILURE, "shmget %s", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* Attach the segment; 0 if somebody has removed it: begin again */
static int attach(void)
{
	struct shmid_ds ds;

	if (shmctl(shmid, IPC_STAT, &ds) == 0) {
		if (ds.shm_perm.cuid != geteuid())
			errx(EXIT_FAILURE, "%s: not a segment of ours", name);
		if (ds.shm_segsz != sizeof *shm)
			errx(EXIT_FAILURE,
			     "%s: not a segment of %zu-bit halves", name,
			     8 * sizeof(void *));
		/* Nobody is attached: left by a killed half. (Or only just
		 * made: then its maker finds it gone and begins again) */
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

/* Mutexes between processes, which tell when their owner has died */
static void make_mutexes(void)
{
	pthread_mutexattr_t attr;

	errno = pthread_mutexattr_init(&attr);
	if (errno == 0)
		errno =
		    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (errno == 0)
		errno =
		    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; errno == 0 && i < SYSV_SHM_MUTEXES; i++)
		errno = pthread_mutex_init(&shm->mutex[i], &attr);
	if (errno != 0 || sem_init(&shm->arrived, 1, 0) == -1)
		err(EXIT_FAILURE, "make mutexes");
}

/* Lock what is ours in turn 0. A half that was killed here did no harm */
static void take_place(void)
{
	static const int ours[] = { SYSV_SHM_ALIVE + ME, 2, 0 };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		errno = pthread_mutex_trylock(&shm->mutex[ours[i]]);
		if (errno == EBUSY)
			errx(EXIT_FAILURE, "%s: another producer is at work",
			     name);
		if (errno == EOWNERDEAD)
			errno = pthread_mutex_consistent(&shm->mutex[ours[i]]);
		if (errno != 0)
			err(EXIT_FAILURE, "lock %s", name);
	}
}

/* Wait for the other half; 0 if it came while all was not ready: begin again */
static int await_peer(void)
{
	int state = SYSV_SHM_NEW;

	make_mutexes();
	take_place();
	if (!atomic_compare_exchange_strong(&shm->state, &state,
					    SYSV_SHM_READY))
		return created = 0;
	warnx("waiting on %s", name);
	while (sem_wait(&shm->arrived) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "sem_wait");
	/* Both are attached: free the key, keep the memory until both leave */
	if (shmctl(shmid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "shmctl IPC_RMID %s", name);
	created = 0;
	return 1;
}

/* Join the half that waits; 0 if it was not ready, perhaps dead: remove the
 * segment, begin again. The exchange lets one of the two have its way */
static int join_peer(void)
{
	int state = SYSV_SHM_NEW;

	atomic_compare_exchange_strong(&shm->state, &state, SYSV_SHM_CONDEMNED);
	if (state != SYSV_SHM_READY) {
		shmctl(shmid, IPC_RMID, NULL);
		return 0;
	}
	take_place();
	if (sem_post(&shm->arrived) == -1)
		err(EXIT_FAILURE, "sem_post");
	return 1;
}

/* Another thread waits for the peer's mutex, which it lets go of at the end, or
 * when it dies */
static void *watch(void *unused)
{
	errno = pthread_mutex_lock(&shm->mutex[SYSV_SHM_ALIVE + PEER]);
	if (errno == EOWNERDEAD) {
		warnx("%s: the consumer has gone", name);
		_exit(EXIT_FAILURE);
	}
	if (errno == 0)
		errno =
		    pthread_mutex_unlock(&shm->mutex[SYSV_SHM_ALIVE + PEER]);
	if (errno != 0)
		err(EXIT_FAILURE, "watch the consumer");
	return unused;
}

/* Wait for a baton that the other half holds: for our turn, or for its death */
static void wait_turn(int turn)
{
	errno = pthread_mutex_lock(&shm->mutex[turn % 3]);
	while (errno == EOWNERDEAD)
		pause(); /* watch says so, and ends us */
	if (errno != 0)
		err(EXIT_FAILURE, "lock %s", name);
}

/* Let the other half have the slot, until it lets us have it again */
static int end_turn(int turn)
{
	errno = pthread_mutex_unlock(&shm->mutex[turn % 3]);
	if (errno != 0)
		err(EXIT_FAILURE, "unlock %s", name);
	wait_turn(turn + 1);
	return (turn + 2) % 3;
}

/* Let go of our mutexes, and of the memory when the other half has done so */
static void leave(int turn, pthread_t watcher)
{
	const int ours[] = { turn, (turn + 2) % 3, SYSV_SHM_ALIVE + ME };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		errno = pthread_mutex_unlock(&shm->mutex[ours[i]]);
		if (errno != 0)
			err(EXIT_FAILURE, "unlock %s", name);
	}
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || shmdt(shm) == -1)
		err(EXIT_FAILURE, "leave %s", name);
}

/* read(2), begun again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	pthread_t watcher;
	ssize_t n;
	int turn = 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	key = argc == 2 ? parse_key(argv[1]) : SYSV_SHM_DEFAULT(geteuid());
	if (argc > 2 || key == 0)
		return usage(stderr);
	snprintf(name, sizeof name, "0x%08x", (unsigned)key);

	do
		make_segment();
	while (!attach() || !(created ? await_peer() : join_peer()));
	errno = pthread_create(&watcher, NULL, watch, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");

	/* Input goes straight into the slot; an empty slot is the end */
	do {
		n = read_some(STDIN_FILENO, shm->data, sizeof shm->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		shm->length = (size_t)n;
		turn = end_turn(turn);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	/* It is our turn again: the consumer has written everything */
	leave(turn, watcher);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
