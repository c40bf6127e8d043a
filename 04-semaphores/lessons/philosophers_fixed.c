// SPDX-License-Identifier: MIT
/*
 * philosophers_fixed.c - five processes take their two forks in one order
 *
 * Shows:  if all take the lower number first, no circle of waits can close
 * Build:  cc philosophers_fixed.c -o philosophers_fixed
 * Run:    ./philosophers_fixed
 * Prints: how many have eaten, and how many waited in vain
 * Exit:   0 done; 1 a call failed, or somebody did not eat; 77 a limit
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

/* Nobody waits for a fork before everybody has tried to take the first one:
 * the worst case for a deadlock */
static int dine(sem_t *forks, int me, const int gate[2])
{
	struct timespec bound; /* the wait is given up at this time */
	char none;
	int other = (me + 1) % N;
	sem_t *first = &forks[me < other ? me : other];
	sem_t *second = &forks[me < other ? other : me];
	int has_first = sem_trywait(first) == 0;

	/* Blocks until the parent and all five have closed gate[1] */
	if (close(gate[1]) == -1 || read(gate[0], &none, 1) == -1 ||
	    clock_gettime(CLOCK_REALTIME, &bound) == -1)
		return errno;
	bound.tv_sec += SECONDS;
	if (!has_first && sem_timedwait(first, &bound) == -1)
		return errno;
	if (sem_timedwait(second, &bound) == -1)
		return errno;
	/* This process has eaten, and puts the forks down */
	return sem_post(first) == -1 || sem_post(second) == -1 ? errno : 0;
}

int main(void)
{
	/* 1: the fork is on the table, 0: in a hand */
	sem_t *forks = mmap(NULL, N * sizeof *forks, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int gate[2], meals = 0, hungry = 0;
	pid_t parent = getpid(), pid;

	if (forks == MAP_FAILED || pipe(gate) == -1)
		err(77, "mmap, pipe: see ulimit -v and ulimit -n");
	for (int i = 0; i < N; i++)
		if (sem_init(&forks[i], 1, 1) == -1)
			err(EXIT_FAILURE, "sem_init");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	for (int i = 0; i < N; i++) {
		if ((pid = fork()) == -1)
			err(77, "fork: see ulimit -u");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
			    getppid() != parent)
				_exit(EXIT_FAILURE);
			_exit(dine(forks, i, gate));
		}
	}
	if (close(gate[0]) == -1 || close(gate[1]) == -1)
		err(EXIT_FAILURE, "close");
	for (int i = 0, status; i < N; i++) {
		if (wait(&status) == -1 || !WIFEXITED(status))
			errx(EXIT_FAILURE, "a philosopher was killed");
		meals += WEXITSTATUS(status) == 0;
		hungry += WEXITSTATUS(status) == ETIMEDOUT;
	}

	printf("meals: %d, hungry: %d\n", meals, hungry);
	if (meals != N)
		errx(EXIT_FAILURE, "expected no deadlock");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
