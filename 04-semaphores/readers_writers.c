// SPDX-License-Identifier: MIT
/*
 * readers_writers.c - many processes read at once, or one of them writes
 *
 * Shows:  a turnstile that a waiting writer holds keeps new readers behind him
 * Build:  cc readers_writers.c -o readers_writers
 * Run:    ./readers_writers [ROUNDS]
 * Prints: who is in together, who comes in next, the writes, and torn reads
 * Exit:   0 done; 1 a call failed, or the rule was broken; 2 usage
 * See:    sem_init(3), sem_wait(3), sem_overview(7); pthread_rwlock_rdlock(3)
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <errno.h>
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

#define READERS	 3
#define WRITERS	 2
#define BOUND_NS 100000000L

struct shared {
	sem_t turnstile; /* everybody passes; a writer stays in it */
	sem_t room;	 /* 0: readers are in the room, or a writer */
	sem_t count;	 /* protects readers */
	int readers;	 /* in the room */
	long data, copy; /* equal whenever no writer is in */
	atomic_int reading, writing, broken; /* for the check alone */
	sem_t came, late, go;		     /* for the first scene alone */
	long seen;			     /* by the late reader: data */
};

static struct shared *s;
static long rounds = 1000; /* of each process */

static int usage(FILE *out)
{
	fputs("usage: readers_writers [ROUNDS]\n"
	      "Read and write shared memory ROUNDS times in each process.\n",
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

/* The first reader takes the room for all, the last one gives it back */
static void reader_enters(void)
{
	take(&s->turnstile);
	give(&s->turnstile);
	take(&s->count);
	if (s->readers++ == 0)
		take(&s->room);
	give(&s->count);
}

static void reader_leaves(void)
{
	take(&s->count);
	if (--s->readers == 0)
		give(&s->room);
	give(&s->count);
}

static void read_once(void)
{
	reader_enters();
	s->reading++;
	if (s->writing != 0 || s->data != s->copy)
		s->broken++;
	s->reading--;
	reader_leaves();
}

static void write_once(sem_t *witness)
{
	take(&s->turnstile); /* from here on no reader comes in */
	if (witness != NULL)
		give(witness);
	take(&s->room); /* those who are in leave, one after the other */
	if (s->writing++ != 0 || s->reading != 0)
		s->broken++;
	s->data++;
	s->copy++;
	s->writing--;
	give(&s->turnstile);
	give(&s->room);
}

static void read_long(void)
{
	reader_enters();
	give(&s->came);
	take(&s->go);
	reader_leaves();
}

static void write_first(void)
{
	write_once(&s->came);
}

static void read_late(void)
{
	reader_enters();
	s->seen = s->data;
	give(&s->late);
	reader_leaves();
}

static void read_often(void)
{
	for (long i = 0; i < rounds; i++)
		read_once();
}

static void write_often(void)
{
	for (long i = 0; i < rounds; i++)
		write_once(NULL);
}

static void start(int n, void (*role)(void))
{
	while (n-- > 0) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid > 0)
			continue;
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
			err(EXIT_FAILURE, "prctl");
		role();
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
	struct timespec bound;

	start(READERS, read_long);
	for (int i = 0; i < READERS; i++)
		take(&s->came);
	printf("in the room: %d readers\n", s->readers);
	start(1, write_first);
	take(&s->came);
	start(1, read_late);
	if (clock_gettime(CLOCK_REALTIME, &bound) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	bound.tv_nsec += BOUND_NS;
	bound.tv_sec += bound.tv_nsec / 1000000000L;
	bound.tv_nsec %= 1000000000L;
	if (sem_timedwait(&s->late, &bound) == 0 || errno != ETIMEDOUT)
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

static void all_at_once(void)
{
	start(WRITERS, write_often);
	start(READERS, read_often);
	finish(WRITERS + READERS);
	printf("all at once: %ld of %ld writes, rule broken %d times\n",
	       s->data - 1, WRITERS * rounds, (int)s->broken);
	if (s->data != WRITERS * rounds + 1 || s->broken != 0)
		errx(EXIT_FAILURE, "the rule was broken");
}

int main(int argc, char *argv[])
{
	char *end = NULL;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		rounds = strtol(argv[1], &end, 10);
	if (argc > 2 || (end != NULL && (end == argv[1] || *end != '\0')) ||
	    rounds < 1 || rounds > 1000000)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (sem_init(&s->turnstile, 1, 1) == -1 ||
	    sem_init(&s->room, 1, 1) == -1 || sem_init(&s->count, 1, 1) == -1 ||
	    sem_init(&s->came, 1, 0) == -1 || sem_init(&s->late, 1, 0) == -1 ||
	    sem_init(&s->go, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");
	who_is_next();
	all_at_once();
	if (munmap(s, sizeof *s) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
