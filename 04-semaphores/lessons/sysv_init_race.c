// SPDX-License-Identifier: MIT
/*
 * sysv_init_race.c - a System V set exists before it has a value
 *
 * Shows:  between semget and semctl(SETVAL) a second process finds a set that
 *         nobody has initialised; sem_otime tells it when it is ready
 * Build:  cc sysv_init_race.c -o sysv_init_race
 * Run:    ./sysv_init_race
 * Prints: what the second process finds between the two calls, and after
 * Exit:   0 done; 1 a call failed, or the race was not seen; 2 usage
 * See:    semget(2), semctl(2), sysvipc(7); sysv_sem_producer.c needs no SETVAL
 */
#define _GNU_SOURCE

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

union semun { /* the caller has to define it: semctl(2) */
	int val;
	struct semid_ds *buf;
};

enum { LOOKS = 5000 }; /* then the creator is taken for dead */
static int semid = -1;
static pid_t creator;

static int usage(FILE *out)
{
	fputs("usage: sysv_init_race\n"
	      "Look at a set before and after it is initialised.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void change(short by)
{
	struct sembuf op = { 0, by, IPC_NOWAIT };

	if (semop(semid, &op, 1) == -1)
		err(EXIT_FAILURE, "semop %d", by);
}

static int value(void)
{
	int val = semctl(semid, 0, GETVAL);

	if (val == -1)
		err(EXIT_FAILURE, "semctl GETVAL");
	return val;
}

/* Has anybody made a semop? SETVAL does not count as one */
static int ready(void)
{
	struct semid_ds ds;

	if (semctl(semid, 0, IPC_STAT, (union semun){ .buf = &ds }) == -1)
		err(EXIT_FAILURE, "semctl IPC_STAT");
	return ds.sem_otime != 0;
}

/* Wrong: that the set exists says nothing about its value */
static void wrong(void)
{
	printf("second, wrong: finds the set, its value is %d\n", value());
	change(1);
	printf("second, wrong: adds 1, it is %d\n", value());
}

/* Right: the creator's last act is a semop, so wait for that. There is no
 * call that blocks until then: one can only look again, and not for ever */
static void right(void)
{
	printf("second, right: ready: %s\n", ready() ? "yes" : "no");
	raise(SIGSTOP); /* the creator goes on first */
	for (int looks = 1; !ready(); looks++) {
		if (looks == LOOKS)
			errx(EXIT_FAILURE, "the creator did not finish");
		(void)poll(NULL, 0, 1); /* cut short: then look earlier */
	}
	printf("second, right: ready: yes, its value is %d\n", value());
	change(-1);
}

static void remove_set(void)
{
	if (getpid() == creator && semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* best effort */
}

/* Make the set, and at once let a second process find it, until it stops */
static pid_t create(void (*second)(void))
{
	int status;

	semid = semget(IPC_PRIVATE, 1, 0600);
	pid_t pid = fork();
	if (semid == -1 || pid == -1)
		err(EXIT_FAILURE, "semget, fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != creator)
			_exit(EXIT_FAILURE);
		second();
		if (ferror(stdout))
			err(EXIT_FAILURE, "write standard output");
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, WUNTRACED) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0 && !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the second process failed");
	return pid;
}

static void set_value(int val)
{
	if (semctl(semid, 0, SETVAL, (union semun){ .val = val }) == -1)
		err(EXIT_FAILURE, "semctl SETVAL");
	printf("creator: SETVAL, its value is %d\n", value());
}

int main(int argc, char *argv[])
{
	sigset_t all;
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Signals wait for our end, a moment later: else the set would stay */
	creator = getpid();
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");

	create(wrong);
	set_value(1); /* and what the second one added is gone */
	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");

	pid_t pid = create(right);
	set_value(0);
	if (ready())
		errx(EXIT_FAILURE, "SETVAL has set sem_otime");
	change(1); /* value and sem_otime in one step */
	if (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (status != 0 || value() != 0)
		errx(EXIT_FAILURE, "the second process did not take it");
	printf("creator: the second took it, its value is %d\n", value());

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
