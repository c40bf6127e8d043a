// SPDX-License-Identifier: MIT
/*
 * sysv_init_race.c - a System V set exists before it has a value
 *
 * Shows:  between semget and semctl(SETVAL) a second process finds a set that
 *         nobody has initialised; sem_otime tells it when it is ready
 * Build:  cc sysv_init_race.c -o sysv_init_race
 * Run:    ./sysv_init_race [KEY]
 * Prints: what the second process finds between the two calls, and after
 * Exit:   0 done; 1 a call failed, or the race was not seen; 2 usage
 * See:    semget(2), semctl(2), sysvipc(7); sysv_sem_producer.c needs no SETVAL
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

union semun { /* the caller has to define it: semctl(2) */
	int val;
	struct semid_ds *buf;
};

enum { LOOKS = 5000 }; /* then the creator is taken for dead */

static int usage(FILE *out)
{
	fputs("usage: sysv_init_race [KEY]\n"
	      "KEY is that of a set yet to be made, such as 0x74000001.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* At exit, of the creator only: children leave by _exit */
static int set = -1;

static void remove_set(void)
{
	if (set != -1)
		(void)semctl(set, 0, IPC_RMID); /* best effort */
}

static int change(int id, short by)
{
	struct sembuf op = { 0, by, IPC_NOWAIT };

	return semop(id, &op, 1);
}

/* Has anybody made a semop? SETVAL does not count as one */
static int ready(int id)
{
	struct semid_ds ds;

	if (semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) == -1)
		err(EXIT_FAILURE, "semctl IPC_STAT");
	return ds.sem_otime != 0;
}

/* Wrong: that the set exists says nothing about its value */
static void wrong(int id)
{
	int value = semctl(id, 0, GETVAL);

	printf("second, wrong: finds the set, its value is %d\n", value);
	if (change(id, 1) == -1)
		err(EXIT_FAILURE, "semop");
	printf("second, wrong: adds 1, it is %d\n", semctl(id, 0, GETVAL));
}

/* Right: the creator's last act is a semop, so wait for that. There is no
   call that blocks until then: one can only look again, and not for ever */
static void right(int id, int looked)
{
	int looks = 0;
	char byte = 0;

	printf("second, right: ready: %s\n", ready(id) ? "yes" : "no");
	if (write(looked, &byte, 1) != 1)
		err(EXIT_FAILURE, "write");
	while (!ready(id)) {
		if (++looks == LOOKS)
			errx(EXIT_FAILURE, "the creator did not finish");
		(void)poll(NULL, 0, 1); /* cut short: then look earlier */
	}
	printf("second, right: ready: yes, its value is %d\n",
	       semctl(id, 0, GETVAL));
	if (change(id, -1) == -1)
		err(EXIT_FAILURE, "semop");
}

/* The second process finds the set by its key, as a stranger would */
static pid_t second(key_t key, int correct, int looked)
{
	pid_t pid = fork();
	int id;

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	set = -1; /* a child that fails leaves the set to its parent */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		err(EXIT_FAILURE, "prctl");
	id = semget(key, 1, 0);
	if (id == -1)
		err(EXIT_FAILURE, "semget");
	if (correct)
		right(id, looked);
	else
		wrong(id);
	_exit(EXIT_SUCCESS);
}

static void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the second process failed: %d", status);
}

static void create(key_t key)
{
	set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget 0x%x", (unsigned int)key);
}

static void set_value(int value)
{
	if (semctl(set, 0, SETVAL, (union semun){ .val = value }) == -1)
		err(EXIT_FAILURE, "semctl SETVAL");
	printf("creator: SETVAL, its value is %d\n", semctl(set, 0, GETVAL));
}

static void destroy(void)
{
	if (semctl(set, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	set = -1;
}

/* The creator waits between its two calls until the second was there */
static void show_wrong(key_t key)
{
	create(key);
	reap(second(key, 0, -1));
	set_value(1); /* and what the second one added is gone */
	if (semctl(set, 0, GETVAL) != 1)
		errx(EXIT_FAILURE, "the value is not that of SETVAL");
	destroy();
}

static void show_right(key_t key)
{
	int looked[2];
	pid_t pid;
	char byte;

	if (pipe2(looked, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	create(key);
	pid = second(key, 1, looked[1]);
	if (close(looked[1]) == -1 || read(looked[0], &byte, 1) != 1)
		errx(EXIT_FAILURE, "the second process did not look");
	set_value(0);
	if (ready(set))
		errx(EXIT_FAILURE, "SETVAL has set sem_otime");
	if (change(set, 1) == -1) /* value and sem_otime in one step */
		err(EXIT_FAILURE, "semop");
	reap(pid);
	printf("creator: the second took it, its value is %d\n",
	       semctl(set, 0, GETVAL));
	if (close(looked[0]) == -1)
		err(EXIT_FAILURE, "close");
	destroy();
}

/* The signals wait while a set exists: nobody else would remove it */
static void hold_signals(sigset_t *old)
{
	sigset_t ends;

	(void)sigemptyset(&ends); /* these four cannot fail */
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
	if (atexit(remove_set) != 0)
		errx(EXIT_FAILURE, "atexit failed");
}

int main(int argc, char *argv[])
{
	unsigned long key = 0x74000000UL | (unsigned long)getpid();
	sigset_t old;
	char *end;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2) {
		key = strtoul(argv[1], &end, 0);
		if (end == argv[1] || *end || key < 1 || key > 0xffffffff)
			return usage(stderr);
	}
	if (argc > 2)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	hold_signals(&old);
	show_wrong((key_t)key);
	show_right((key_t)key);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
