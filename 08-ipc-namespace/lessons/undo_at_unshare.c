// SPDX-License-Identifier: MIT
/*
 * undo_at_unshare.c - a lock that is lost when its holder leaves the namespace
 *
 * Shows:  SEM_UNDO is applied not only when a process exits, but also when it
 *         leaves the IPC namespace of the set, and still believes in its lock
 * Build:  cc undo_at_unshare.c -o undo_at_unshare
 * Run:    ./undo_at_unshare
 * Prints: what another process sees after each unshare: 0 locked, 1 free
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 77 this machine
 *         allows no namespace
 * See:    semop(2), unshare(2) (CLONE_SYSVSEM); chapter 04's sysv_undo.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

/* CAP_SYS_ADMIN is needed. Root has it, and every process in a user namespace
 * of its own. No id has to be mapped in there for what follows */
static void begin_namespaces(int kinds)
{
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
}

/* Leave by unshare. Print the semaphore as a child sees it, which stays here */
static void leave(int semid, const char *name, int kind, int expected)
{
	int left[2], status;
	char c;

	if (pipe(left) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t pid = fork();
	if (pid == 0) {
		/* read(2) returns at EOF: the parent has left, or has ended */
		if (close(left[1]) == -1 || read(left[0], &c, 1) != 0 ||
		    close(left[0]) == -1)
			_exit(2); /* no value that the semaphore has */
		_exit(semctl(semid, 0, GETVAL));
	}
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (unshare(kind) == -1)
		err(EXIT_FAILURE, "unshare %s", name);
	if (close(left[0]) == -1 || close(left[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	printf("unshare %s: %d\n", name, WEXITSTATUS(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
		errx(EXIT_FAILURE, "expected %d", expected);
}

int main(void)
{
	struct sembuf unlock = { .sem_op = 1 };
	struct sembuf lock = { .sem_op = -1, .sem_flg = SEM_UNDO };

	/* The set is in a namespace of our own, and ends with that */
	begin_namespaces(CLONE_NEWIPC);
	int semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1 || semop(semid, &unlock, 1) == -1 ||
	    semop(semid, &lock, 1) == -1)
		err(EXIT_FAILURE, "semget, semop");

	leave(semid, "CLONE_NEWUTS", CLONE_NEWUTS, 0); /* another kind */
	leave(semid, "CLONE_NEWIPC", CLONE_NEWIPC, 1);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
