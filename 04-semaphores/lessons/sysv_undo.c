// SPDX-License-Identifier: MIT
/*
 * sysv_undo.c - the holder of a semaphore is killed, without and with SEM_UNDO
 *
 * Shows:  with SEM_UNDO the kernel gives back what a killed process has taken
 * Build:  cc sysv_undo.c -o sysv_undo
 * Run:    ./sysv_undo
 * Prints: what the next process gets after the holder was killed, both ways
 * Exit:   0 done; 1 a call failed, or SEM_UNDO had no effect; 77 a limit
 * See:    semop(2), semctl(2); robust mutexes: mutex_robust.c
 */
#define _XOPEN_SOURCE 700 /* sys/sem.h is an X/Open extension */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns the error of the next process, or 0; -1 if another call failed */
static int take_after_kill(int semid, short flags)
{
	struct sembuf put = { 0, 1, 0 };
	struct sembuf hold = { 0, -1, flags };
	struct sembuf take = { 0, -1, IPC_NOWAIT };
	int status;

	if (semop(semid, &put, 1) == -1)
		return -1;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == 0) {
		if (semop(semid, &hold, 1) == 0)
			raise(SIGKILL); /* does not return */
		_exit(EXIT_FAILURE);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || !WIFSIGNALED(status))
		return -1;
	return semop(semid, &take, 1) == -1 ? errno : 0;
}

int main(void)
{
	sigset_t all;

	/* The set outlives the process, so signals stay blocked, and nothing
	 * exits, until it is removed */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1)
		err(77, "semget: needs CONFIG_SYSVIPC; see kernel.sem");
	int without = take_after_kill(semid, 0);
	int with = take_after_kill(semid, SEM_UNDO);
	if (semctl(semid, 0, IPC_RMID) == -1 || without == -1 || with == -1)
		err(errno == EAGAIN ? 77 : EXIT_FAILURE,
		    "fork, semop, semctl: see ulimit -u");

	printf("without SEM_UNDO: the next process gets: %s\n",
	       strerror(without));
	printf("with SEM_UNDO: the next process gets: %s\n",
	       with == 0 ? "the semaphore" : strerror(with));
	if (without != EAGAIN || with != 0)
		errx(EXIT_FAILURE, "SEM_UNDO made no difference");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
