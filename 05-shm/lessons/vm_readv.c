// SPDX-License-Identifier: MIT
/*
 * vm_readv.c - copy out of the memory of a process that stands still
 *
 * Shows:  process_vm_readv copies from another process, if it may trace it
 * Build:  cc vm_readv.c -o vm_readv
 * Run:    ./vm_readv
 * Prints: what was copied, and who may copy here
 * Exit:   0 done; 1 a call failed; 2 usage; 77 this machine forbids it
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

static const char yama[] = "/proc/sys/kernel/yama/ptrace_scope";
static char words[64] = "as before fork";

static int usage(FILE *out)
{
	fputs("usage: vm_readv\n"
	      "Copy bytes from a child, and from the parent.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Copy what is at the address of our own words there: after fork it is the
 * same. Page tables are not shared, nothing is mapped: the kernel copies once
 */
static ssize_t copy_from(pid_t pid, char *to)
{
	struct iovec local = { to, sizeof words };
	struct iovec remote = { words, sizeof words };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

/* Whoever may ptrace may copy. Yama narrows that: 0 whoever has the same user,
 * 1 ancestors only, 2 CAP_SYS_PTRACE only, 3 nobody */
static char scope(void)
{
	char c = '-'; /* no Yama: as 0 */
	FILE *f = fopen(yama, "re");

	if (f != NULL && (fread(&c, 1, 1, f) != 1 || fclose(f) == EOF))
		err(EXIT_FAILURE, "%s", yama);
	return c;
}

static pid_t start(void (*work)(void))
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		/* Nobody would continue us, if it died before we stop */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		strcpy(words, "the child's own words");
		raise(SIGSTOP); /* the parent sees that, and copies */
		work();
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, NULL, WUNTRACED) != pid)
		err(EXIT_FAILURE, "waitpid");
	return pid;
}

/* The other direction: under Yama's 1 a child may not, until it is allowed */
static void copy_from_parent(void)
{
	char copy[sizeof words];

	if (copy_from(getppid(), copy) == sizeof copy)
		printf("child copied:  %s\n", copy);
	else
		printf("child refused: %s\n", strerror(errno));
}

static void finish(pid_t pid)
{
	int status;

	if (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
}

int main(int argc, char *argv[])
{
	char copy[sizeof words] = "";
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	printf("ptrace_scope:  %c\n", scope());
	pid = start(copy_from_parent);
	if (copy_from(pid, copy) == -1) {
		int cause = errno, no = cause == EPERM || cause == ENOSYS;

		(void)kill(pid, SIGKILL); /* it stands still: end it */
		(void)waitpid(pid, NULL, 0);
		errno = cause;
		err(no ? 77 : EXIT_FAILURE,
		    "process_vm_readv: see seccomp and %s (try 1)", yama);
	}
	printf("parent copied: %s\n", copy);
	if (strcmp(copy, "the child's own words") != 0)
		errx(EXIT_FAILURE, "these are not the child's");
	finish(pid);

	pid = start(copy_from_parent);
	/* EINVAL: no Yama here, nobody to ask for less */
	if (prctl(PR_SET_PTRACER, pid, 0, 0, 0) == -1 && errno != EINVAL)
		err(EXIT_FAILURE, "prctl PR_SET_PTRACER");
	puts("after PR_SET_PTRACER:");
	finish(pid);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
