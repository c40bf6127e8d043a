// SPDX-License-Identifier: MIT
/*
 * pid_namespace.c - a PID namespace that ends with its first process
 *
 * Shows:  the caller's first child is process 1; after its end fork fails
 * Build:  cc pid_namespace.c -o pid_namespace
 * Run:    ./pid_namespace
 * Prints: for two children their pid in the namespace, or the error of fork
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no namespace
 * See:    pid_namespaces(7), unshare(2), fork(2); pid_namespace_fixed.c
 */
#define _GNU_SOURCE /* unshare */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
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
	if (pid == -1 && errno == EAGAIN) {
		warn("fork: see ulimit -u");
		_exit(77);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return -errno;
	return WEXITSTATUS(status);
}

/* Run two children, expect these pids, return the exit status */
static int run_two(int expected_first, int expected_second)
{
	int first = run_child(), second = run_child();

	printf("first child: process %d\n", first);
	if (second > 0)
		printf("second child: process %d\n", second);
	else
		printf("second child: fork: %s\n", strerror(-second));
	if (fflush(stdout) == EOF || ferror(stdout))
		warn("write standard output");
	else if (first != expected_first || second != expected_second)
		warnx("expected %d, then %d", expected_first, expected_second);
	else
		return EXIT_SUCCESS;
	return EXIT_FAILURE;
}

int main(void)
{
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	/* CAP_SYS_ADMIN is needed: as root, or in a new user namespace */
	if (unshare(CLONE_NEWPID) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1))
		forbidden("unshare");
	/* unshare does not move the caller. Its first child is process 1 of the
	 * new namespace: when it has exited, fork fails */
	return run_two(1, -ENOMEM);
}
