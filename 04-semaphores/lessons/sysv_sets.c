// SPDX-License-Identifier: MIT
/*
 * sysv_sets.c - two semaphores of a set in one operation
 *
 * Shows:  semop changes several semaphores of a set or none
 * Build:  cc sysv_sets.c -o sysv_sets
 * Run:    ./sysv_sets
 * Prints: the values of the set after each step
 * Exit:   0 done; 1 a call failed, or one semaphore was taken without the other
 * See:    semget(2), semop(2), semctl(2); philosophers.c
 */
#define _GNU_SOURCE /* semtimedop */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>

enum { FORK_A, FORK_B, SEMAPHORES };

static int semid = -1;

static void remove_set(void)
{
	if (semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* best effort, at exit */
}

static void show(const char *step, int expected_a, int expected_b)
{
	int a = semctl(semid, FORK_A, GETVAL);
	int b = semctl(semid, FORK_B, GETVAL);

	if (a == -1 || b == -1)
		err(EXIT_FAILURE, "semctl GETVAL");
	printf("%s: %d %d\n", step, a, b);
	if (a != expected_a || b != expected_b)
		errx(EXIT_FAILURE, "expected %d %d", expected_a, expected_b);
}

int main(void)
{
	struct sembuf put_a = { FORK_A, 1, 0 }, put_b = { FORK_B, 1, 0 };
	struct sembuf take_both[] = { { FORK_A, -1, 0 }, { FORK_B, -1, 0 } };
	struct timespec bound = { .tv_nsec = 100000000 };
	sigset_t all;

	/* The set outlives the process, so signals stay blocked until it is
	 * removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	semid = semget(IPC_PRIVATE, SEMAPHORES, 0600);
	if (semid == -1 || semop(semid, &put_a, 1) == -1)
		err(EXIT_FAILURE, "semget, semop");
	show("fork A is on the table", 1, 0);

	/* While the call waits for B, it has not taken A either */
	if (semtimedop(semid, take_both, 2, &bound) == 0 || errno != EAGAIN)
		err(EXIT_FAILURE, "semtimedop, though B is missing");
	printf("take both: %s\n", strerror(errno));
	show("neither was taken", 1, 0);
	if (semop(semid, &put_b, 1) == -1)
		err(EXIT_FAILURE, "semop");
	show("fork B is put down, too", 1, 1);
	if (semop(semid, take_both, 2) == -1)
		err(EXIT_FAILURE, "semop");
	show("both taken at once", 0, 0);

	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
