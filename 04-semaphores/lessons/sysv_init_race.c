// SPDX-License-Identifier: MIT
/*
 * sysv_init_race.c - a System V set exists before it has a value
 *
 * Shows:  SETVAL overwrites an early semop; a sem_otime of 0 means: not ready
 * Build:  cc sysv_init_race.c -o sysv_init_race
 * Run:    ./sysv_init_race
 * Prints: the value that is lost, and sem_otime after SETVAL and after semop
 * Exit:   0 done; 1 a call failed, or the race was not seen; 77 a limit
 * See:    semget(2), semctl(2), semop(2); ../sysv_sem_consumer.c, no SETVAL
 */
#define _XOPEN_SOURCE 700 /* sys/sem.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

union semun { /* the last argument of semctl(2), which the caller defines */
	int val;
	struct semid_ds *buf;
};

static struct sembuf add_one = { .sem_num = 0, .sem_op = 1 };

/* Another process uses the set between semget and SETVAL. A set outlives the
 * process, so this function removes it before any exit */
static void lose_the_race(void)
{
	int status, semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1)
		err(77, "semget: needs CONFIG_SYSVIPC; see kernel.sem");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == 0)
		_exit(semop(semid, &add_one, 1) == -1 ? 1 : 0);
	int failed = pid == -1 || waitpid(pid, &status, 0) == -1 || status != 0;
	int added = semctl(semid, 0, GETVAL);
	failed |= semctl(semid, 0, SETVAL, (union semun){ .val = 1 });
	int value = semctl(semid, 0, GETVAL);
	if (semctl(semid, 0, IPC_RMID) == -1 || failed)
		err(errno == EAGAIN ? 77 : EXIT_FAILURE,
		    "fork, semop, semctl: see ulimit -u");

	printf("second process: adds 1, the value is %d\n", added);
	printf("creator: SETVAL 1, the value is %d\n", value);
	if (added != 1 || value != 1)
		errx(EXIT_FAILURE, "what the second process added is not lost");
}

/* The creator's last act is a semop, which sets the value and sem_otime in one
 * step. Other processes do not use the set while sem_otime is 0 */
static void show_when_ready(void)
{
	struct semid_ds early, ready;
	int semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1)
		err(77, "semget: needs CONFIG_SYSVIPC; see kernel.sem");
	int failed = semctl(semid, 0, SETVAL, (union semun){ .val = 0 });
	failed |= semctl(semid, 0, IPC_STAT, (union semun){ .buf = &early });
	failed |= semop(semid, &add_one, 1);
	failed |= semctl(semid, 0, IPC_STAT, (union semun){ .buf = &ready });
	if (semctl(semid, 0, IPC_RMID) == -1 || failed)
		err(EXIT_FAILURE, "semop, semctl");

	printf("creator: SETVAL 0, sem_otime is %s\n",
	       early.sem_otime == 0 ? "0" : "set");
	printf("creator: semop adds 1, sem_otime is %s\n",
	       ready.sem_otime == 0 ? "0" : "set");
	if (early.sem_otime != 0 || ready.sem_otime == 0)
		errx(EXIT_FAILURE, "sem_otime does not show when it is ready");
}

int main(void)
{
	sigset_t all;

	/* No signal ends this process before it has removed a set */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	lose_the_race();
	show_when_ready();
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
