// SPDX-License-Identifier: MIT
/*
 * philosophers_fixed.c - two ways to let all philosophers eat
 *
 * Shows:  an order among the forks, or one guest less, and no circle can close
 * Build:  cc philosophers_fixed.c -o philosophers_fixed
 * Run:    ./philosophers_fixed
 * Prints: the meals eaten in each way
 * Exit:   0 done; 1 a call failed, or two shared a fork; 2 usage
 * See:    sem_init(3), sem_wait(3); philosophers.c, sysv_sets.c
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

enum { N = 5, MEALS = 100 /* of each */ };

struct table {
	sem_t fork[N], seats; /* forks are 1 or 0; one seat less than forks */
	atomic_int eating[N], meals, shared_forks;
};
static struct table *table;

static int usage(FILE *out)
{
	fputs("usage: philosophers_fixed\n"
	      "Let five of them eat, in two ways.\n",
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
	(void)sched_yield(); /* whoever has his forks, too, eats now */
	table->meals++;
	table->eating[me] = 0;
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
	if (sem_init(&table->seats, 1, N - 1) == -1)
		err(EXIT_FAILURE, "sem_init");
}

static void dine(const char *way, void (*dinner)(int))
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
			dinner(i);
			_exit(EXIT_SUCCESS);
		}
	}
	for (int i = 0, status; i < N; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a philosopher failed");
	printf("%s: %d meals\n", way, (int)table->meals);
	if (table->shared_forks != 0 || table->meals != N * MEALS)
		errx(EXIT_FAILURE, "hungry, or two ate with the same fork");
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
	dine("in order", in_order);
	dine("four seats", four_seats);
	if (munmap(table, sizeof *table) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
