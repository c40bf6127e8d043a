// SPDX-License-Identifier: MIT
/*
 * philosophers.c - five processes, five forks, and each needs two of them
 *
 * Shows:  who holds one thing and waits for the next can be part of a circle
 * Build:  cc philosophers.c -o philosophers
 * Run:    ./philosophers
 * Prints: a deadlock (of 200 ms), and the meals eaten in two ways out of it
 * Exit:   0 done; 1 a call failed, or two shared a fork; 2 usage
 * See:    sem_init(3), sem_timedwait(3), pthread_barrier_wait(3)
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <err.h>
#include <errno.h>
#include <pthread.h>
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

enum { N = 5, MEALS = 1000 /* of each */, BOUND_NS = 200000000 };

static struct table {
	sem_t fork[N], seats; /* forks are 1 or 0; one seat less than forks */
	pthread_barrier_t all;
	struct timespec bound;
	atomic_int eating[N], meals, hungry, shared_forks;
} * table;

static int usage(FILE *out)
{
	fputs("usage: philosophers\n"
	      "Let five of them starve, and then eat in two ways.\n",
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

/* With both forks: neither neighbour may be eating */
static void eat(int me)
{
	table->eating[me] = 1;
	if (table->eating[(me + 1) % N] || table->eating[(me + N - 1) % N])
		table->shared_forks++;
	table->meals++;
	table->eating[me] = 0;
}

/* Everybody has the left fork before anybody asks for the right one */
static void left_first(int me)
{
	take(&table->fork[me]);
	(void)pthread_barrier_wait(&table->all); /* fails only uninitialised */
	if (sem_timedwait(&table->fork[(me + 1) % N], &table->bound) == 0)
		eat(me);
	else if (errno == ETIMEDOUT)
		table->hungry++;
	else
		err(EXIT_FAILURE, "sem_timedwait");
}

/* The last one takes his right fork first: the circle cannot close */
static void in_order(int me)
{
	int other = (me + 1) % N;

	for (int i = 0; i < MEALS; i++) {
		take(&table->fork[me < other ? me : other]);
		take(&table->fork[me < other ? other : me]);
		eat(me);
		give(&table->fork[me]);
		give(&table->fork[other]);
	}
}

/* Four who wait hold four forks at most: one of them can get the fifth */
static void four_seats(int me)
{
	for (int i = 0; i < MEALS; i++) {
		take(&table->seats);
		take(&table->fork[me]);
		take(&table->fork[(me + 1) % N]);
		eat(me);
		give(&table->fork[me]);
		give(&table->fork[(me + 1) % N]);
		give(&table->seats);
	}
}

/* A new table: all forks on it, nobody has eaten */
static void lay(void)
{
	memset(table, 0, sizeof *table);
	for (int i = 0; i < N; i++)
		if (sem_init(&table->fork[i], 1, 1) == -1)
			err(EXIT_FAILURE, "sem_init");
	if (sem_init(&table->seats, 1, N - 1) == -1 ||
	    clock_gettime(CLOCK_REALTIME, &table->bound) == -1)
		err(EXIT_FAILURE, "sem_init, clock_gettime");
	table->bound.tv_nsec += BOUND_NS;
	table->bound.tv_sec += table->bound.tv_nsec / 1000000000L;
	table->bound.tv_nsec %= 1000000000L;

	pthread_barrierattr_t attr;
	errno = pthread_barrierattr_init(&attr);
	if (errno == 0)
		errno = pthread_barrierattr_setpshared(&attr,
						       PTHREAD_PROCESS_SHARED);
	if (errno == 0)
		errno = pthread_barrier_init(&table->all, &attr, N);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_barrier_init");
	(void)pthread_barrierattr_destroy(&attr); /* nothing that can fail */
}

static void dine(const char *way, void (*dinner)(int))
{
	lay();
	for (int i = 0; i < N; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
				err(EXIT_FAILURE, "prctl");
			dinner(i);
			_exit(EXIT_SUCCESS);
		}
	}
	for (int i = 0, status; i < N; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a philosopher failed");
	printf("%s: %d meals, %d wait for a fork\n", way, (int)table->meals,
	       (int)table->hungry);
	if (table->shared_forks != 0)
		errx(EXIT_FAILURE, "two ate with the same fork");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	dine("left first", left_first);
	if (table->hungry != N)
		errx(EXIT_FAILURE, "somebody found a way out");
	dine("in order", in_order);
	dine("four seats", four_seats);
	if (munmap(table, sizeof *table) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
