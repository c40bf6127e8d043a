// SPDX-License-Identifier: MIT
/*
 * sysv_sets.c - two semaphores of a set in one operation
 *
 * Shows:  semop changes several semaphores of a set or none
 * Build:  cc sysv_sets.c -o sysv_sets
 * Run:    ./sysv_sets
 * Prints: the values of the set after each step
 * Exit:   0 done; 1 a call failed, or one fork was taken alone; 77 a limit
 * See:    semget(2), semop(2), semctl(2); philosophers.c
 */
#define _XOPEN_SOURCE 700 /* sys/sem.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>

enum { FORK_A, FORK_B, SEMAPHORES };

union semun { /* the last argument of semctl(2), which the caller defines */
	unsigned short *array;
};

int main(void)
{
	struct sembuf put_a = { FORK_A, 1, 0 }, put_b = { FORK_B, 1, 0 };
	/* Without IPC_NOWAIT the call would block, and hold nothing while it
	 * waits */
	struct sembuf take_both[] = { { FORK_A, -1, IPC_NOWAIT },
				      { FORK_B, -1, IPC_NOWAIT } };
	unsigned short before[SEMAPHORES], after[SEMAPHORES];
	sigset_t all;

	/* The set outlives the process, so signals stay blocked, and nothing
	 * exits, until it is removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int semid = semget(IPC_PRIVATE, SEMAPHORES, 0600);
	if (semid == -1)
		err(77, "semget: needs CONFIG_SYSVIPC; see kernel.sem");
	int failed = semop(semid, &put_a, 1);
	int error = semop(semid, take_both, 2) == -1 ? errno : 0;
	failed |= semctl(semid, 0, GETALL, (union semun){ before });
	failed |= semop(semid, &put_b, 1);
	failed |= semop(semid, take_both, 2);
	failed |= semctl(semid, 0, GETALL, (union semun){ after });
	if (semctl(semid, 0, IPC_RMID) == -1 || failed)
		err(error == E2BIG ? 77 : EXIT_FAILURE,
		    "semop, semctl: see kernel.sem");

	printf("only fork A is on the table\n");
	printf("take both: %s, left: %d %d\n", strerror(error), before[FORK_A],
	       before[FORK_B]);
	printf("fork B is put down, too\n");
	printf("take both: done, left: %d %d\n", after[FORK_A], after[FORK_B]);
	if (error != EAGAIN || before[FORK_A] != 1 || after[FORK_A] != 0 ||
	    after[FORK_B] != 0)
		errx(EXIT_FAILURE, "one was taken without the other");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
