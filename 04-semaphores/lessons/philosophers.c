// SPDX-License-Identifier: MIT
/*
 * philosophers.c - five processes, five forks, and each needs two of them
 *
 * Shows:  who holds one thing and waits for the next can be part of a circle
 * Build:  cc philosophers.c -o philosophers
 * Run:    ./philosophers
 * Prints: how many have eaten, and how many wait when 200 ms are over
 * Exit:   0 done; 1 a call failed, or somebody ate; 2 usage
 * See:    sem_init(3), sem_timedwait(3), pthread_barrier_wait(3);
 *         philosophers_fixed.c has two ways out
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

enum { N = 5, BOUND_NS = 200000000 };

struct table {
	sem_t fork[N]; /* 1 on the table, 0 in a hand */
	pthread_barrier_t all;
	struct timespec bound;
	atomic_int meals, hungry;
};
static struct table *table;

static int usage(FILE *out)
{
	fputs("usage: philosophers\n"
	      "Let five of them wait for each other.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Everybody has the left fork before anybody asks for the right one */
static void left_first(int me)
{
	if (sem_wait(&table->fork[me]) == -1)
		err(EXIT_FAILURE, "sem_wait");
	(void)pthread_barrier_wait(&table->all); /* fails only uninitialised */
	if (sem_timedwait(&table->fork[(me + 1) % N], &table->bound) == 0)
		table->meals++;
	else if (errno == ETIMEDOUT)
		table->hungry++;
	else
		err(EXIT_FAILURE, "sem_timedwait");
}

/* All forks are on it, and nobody has eaten */
static void lay(void)
{
	for (int i = 0; i < N; i++)
		if (sem_init(&table->fork[i], 1, 1) == -1)
			err(EXIT_FAILURE, "sem_init");
	if (clock_gettime(CLOCK_REALTIME, &table->bound) == -1)
		err(EXIT_FAILURE, "clock_gettime");
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

static void dine(void)
{
	lay();
	for (int i = 0; i < N; i++) {
		pid_t parent = getpid(), pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
			    getppid() != parent)
				_exit(EXIT_FAILURE);
			left_first(i);
			_exit(EXIT_SUCCESS);
		}
	}
	for (int i = 0, status; i < N; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a philosopher failed");
	printf("left first: %d meals, %d wait for a fork\n", (int)table->meals,
	       (int)table->hungry);
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
	dine();
	if (table->hungry != N)
		errx(EXIT_FAILURE, "somebody found a way out");
	if (munmap(table, sizeof *table) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
