// SPDX-License-Identifier: MIT
/*
 * leftovers.c - run a command, and list the System V objects that it leaves
 *
 * Build:  cc leftovers.c -o leftovers
 * Run:    ./leftovers COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    ipc_namespaces(7), user_namespaces(7), unshare(2), sysvipc(7),
 *         proc_sysvipc(5), qsort(3); leftovers in README.md
 */
#define _GNU_SOURCE /* unshare */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

/* Only a user namespace gives the right to make the other one. In it each id
 * is mapped to itself, so the command runs as the same user */
static void make_namespace(void)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

struct object {
	unsigned key;
	unsigned long size;
};

static int by_key(const void *left, const void *right)
{
	const struct object *a = left, *b = right;
	return (a->key > b->key) - (a->key < b->key);
}

/* A table in /proc/sysvipc: a line of titles, then one line for each object.
 * It shows the namespace of the process that opens it. The size is the first
 * column behind the mode, or the second one */
static void list(const char *path, int column, const char *kind)
{
	struct object *objects = NULL, found;
	size_t count = 0;
	char line[512];

	FILE *table = fopen(path, "re");
	if (table == NULL)
		err(EXIT_FAILURE, "%s", path);
	while (fgets(line, sizeof line, table) != NULL) {
		unsigned long size[2];
		if (sscanf(line, "%d %*d %*o %lu %lu", (int *)&found.key,
			   &size[0], &size[1]) != 3)
			continue;
		found.size = size[column];
		objects = realloc(objects, (count + 1) * sizeof *objects);
		if (objects == NULL)
			err(EXIT_FAILURE, "realloc");
		objects[count++] = found;
	}
	if (ferror(table) || fclose(table) == EOF)
		err(EXIT_FAILURE, "%s", path);
	if (count > 0)
		qsort(objects, count, sizeof *objects, by_key);
	for (size_t i = 0; i < count; i++)
		printf("%s 0x%08x %lu\n", kind, objects[i].key,
		       objects[i].size);
	free(objects);
}

int main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: leftovers COMMAND [ARGUMENT...]");

	/* This process moves as well, and so sees what the command leaves */
	make_namespace();
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		warn("exec %s", argv[1]);
		_exit(127);
	}
	int status;
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");

	/* Key, id, mode; then for a queue its bytes and its messages */
	list("/proc/sysvipc/msg", 1, "queue");
	list("/proc/sysvipc/sem", 0, "set");
	list("/proc/sysvipc/shm", 0, "segment");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
