// SPDX-License-Identifier: MIT
/*
 * sysv_undo.c - the holder of a semaphore is killed, without and with SEM_UNDO
 *
 * Shows:  with SEM_UNDO the kernel gives back what a killed process has taken
 * Build:  cc sysv_undo.c -o sysv_undo
 * Run:    ./sysv_undo
 * Prints: what the next process gets after the holder was killed, both ways
 * Exit:   0 done; 1 a call failed, or the next process got something else
 * See:    semop(2), semctl(2); robust mutexes: pthread_mutexattr_setrobust(3)
 */
#define _XOPEN_SOURCE 700
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static int semid = -1;

static void remove_set(void)
{
	if (semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* best effort, at exit */
}

static int change(short by, short flags)
{
	struct sembuf op = { 0, by, (short)(IPC_NOWAIT | flags) };

	return semop(semid, &op, 1);
}

/* A child takes the semaphore and is killed. Then this process tries to */
static void kill_holder(const char *how, short flags, int expected)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (change(-1, flags) == 0)
			raise(SIGKILL); /* does not return */
		_exit(EXIT_FAILURE);
	}
	if (waitpid(pid, &status, 0) == -1 || !WIFSIGNALED(status))
		errx(EXIT_FAILURE, "the holder was not killed");
	int got = change(-1, 0) == -1 ? errno : 0;
	printf("%s: holder: %s, next: %s\n", how, strsignal(WTERMSIG(status)),
	       got ? strerror(got) : "took it");
	if (got != expected)
		errx(EXIT_FAILURE, "expected: %s", strerror(expected));
}

int main(void)
{
	sigset_t all;

	/* The set outlives the process, so signals stay blocked until it is
	 * removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1 || change(1, 0) == -1)
		err(EXIT_FAILURE, "semget, semop +1");

	kill_holder("without SEM_UNDO", 0, EAGAIN);
	/* Only a process that knows about the loss can give it back */
	if (change(1, 0) == -1)
		err(EXIT_FAILURE, "semop +1");
	kill_holder("with SEM_UNDO", SEM_UNDO, 0);

	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
