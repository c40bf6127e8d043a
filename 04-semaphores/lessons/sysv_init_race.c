// SPDX-License-Identifier: MIT
/*
 * sysv_init_race.c - a System V set exists before it has a value
 *
 * Shows:  between semget and semctl(SETVAL) a second process finds a set that
 *         nobody has initialised; sem_otime shows whether it is ready
 * Build:  cc sysv_init_race.c -o sysv_init_race
 * Run:    ./sysv_init_race
 * Prints: the value after each step of the creator and of the second process
 * Exit:   0 done; 1 a call failed, or the race was not seen
 * See:    semget(2), semctl(2), sysvipc(7); ../sysv_sem_consumer.c needs no
 *         SETVAL
 */
#define _XOPEN_SOURCE 700
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

union semun { /* the last argument of semctl(2), which the caller defines */
	int val;
	struct semid_ds *buf;
};

enum { LOOKS = 5000 }; /* a ms each; then the creator is taken for dead */
static int semid = -1;

static void remove_set(void)
{
	if (semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* best effort, at exit */
}

static int change(short by)
{
	struct sembuf op = { 0, by, IPC_NOWAIT };

	return semop(semid, &op, 1);
}

static int report(const char *step)
{
	int value = semctl(semid, 0, GETVAL);

	if (value == -1)
		err(EXIT_FAILURE, "semctl GETVAL");
	printf("%s, the value is %d\n", step, value);
	return value;
}

/* 1 if somebody has called semop: SETVAL does not count. -1 with errno */
static int is_ready(void)
{
	struct semid_ds ds;

	if (semctl(semid, 0, IPC_STAT, (union semun){ .buf = &ds }) == -1)
		return -1;
	return ds.sem_otime != 0;
}

/* Wrong: that the set exists does not mean that it has its value */
static int add_at_once(void)
{
	return change(1);
}

/* Right: look until it is ready, as no call blocks until then */
static int take_when_ready(void)
{
	int ready;

	for (int looks = 0; (ready = is_ready()) == 0; looks++) {
		if (looks == LOOKS) {
			errno = ETIMEDOUT;
			return -1;
		}
		(void)poll(NULL, 0, 1); /* best effort: or look earlier */
	}
	return ready == -1 ? -1 : change(-1);
}

/* Create a set, and let a second process find it before it has a value */
static pid_t create(int (*second)(void))
{
	pid_t creator = getpid(), pid;

	semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1)
		err(EXIT_FAILURE, "semget");
	if ((pid = fork()) == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != creator)
			_exit(EXIT_FAILURE);
		_exit(second() == -1 ? errno : EXIT_SUCCESS);
	}
	return pid;
}

static void finish(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the second process failed: %s",
		     strerror(WEXITSTATUS(status)));
}

int main(void)
{
	sigset_t all;

	/* The set outlives the process, so signals stay blocked until it is
	 * removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");

	finish(create(add_at_once));
	report("second, at once: adds 1");
	if (semctl(semid, 0, SETVAL, (union semun){ .val = 1 }) == -1)
		err(EXIT_FAILURE, "semctl SETVAL");
	if (report("creator: SETVAL 1") != 1)
		errx(EXIT_FAILURE, "what the second process added is not lost");
	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");

	pid_t pid = create(take_when_ready);
	if (semctl(semid, 0, SETVAL, (union semun){ .val = 0 }) == -1)
		err(EXIT_FAILURE, "semctl SETVAL");
	report("creator: SETVAL 0");
	if (is_ready() != 0)
		errx(EXIT_FAILURE, "SETVAL has set sem_otime");
	if (change(1) == -1) /* sets value and sem_otime in one step */
		err(EXIT_FAILURE, "semop +1");
	finish(pid);
	if (report("second, when ready: takes the 1 of a semop") != 0)
		errx(EXIT_FAILURE, "the second process did not take it");

	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
