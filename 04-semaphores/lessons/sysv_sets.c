// SPDX-License-Identifier: MIT
/*
 * sysv_sets.c - several semaphores in one operation, and waiting for zero
 *
 * Shows:  semop changes several semaphores of a set or none, and it can wait
 *         until one is 0: two things that no POSIX semaphore does
 * Build:  cc sysv_sets.c -o sysv_sets
 * Run:    ./sysv_sets
 * Prints: the values of the set after each step
 * Exit:   0 done; 1 a call failed, or a step did what it should not
 * See:    semget(2), semop(2), semctl(2)
 */
#define _GNU_SOURCE /* semtimedop */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORK_A, FORK_B, WORKERS, SEMAPHORES };

union semun { /* the last argument of semctl(2), which the caller defines */
	int val;
	unsigned short *array;
};

static int semid = -1;

static void remove_set(void)
{
	if (semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* best effort, at exit */
}

static void show(const char *step)
{
	unsigned short now[SEMAPHORES];

	if (semctl(semid, 0, GETALL, (union semun){ .array = now }) == -1)
		err(EXIT_FAILURE, "semctl GETALL");
	printf("%s: %d %d %d\n", step, now[FORK_A], now[FORK_B], now[WORKERS]);
}

int main(void)
{
	unsigned short start[SEMAPHORES] = { 1, 0, 2 };
	struct sembuf both[] = { { FORK_A, -1, 0 }, { FORK_B, -1, 0 } };
	struct sembuf give_back = { FORK_B, 1, 0 };
	struct sembuf work_done = { WORKERS, -1, 0 };
	struct sembuf until_zero = { WORKERS, 0, 0 };
	struct timespec bound = { .tv_nsec = 100000000 };
	sigset_t all;

	/* The set outlives the process, so signals stay blocked until it is
	 * removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	semid = semget(IPC_PRIVATE, SEMAPHORES, 0600);
	if (semid == -1 ||
	    semctl(semid, 0, SETALL, (union semun){ .array = start }) == -1)
		err(EXIT_FAILURE, "semget, semctl SETALL");
	show("two forks and the workers");

	/* One call, two semaphores: while it waits it has taken neither */
	if (semtimedop(semid, both, 2, &bound) == 0 || errno != EAGAIN)
		err(EXIT_FAILURE, "semtimedop, though one fork is taken");
	printf("take both: %s\n", strerror(errno));
	show("neither is taken");
	if (semop(semid, &give_back, 1) == -1)
		err(EXIT_FAILURE, "semop +1");
	show("the other one is given back");
	if (semop(semid, both, 2) == -1)
		err(EXIT_FAILURE, "semop both");
	show("both taken at once");

	/* Operation 0 takes nothing: it blocks until both workers are done */
	for (int i = 0; i < start[WORKERS]; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0)
			_exit(semop(semid, &work_done, 1) == -1 ? errno : 0);
	}
	if (semop(semid, &until_zero, 1) == -1)
		err(EXIT_FAILURE, "semop 0");
	show("both workers are done");
	for (int i = 0, status = 0; i < start[WORKERS]; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a worker failed: %s",
			     strerror(WEXITSTATUS(status)));

	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
