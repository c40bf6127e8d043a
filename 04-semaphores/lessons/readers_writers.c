// SPDX-License-Identifier: MIT
/*
 * readers_writers.c - many processes read at once, or one of them writes
 *
 * Shows:  a turnstile that a waiting writer holds keeps new readers behind him
 * Build:  cc readers_writers.c -o readers_writers
 * Run:    ./readers_writers
 * Prints: who is in together, who comes in next, the writes, and torn reads
 * Exit:   0 done; 1 a call failed, or the rule was broken; 2 usage
 * See:    sem_init(3), sem_wait(3), sem_overview(7); pthread_rwlock_rdlock(3)
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READERS = 3, WRITERS = 2, ROUNDS = 200 /* of each */ };

struct shared {
	sem_t turnstile;  /* everybody passes; a writer stays in it */
	sem_t room;	  /* 0: readers are in the room, or a writer */
	sem_t count;	  /* protects readers */
	int readers;	  /* in the room */
	long data, copy;  /* equal whenever no writer is in */
	sem_t came, go;	  /* for the first scene */
	atomic_long seen; /* of data, by the last reader to come */
	atomic_int reading, writing, broken; /* for the check alone */
};
static struct shared *s;

static int usage(FILE *out)
{
	fputs("usage: readers_writers\n"
	      "Let many processes read, or one write, and nobody starve.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void take(sem_t *sem)
{
	if (sem_wait(sem) == -1)
		err(EXIT_FAILURE, "sem_wait");
}

static void give(sem_t *sem)
{
	if (sem_post(sem) == -1)
		err(EXIT_FAILURE, "sem_post");
}

/* The first reader takes the room for all, the last one gives it back. One that
 * stays says that it is in, and leaves when it is told to */
static void read_once(int stay)
{
	take(&s->turnstile);
	give(&s->turnstile);
	take(&s->count);
	if (s->readers++ == 0)
		take(&s->room);
	give(&s->count);

	s->reading++;
	s->seen = s->data;
	s->broken += s->writing != 0 || s->data != s->copy;
	if (stay) {
		give(&s->came);
		take(&s->go);
	}
	s->reading--;

	take(&s->count);
	if (--s->readers == 0)
		give(&s->room);
	give(&s->count);
}

static void write_once(int announce)
{
	take(&s->turnstile); /* from here on no reader comes in */
	if (announce)
		give(&s->came);
	take(&s->room); /* those who are in leave, one after the other */
	s->broken += s->writing++ != 0 || s->reading != 0;
	s->data++;
	(void)sched_yield(); /* whoever may come in comes now */
	s->copy++;
	s->writing--;
	give(&s->turnstile);
	give(&s->room);
}

/* n processes that do what role does, so many times */
static void start(int n, void (*role)(int), int argument, int times)
{
	while (n-- > 0) {
		pid_t parent = getpid(), pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid > 0)
			continue;
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		while (times-- > 0)
			role(argument);
		_exit(EXIT_SUCCESS);
	}
}

static void finish(int n)
{
	int status;

	while (n-- > 0)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a reader or a writer failed");
}

/* Readers are in, a writer waits, and then one more reader comes */
static void who_is_next(void)
{
	const struct timespec bound = { 0, 100000000 };
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	start(READERS, read_once, 1, 1);
	for (int i = 0; i < READERS; i++)
		take(&s->came);
	printf("in the room: %d readers\n", s->readers);
	start(1, write_once, 1, 1);
	take(&s->came);
	start(1, read_once, 0, 1);
	/* One who overtakes the writer has soon read, and ended */
	if (sigtimedwait(&ends, NULL, &bound) != -1 || errno != EAGAIN)
		errx(EXIT_FAILURE, "the late reader overtook the writer");
	printf("a writer waits, and a reader behind him: %d are in\n",
	       s->readers);
	for (int i = 0; i < READERS; i++)
		give(&s->go);
	finish(READERS + 2);
	printf("the late reader saw %ld write\n", s->seen);
	if (s->seen != 1)
		errx(EXIT_FAILURE, "the reader was not behind the writer");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (sem_init(&s->turnstile, 1, 1) == -1 ||
	    sem_init(&s->room, 1, 1) == -1 || sem_init(&s->count, 1, 1) == -1 ||
	    sem_init(&s->came, 1, 0) == -1 || sem_init(&s->go, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	who_is_next();

	start(WRITERS, write_once, 0, ROUNDS);
	start(READERS, read_once, 0, ROUNDS);
	finish(WRITERS + READERS);
	printf("all at once: %ld of %d writes, rule broken %d times\n",
	       s->data - 1, WRITERS * ROUNDS, (int)s->broken);
	if (s->data != WRITERS * ROUNDS + 1 || s->broken != 0)
		errx(EXIT_FAILURE, "the rule was broken");
	if (munmap(s, sizeof *s) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
