// SPDX-License-Identifier: MIT
/*
 * philosophers_fixed.c - five processes take their two forks in one order
 *
 * Shows:  if all take the lower number first, no circle of waits can close
 * Build:  cc philosophers_fixed.c -o philosophers_fixed
 * Run:    ./philosophers_fixed
 * Prints: how many have eaten, and how many waited in vain
 * Exit:   0 done; 1 a call failed, or somebody did not eat
 * See:    sem_timedwait(3); philosophers.c, its twin; sysv_sets.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { N = 5, SECONDS = 10 };

struct table {
	sem_t fork[N];	       /* 1 on the table, 0 in a hand */
	sem_t has_tried, go;   /* to the parent, and from it */
	struct timespec bound; /* a wait is given up then */
};

/* Nobody takes the second fork before everybody has tried to take the first:
 * the worst case for a deadlock */
static void dine(struct table *table, int me, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	int other = (me + 1) % N;
	sem_t *first = &table->fork[me < other ? me : other];
	sem_t *second = &table->fork[me < other ? other : me];
	int has_first = sem_trywait(first) == 0;

	if (sem_post(&table->has_tried) == -1 || sem_wait(&table->go) == -1)
		_exit(errno);
	if ((has_first || sem_timedwait(first, &table->bound) == 0) &&
	    sem_timedwait(second, &table->bound) == 0 && sem_post(first) == 0 &&
	    sem_post(second) == 0)
		_exit(EXIT_SUCCESS); /* it has eaten */
	_exit(errno);
}

int main(void)
{
	struct table *table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	for (int i = 0; i < N; i++)
		if (sem_init(&table->fork[i], 1, 1) == -1)
			err(EXIT_FAILURE, "sem_init");
	if (sem_init(&table->has_tried, 1, 0) == -1 ||
	    sem_init(&table->go, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init");

	pid_t parent = getpid(), pid;
	for (int i = 0; i < N; i++) {
		if ((pid = fork()) == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			dine(table, i, parent);
	}
	for (int i = 0; i < N; i++)
		if (sem_wait(&table->has_tried) == -1)
			err(EXIT_FAILURE, "sem_wait");
	if (clock_gettime(CLOCK_REALTIME, &table->bound) == -1)
		err(EXIT_FAILURE, "clock_gettime");
	table->bound.tv_sec += SECONDS;
	for (int i = 0; i < N; i++)
		if (sem_post(&table->go) == -1)
			err(EXIT_FAILURE, "sem_post");

	int meals = 0, hungry = 0;
	for (int i = 0, status; i < N; i++) {
		if (wait(&status) == -1)
			err(EXIT_FAILURE, "wait");
		meals += status == 0;
		hungry += WIFEXITED(status) && WEXITSTATUS(status) == ETIMEDOUT;
	}
	printf("meals: %d, hungry: %d\n", meals, hungry);
	if (meals != N)
		errx(EXIT_FAILURE, "expected no deadlock");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
