// SPDX-License-Identifier: MIT
/*
 * undo_at_unshare.c - a lock that goes when its holder leaves the namespace
 *
 * Shows:  SEM_UNDO is applied not at exit alone, but also when a process leaves
 *         the IPC namespace of the set, alive, and believing it has the lock
 * Build:  cc undo_at_unshare.c -o undo_at_unshare
 * Run:    ./undo_at_unshare
 * Prints: the semaphore while the holder has it, and after it has left
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 2 usage; 77 this
 *         machine allows no namespace
 * See:    semop(2), unshare(2) (CLONE_SYSVSEM), setns(2); persist.c, chapter
 *         04's sysv_undo.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct way {
	const char *name;
	int enter; /* by setns, else by unshare */
	int kind;
	int undone; /* the semaphore is free after it */
} ways[] = {
	{ "unshare CLONE_NEWUTS", 0, CLONE_NEWUTS, 0 }, /* another kind */
	{ "unshare CLONE_SYSVSEM", 0, CLONE_SYSVSEM, 1 },
	{ "unshare CLONE_NEWIPC", 0, CLONE_NEWIPC, 1 },
	{ "setns CLONE_NEWIPC", 1, CLONE_NEWIPC, 1 },
};
static int semid, other; /* the set, and a namespace where it is not */

static int usage(FILE *out)
{
	fputs("usage: undo_at_unshare\n"
	      "Take a semaphore with SEM_UNDO, and leave its namespace.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Print the call that failed, the reason and the remedy. unshare(0) changes
 * nothing: it fails only where a seccomp filter refuses the call */
static void forbidden(const char *call)
{
	const char *remedy = "a chroot or sysctl refuses it: run it as root";
	int cause = errno;

	if (cause == ENOSPC)
		remedy = "as root: echo 15000 | "
			 "tee /proc/sys/user/max_*_namespaces";
	else if (cause == EROFS)
		remedy = "a container needs --privileged";
	else if (unshare(0) == -1)
		remedy = "seccomp refuses it: a container needs --privileged";
	else if (geteuid() == 0)
		remedy = "a chroot refuses it: run it outside";
	errx(77, "%s: %s: %s", call, strerror(cause), remedy);
}

/* It takes CAP_SYS_ADMIN: root has it, all others in a user namespace of their
 * own. Who needs no ids in there can leave them unmapped */
static void begin_namespaces(int kinds)
{
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
}

/* The holder: it stops once it has the lock, and once it has left */
static void hold(const struct way *way, pid_t parent)
{
	struct sembuf take = { .sem_op = -1, .sem_flg = SEM_UNDO };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (semop(semid, &take, 1) == -1)
		err(EXIT_FAILURE, "semop");
	raise(SIGSTOP);
	if (way->enter ? setns(other, way->kind) : unshare(way->kind))
		err(EXIT_FAILURE, "%s", way->name);
	raise(SIGSTOP);
	_exit(EXIT_SUCCESS);
}

/* The semaphore, once the holder has stopped, which shows that it lives */
static int value_at_stop(pid_t pid)
{
	int status, value;

	if (waitpid(pid, &status, WUNTRACED) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (!WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the holder has ended");
	value = semctl(semid, 0, GETVAL);
	if (value == -1 || kill(pid, SIGCONT) == -1)
		err(EXIT_FAILURE, "semctl GETVAL, kill SIGCONT");
	return value;
}

static void show(const struct way *way)
{
	pid_t parent = getpid(), pid = fork();
	int held, left, status;

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		hold(way, parent);
	held = value_at_stop(pid);
	left = value_at_stop(pid);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the holder failed");
	printf("%-21s held %d, left %d, ended %d\n", way->name, held, left,
	       semctl(semid, 0, GETVAL));
	if (held != 0 || left != way->undone)
		errx(EXIT_FAILURE, "%s: not as claimed", way->name);
}

int main(int argc, char *argv[])
{
	struct sembuf give = { .sem_op = 1 };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Two of our own; the set is in the second, and ends with it */
	begin_namespaces(CLONE_NEWIPC);
	other = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
	if (other == -1 || unshare(CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "a second namespace");
	semid = semget(IPC_PRIVATE, 1, 0600);
	if (semid == -1 || semop(semid, &give, 1) == -1)
		err(EXIT_FAILURE, "semget, semop");

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		show(&ways[i]);

	if (close(other) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
