// SPDX-License-Identifier: MIT
/*
 * sysv_sets.c - several semaphores in one operation, and waiting for zero
 *
 * Shows:  semop changes several semaphores of a set or none, and it can wait
 *         until one is 0: two things that no POSIX semaphore does
 * Build:  cc sysv_sets.c -o sysv_sets
 * Run:    ./sysv_sets
 * Prints: the values of the set after each step
 * Exit:   0 done; 1 a call failed, or a step did what it should not; 2 usage
 * See:    semget(2), semop(2), semctl(2)
 */
#define _GNU_SOURCE /* semtimedop */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FORK_A, FORK_B, WORKERS, SEMS };

union semun { /* the caller has to define it: semctl(2) */
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int usage(FILE *out)
{
	fputs("usage: sysv_sets\n"
	      "Takes two semaphores at once, and waits for a third to be 0.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int semid = -1;

/* A set outlives its processes, so also a failure has to remove it. A child
 * that fails removes it too: then the parent's semop ends with EIDRM */
static void remove_set(void)
{
	if (semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* at exit: best effort */
}

/* A private set has no key: who is forked inherits its number. No signal ends
 * us while it exists, a moment */
static void make_set(void)
{
	unsigned short begin[SEMS] = { 1, 0, 2 };
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	semid = semget(IPC_PRIVATE, SEMS, 0600);
	if (semid == -1 ||
	    semctl(semid, 0, SETALL, (union semun){ .array = begin }) == -1)
		err(EXIT_FAILURE, "semget, semctl SETALL");
}

static void show(const char *step)
{
	unsigned short now[SEMS];

	if (semctl(semid, 0, GETALL, (union semun){ .array = now }) == -1)
		err(EXIT_FAILURE, "semctl GETALL");
	printf("%s: %d %d %d\n", step, now[FORK_A], now[FORK_B], now[WORKERS]);
}

static void change(unsigned short number, short by)
{
	struct sembuf op = { number, by, 0 };

	if (semop(semid, &op, 1) == -1)
		err(EXIT_FAILURE, "semop %d", by);
}

/* One call, two semaphores: while it waits it has taken neither */
static void both_or_none(void)
{
	struct sembuf both[] = { { FORK_A, -1, 0 }, { FORK_B, -1, 0 } };
	struct timespec bound = { .tv_nsec = 100000000 };

	if (semtimedop(semid, both, 2, &bound) == 0 || errno != EAGAIN)
		err(EXIT_FAILURE, "semtimedop, though one is taken");
	printf("take both: %s\n", strerror(errno));
	show("neither is taken");
	change(FORK_B, 1);
	show("the other one is given back");
	if (semop(semid, both, 2) == -1)
		err(EXIT_FAILURE, "semop both");
	show("both taken at once");
}

/* Operation 0 takes nothing: it waits until the value is 0 */
static void wait_for_zero(void)
{
	struct sembuf zero = { WORKERS, 0, IPC_NOWAIT };

	if (semop(semid, &zero, 1) == 0 || errno != EAGAIN)
		err(EXIT_FAILURE, "semop 0, though it is not zero");
	printf("is it zero, not waiting: %s\n", strerror(errno));
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid == 0) {
			change(WORKERS, -1);
			_exit(EXIT_SUCCESS);
		}
	}
	zero.sem_flg = 0;
	if (semop(semid, &zero, 1) == -1) /* blocks until the last is done */
		err(EXIT_FAILURE, "semop 0");
	show("both workers are done");
	for (int i = 0, status; i < 2; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a worker failed");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_set();
	show("two forks and the workers");
	both_or_none();
	wait_for_zero();
	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
