// SPDX-License-Identifier: MIT
/*
 * vm_readv.c - copy out of the memory of another process
 *
 * Shows:  process_vm_readv copies out of a process that the caller may trace
 * Build:  cc vm_readv.c -o vm_readv
 * Run:    ./vm_readv
 * Prints: the words of the parent, and the words copied from its child
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    process_vm_readv(2), ptrace(2); mmap_anonymous.c
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

int main(void)
{
	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		strcpy(words, "the child's words");
		raise(SIGSTOP); /* the child takes no part */
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the child failed");

	/* Nothing is mapped: the kernel copies, once. words is at the same
	 * address in both processes, because of fork */
	char copy[sizeof words] = "";
	struct iovec local = { copy, sizeof copy };
	struct iovec remote = { words, sizeof words };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	if (n == -1 && (errno == EPERM || errno == ENOSYS))
		err(77, "process_vm_readv: see seccomp and "
			"/proc/sys/kernel/yama/ptrace_scope (try 1)");
	if (n == -1)
		err(EXIT_FAILURE, "process_vm_readv");
	printf("parent has: %s\n", words);
	printf("it copied:  %s\n", copy);
	if (strcmp(copy, "the child's words") != 0)
		errx(EXIT_FAILURE, "expected the child's words");

	if (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
