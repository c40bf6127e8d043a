// SPDX-License-Identifier: MIT
/*
 * pid_namespace_fixed.c - a PID namespace that lasts as long as it is needed
 *
 * Shows:  the caller forks once: process 1 starts the others, and outlives them
 * Build:  cc pid_namespace_fixed.c -o pid_namespace_fixed
 * Run:    ./pid_namespace_fixed
 * Prints: for two children their pid in the namespace
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    pid_namespaces(7), unshare(2), unshare(1) (--fork); pid_namespace.c
 */
#define _GNU_SOURCE /* unshare */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Start a child and wait for it: its pid in the namespace, or -errno */
static int run_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(getpid()); /* a small number there */
	if (pid == -1 || waitpid(pid, &status, 0) == -1) {
		int error = errno;
		printf("fork: %s\n", strerror(error));
		return -error;
	}
	printf("child: process %d\n", WEXITSTATUS(status));
	return WEXITSTATUS(status);
}

/* Run two children, expect these pids, return the exit status */
static int run_two(int first, int second)
{
	int as_claimed = run_child() == first && run_child() == second;

	if (!as_claimed)
		warnx("expected %d, then %d", first, second);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return as_claimed ? EXIT_SUCCESS : EXIT_FAILURE;
	warn("write standard output");
	return EXIT_FAILURE;
}

int main(void)
{
	int status;

	/* CAP_SYS_ADMIN is needed: root has it, others have it in a user
	 * namespace of theirs */
	if (unshare(CLONE_NEWPID) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1))
		forbidden("unshare");
	/* This process is not in the new namespace, only its children are. The
	 * first is process 1: it starts the others, and outlives them */
	pid_t pid = fork();
	if (pid == 0)
		_exit(run_two(2, 3));
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
