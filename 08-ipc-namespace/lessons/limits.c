// SPDX-License-Identifier: MIT
/*
 * limits.c - each IPC namespace has limits of its own
 *
 * Shows:  a new namespace starts with default limits. Changes stay inside
 * Build:  cc limits.c -o limits
 * Run:    ./limits
 * Prints: msgmax, the limit of a message's size, in two namespaces
 * Exit:   0 as claimed; 1 otherwise; 77 this machine allows no such change
 * See:    proc_sys_kernel(5), ipc_namespaces(7); chapter 03's sysv_limits.c
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char msgmax[] = "/proc/sys/kernel/msgmax";

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		forbidden(path);
}

/* Print the limit of the namespace that this process is in, and return it */
static int show_limit(const char *where)
{
	int limit;
	FILE *f = fopen(msgmax, "re");

	if (f == NULL || fscanf(f, "%d", &limit) != 1 || fclose(f) == EOF)
		err(EXIT_FAILURE, "read %s", msgmax);
	printf("%s: %d\n", where, limit);
	return limit;
}

int main(void)
{
	char uid_map[32];

	/* Root of the user namespace that owns the IPC namespace may change its
	 * limits. An ordinary user makes one, and becomes root in it */
	snprintf(uid_map, sizeof uid_map, "0 %u 1", geteuid());
	if (unshare(CLONE_NEWIPC) == -1) {
		if (errno != EPERM ||
		    unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
			forbidden("unshare");
		write_file("/proc/self/uid_map", uid_map);
	}
	int first = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
	if (first == -1)
		err(77, "/proc/self/ns/ipc: mount -t proc proc /proc");
	write_file(msgmax, "16");
	int lowered = show_limit("lowered in the first namespace to");

	if (unshare(CLONE_NEWIPC) == -1)
		forbidden("unshare CLONE_NEWIPC");
	int fresh = show_limit("in a new one made from there");
	write_file(msgmax, "32");
	show_limit("lowered in the new one to");

	if (setns(first, CLONE_NEWIPC) == -1 || close(first) == -1)
		err(EXIT_FAILURE, "setns, close");
	int again = show_limit("in the first again");
	if (lowered != 16 || fresh == lowered || again != lowered)
		errx(EXIT_FAILURE, "expected 16, the default, 32, 16");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
