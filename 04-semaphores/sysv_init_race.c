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

static int set = -1; /* the creator's, to be removed at exit */

static void remove_set(void)
{
	if (set != -1)
		(void)semctl(set, 0, IPC_RMID); /* best effort */
}

static void change(int id, short by)
{
	struct sembuf op = { 0, by, IPC_NOWAIT };

	if (semop(id, &op, 1) == -1)
		err(EXIT_FAILURE, "semop %d", by);
}

/* Has anybody made a semop? SETVAL does not count as one */
static int ready(int id)
{
	struct semid_ds ds;

	if (semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) == -1)
		err(EXIT_FAILURE, "semctl IPC_STAT");
	return ds.sem_otime != 0;
}

static void say(int fd)
{
	if (write(fd, "", 1) != 1)
		err(EXIT_FAILURE, "write");
}

/* Wrong: that the set exists says nothing about its value */
static void wrong(int id, int looked)
{
	printf("second, wrong: finds the set, its value is %d\n",
	       semctl(id, 0, GETVAL));
	change(id, 1);
	printf("second, wrong: adds 1, it is %d\n", semctl(id, 0, GETVAL));
	say(looked);
}

/* Right: the creator's last act is a semop, so wait for that. There is no
 * call that blocks until then: one can only look again, and not for ever */
static void right(int id, int looked)
{
	printf("second, right: ready: %s\n", ready(id) ? "yes" : "no");
	say(looked);
	for (int looks = 1; !ready(id); looks++) {
		if (looks == LOOKS)
			errx(EXIT_FAILURE, "the creator did not finish");
		(void)poll(NULL, 0, 1); /* cut short: then look earlier */
	}
	printf("second, right: ready: yes, its value is %d\n",
	       semctl(id, 0, GETVAL));
	change(id, -1);
}

/* Make the set, and wait until a second process has looked at it: one that
 * finds it by its key, as a stranger would */
static pid_t create(key_t key, void (*second)(int, int))
{
	int looked[2];
	char byte;

	set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (set == -1 || pipe2(looked, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "semget 0x%x", (unsigned int)key);
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		set = -1; /* one that fails leaves the set to its parent */
		int id = semget(key, 1, 0);
		if (id == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
			err(EXIT_FAILURE, "semget or prctl");
		second(id, looked[1]);
		_exit(EXIT_SUCCESS);
	}
	if (close(looked[1]) == -1 || read(looked[0], &byte, 1) != 1 ||
	    close(looked[0]) == -1)
		errx(EXIT_FAILURE, "the second process did not look");
	return pid;
}

static void set_value(int value)
{
	if (semctl(set, 0, SETVAL, (union semun){ .val = value }) == -1)
		err(EXIT_FAILURE, "semctl SETVAL");
	printf("creator: SETVAL, its value is %d\n", semctl(set, 0, GETVAL));
}

/* Wait for the second process; return the value, and remove the set */
static int finish(pid_t pid)
{
	int status, value;

	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	value = semctl(set, 0, GETVAL);
	if (status != 0 || semctl(set, 0, IPC_RMID) == -1)
		errx(EXIT_FAILURE, "the second process failed: %d", status);
	set = -1;
	return value;
}

/* The signals wait for our end, a moment later: nobody else removes the set */
static void hold_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) == -1 ||
	    atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask or atexit");
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char *argv[])
{
	unsigned long key = 0x74000000UL | (unsigned long)getpid();
	char *end = "";
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		key = strtoul(argv[1], &end, 0);
	if (argc > 2 || *end || key < 1 || key > 0xffffffff)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	hold_signals();

	pid = create((key_t)key, wrong);
	set_value(1); /* and what the second one added is gone */
	if (finish(pid) != 1)
		errx(EXIT_FAILURE, "the value is not that of SETVAL");

	pid = create((key_t)key, right);
	set_value(0);
	if (ready(set))
		errx(EXIT_FAILURE, "SETVAL has set sem_otime");
	change(set, 1); /* value and sem_otime in one step */
	printf("creator: the second took it, its value is %d\n", finish(pid));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
