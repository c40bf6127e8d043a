// SPDX-License-Identifier: MIT
/*
 * limits.c - the limits that each IPC namespace has for itself
 *
 * Shows:  a new namespace starts with the kernel's default limits, not with
 *         those of its parent. A change in it is not seen outside
 * Build:  cc limits.c -o limits
 * Run:    ./limits
 * Prints: limits that were lowered in one namespace, in a new one made from
 *         there, and in the first again when the new one has changed them
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 77 this machine
 *         allows no namespace, or not to change its limits
 * See:    proc_sys_kernel(5), ipc_namespaces(7); chapter 03's sysv_limits.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *path, *first, *second; /* values in either namespace */
} limits[] = {
	{ "/proc/sys/kernel/msgmax", "16", "32" },     /* bytes a message */
	{ "/proc/sys/kernel/shmmax", "8192", "4096" }, /* bytes a segment */
	{ "/proc/sys/fs/mqueue/msg_max", "3", "4" },   /* messages a queue */
};
enum { LIMITS = sizeof limits / sizeof limits[0], LENGTH = 32 };

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

/* Only root of the user namespace that owns an IPC namespace sets its limits */
static void begin_as_root(void)
{
	char map[32];

	snprintf(map, sizeof map, "0 %u 1", geteuid());
	if (unshare(CLONE_NEWIPC) == 0)
		return;
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		forbidden("unshare");
	write_file("/proc/self/uid_map", map);
}

/* A process reads there the limits of its own namespace */
static void read_limit(const char *path, char text[LENGTH])
{
	FILE *f = fopen(path, "re");

	if (f == NULL || fgets(text, LENGTH, f) == NULL || fclose(f) == EOF)
		err(EXIT_FAILURE, "read %s", path);
	text[strcspn(text, "\n")] = '\0';
}

int main(void)
{
	char fresh[LIMITS][LENGTH], again[LENGTH];

	begin_as_root();
	int first = open("/proc/self/ns/ipc", O_RDONLY);
	if (first == -1)
		err(EXIT_FAILURE, "open /proc/self/ns/ipc");
	for (int i = 0; i < LIMITS; i++)
		write_file(limits[i].path, limits[i].first);

	if (unshare(CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "unshare CLONE_NEWIPC");
	for (int i = 0; i < LIMITS; i++) {
		read_limit(limits[i].path, fresh[i]);
		write_file(limits[i].path, limits[i].second);
	}

	if (setns(first, CLONE_NEWIPC) == -1 || close(first) == -1)
		err(EXIT_FAILURE, "setns, close");
	printf("%-28s %-10s %-21s %s\n", "limit", "lowered to",
	       "in a new namespace", "in the first again");
	for (int i = 0; i < LIMITS; i++) {
		read_limit(limits[i].path, again);
		printf("%-28s %-10s %-21s %s\n", limits[i].path,
		       limits[i].first, fresh[i], again);
		if (strcmp(fresh[i], limits[i].first) == 0)
			errx(EXIT_FAILURE, "the new one has inherited it");
		if (strcmp(again, limits[i].first) != 0)
			errx(EXIT_FAILURE, "the change is seen outside");
	}

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
