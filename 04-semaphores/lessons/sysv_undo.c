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
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
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

static int semid = -1;
static pid_t owner; /* of the set: a child that fails leaves it alone */

static void remove_set(void)
{
	if (getpid() == owner && semid != -1)
		(void)semctl(semid, 0, IPC_RMID); /* at exit: best effort */
}

static int change(short by, int flags)
{
	struct sembuf op = { 0, by, (short)(IPC_NOWAIT | flags) };

	return semop(semid, &op, 1);
}

/* A private set, free: 1. No signal ends us while it exists, a moment */
static void make_set(void)
{
	sigset_t all;

	owner = getpid();
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 || atexit(remove_set) != 0)
		err(EXIT_FAILURE, "sigprocmask, atexit");
	semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1 || change(1, 0) == -1)
		err(EXIT_FAILURE, "semget, semop +1");
}

/* A process takes the semaphore: 0, or why not. With it, it stops */
static void take(int flags)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != owner)
		_exit(EXIT_FAILURE);
	if (change(-1, flags) == -1)
		_exit(errno);
	raise(SIGSTOP);
}

static pid_t start(int flags, int *status)
{
	pid_t pid = fork();

	if (pid == 0)
		take(flags);
	if (pid == -1 || waitpid(pid, status, WUNTRACED) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	return pid;
}

static void end(pid_t pid)
{
	int status;

	if (kill(pid, SIGKILL) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill, waitpid");
	int last = semctl(semid, 0, GETPID);
	if (last == -1)
		err(EXIT_FAILURE, "semctl GETPID");
	printf("holder: %s; last to change it: %s\n",
	       strsignal(WTERMSIG(status)),
	       last == pid ? "the holder" : "another");
}

/* A holder is killed; then another process tries */
static void show(const char *how, int flags, int want)
{
	int status, got;
	pid_t pid = start(flags, &status);
	int value = semctl(semid, 0, GETVAL);

	if (!WIFSTOPPED(status) || value == -1)
		errx(EXIT_FAILURE, "the holder did not take it");
	printf("%s\nheld: value %d\n", how, value);
	end(pid);
	pid = start(SEM_UNDO, &status);
	got = WIFSTOPPED(status) ? 0 : WEXITSTATUS(status);
	printf("third: %s\n", got ? strerror(got) : "took it");
	if (WIFSTOPPED(status) &&
	    (kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1))
		err(EXIT_FAILURE, "kill, waitpid");
	if (got != want)
		errx(EXIT_FAILURE, "expected of the third: %s", strerror(want));
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_set();

	show("without SEM_UNDO", 0, EAGAIN);
	if (change(1, 0) == -1) /* only one who knows can repair it */
		err(EXIT_FAILURE, "semop +1");
	show("with SEM_UNDO", SEM_UNDO, 0);

	if (semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "semctl IPC_RMID");
	semid = -1;
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
