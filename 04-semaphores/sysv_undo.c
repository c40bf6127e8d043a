// SPDX-License-Identifier: MIT
/*
 * sysv_undo.c - the holder of a semaphore is killed, without and with SEM_UNDO
 *
 * Shows:  what a killed process took stays taken, unless it took it with
 *         SEM_UNDO: then the kernel gives it back as the process ends
 * Build:  cc sysv_undo.c -o sysv_undo
 * Run:    ./sysv_undo
 * Prints: what a third process gets after the holder was killed, both ways
 * Exit:   0 done; 1 a call failed, or it was otherwise; 2 usage
 * See:    semop(2), semctl(2); robust mutexes: pthread_mutexattr_setrobust(3)
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: sysv_undo\n"
	      "Kills the holder of a semaphore, without and with SEM_UNDO.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* At exit, of the parent only: a child that fails leaves the set to it */
static int set = -1;

static void remove_set(void)
{
	if (set != -1)
		(void)semctl(set, 0, IPC_RMID); /* best effort */
}

static int change(int id, short by, int flags)
{
	struct sembuf op = { 0, by, (short)(IPC_NOWAIT | flags) };

	return semop(id, &op, 1);
}

/* A private set, free: 1. The signals stay blocked while it exists */
static void make_set(sigset_t *old)
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
	set = semget(IPC_PRIVATE, 1, 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget");
	if (change(set, 1, 0) == -1)
		err(EXIT_FAILURE, "semop +1");
}

/* Returns in the child its set, and -1 in the parent */
static int child(pid_t *pid)
{
	int id = set;

	*pid = fork();
	if (*pid == -1)
		err(EXIT_FAILURE, "fork");
	if (*pid > 0)
		return -1;
	set = -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		err(EXIT_FAILURE, "prctl");
	return id;
}

/* It takes the semaphore, says so, and is killed while it has it */
static void kill_holder(int flags)
{
	int taken[2], id, status;
	char byte = 0;
	pid_t pid;

	if (pipe2(taken, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	id = child(&pid);
	if (id != -1) {
		if (change(id, -1, flags) == -1)
			err(EXIT_FAILURE, "semop -1");
		if (write(taken[1], &byte, 1) != 1)
			err(EXIT_FAILURE, "write");
		for (;;)
			(void)pause(); /* until it is killed */
	}
	if (close(taken[1]) == -1 || read(taken[0], &byte, 1) != 1)
		errx(EXIT_FAILURE, "the holder did not take it");
	printf("held: value %d\n", semctl(set, 0, GETVAL));
	if (kill(pid, SIGKILL) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill the holder");
	if (!WIFSIGNALED(status))
		errx(EXIT_FAILURE, "the holder ended by itself: %d", status);
	printf("holder: %s; last to change it: %s\n",
	       strsignal(WTERMSIG(status)),
	       semctl(set, 0, GETPID) == pid ? "the holder" : "another");
	if (close(taken[0]) == -1)
		err(EXIT_FAILURE, "close");
}

/* What a third process gets: 0, or the error of its semop */
static int third(void)
{
	int status, id;
	pid_t pid;

	id = child(&pid);
	if (id != -1)
		_exit(change(id, -1, SEM_UNDO) == 0 ? 0 : errno);
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (!WIFEXITED(status))
		errx(EXIT_FAILURE, "the third process was killed");
	return WEXITSTATUS(status);
}

static void show(const char *how, int flags, int want)
{
	int got;

	printf("%s\n", how);
	kill_holder(flags);
	got = third();
	printf("third: %s\n", got ? strerror(got) : "took it");
	if (got != want)
		errx(EXIT_FAILURE, "expected of the third: %s", strerror(want));
}

int main(int argc, char *argv[])
{
	sigset_t old;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_set(&old);
	show("without SEM_UNDO", 0, EAGAIN);
	if (change(set, 1, 0) == -1) /* only one who knows can repair it */
		err(EXIT_FAILURE, "semop +1");
	show("with SEM_UNDO", SEM_UNDO, 0);
	if (semctl(set, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	set = -1;
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
