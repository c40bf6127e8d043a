// SPDX-License-Identifier: MIT
/*
 * vm_readv.c - copy out of the memory of another process
 *
 * Shows:  process_vm_readv copies from a process that the caller may trace
 * Build:  cc vm_readv.c -o vm_readv
 * Run:    ./vm_readv
 * Prints: what parent and child could copy from each other
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    process_vm_readv(2), PR_SET_PTRACER in prctl(2), ptrace(2);
 *         mmap_anonymous.c
 */
#define _GNU_SOURCE /* process_vm_readv */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char words[32] = "the parent's words";

/* After fork(), words has the same address in both processes. Nothing is
 * mapped: the kernel copies once, and the other process takes no part. Returns
 * the error, or 0 */
static int copy_words(const char *who, pid_t from, char *copy)
{
	struct iovec local = { copy, sizeof words };
	struct iovec remote = { words, sizeof words };
	ssize_t n = process_vm_readv(from, &local, 1, &remote, 1, 0);
	int error = n == -1 ? errno : 0;

	printf("%s %s\n", who, error == 0 ? copy : strerror(error));
	return error;
}

/* Where /proc/sys/kernel/yama/ptrace_scope is 1, only an ancestor may trace a
 * process, and so copy from it, until that process names another one */
static void run_child(pid_t parent)
{
	char copy[sizeof words];

	strcpy(words, "the child's words");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	raise(SIGSTOP); /* the parent copies now */
	copy_words("child, at first:   ", parent, copy);
	raise(SIGSTOP); /* the parent names this process */
	copy_words("child, once named: ", parent, copy);
	_exit(EXIT_SUCCESS);
}

static void wait_for_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the child failed");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* two processes print */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		run_child(parent);
	wait_for_stop(pid);
	char copy[sizeof words];
	int error = copy_words("parent:            ", pid, copy);
	if (error != 0)
		errx(error == EPERM || error == ENOSYS ? 77 : EXIT_FAILURE,
		     "process_vm_readv: %s: see seccomp and "
		     "/proc/sys/kernel/yama/ptrace_scope (try 1)",
		     strerror(error));
	if (strcmp(copy, "the child's words") != 0)
		errx(EXIT_FAILURE, "expected the child's words");
	if (ferror(stdout))
		err(EXIT_FAILURE, "write standard output");

	if (kill(pid, SIGCONT) == -1)
		err(EXIT_FAILURE, "kill SIGCONT");
	wait_for_stop(pid);
	/* EINVAL: without Yama there is nobody to name */
	if (prctl(PR_SET_PTRACER, pid, 0, 0, 0) == -1 && errno != EINVAL)
		err(EXIT_FAILURE, "prctl PR_SET_PTRACER");
	int status;
	if (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
	return EXIT_SUCCESS;
}
