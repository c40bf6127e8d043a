// SPDX-License-Identifier: MIT
/*
 * undo_at_unshare.c - a lock that is lost when its holder leaves the namespace
 *
 * Shows:  SEM_UNDO is applied also when a process leaves the IPC namespace
 * Build:  cc undo_at_unshare.c -o undo_at_unshare
 * Run:    ./undo_at_unshare
 * Prints: the semaphore of a live holder, before and after: 0 locked, 1 free
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    semop(2), unshare(2) (CLONE_SYSVSEM); chapter 04's sysv_undo.c
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <unistd.h>

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

static void check_value(int semid, const char *when, int expected)
{
	int value = semctl(semid, 0, GETVAL);

	if (value == -1)
		err(EXIT_FAILURE, "semctl GETVAL");
	printf("%s: %d\n", when, value);
	if (value != expected)
		errx(EXIT_FAILURE, "expected %d", expected);
}

int main(void)
{
	struct sembuf unlock = { .sem_op = 1 };
	struct sembuf lock = { .sem_op = -1, .sem_flg = SEM_UNDO };

	/* The set is in a namespace of its own, and ends with it.
	 * CAP_SYS_ADMIN is needed: as root, or in a new user namespace */
	if (unshare(CLONE_NEWIPC) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1))
		forbidden("unshare");
	int first = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
	if (first == -1)
		err(77, "/proc/self/ns/ipc: mount -t proc proc /proc");

	int semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1 || semop(semid, &unlock, 1) == -1 ||
	    semop(semid, &lock, 1) == -1)
		err(EXIT_FAILURE, "semget, semop");
	check_value(semid, "locked", 0);

	/* The list of undos belongs to the namespace. The kernel applies it
	 * now, while this process is alive and believes that it has the lock */
	if (unshare(CLONE_NEWIPC) == -1)
		forbidden("unshare CLONE_NEWIPC");
	/* Enter it again. The open descriptor has kept the namespace */
	if (setns(first, CLONE_NEWIPC) == -1 || close(first) == -1)
		err(EXIT_FAILURE, "setns, close");
	check_value(semid, "after unshare", 1);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
