// SPDX-License-Identifier: MIT
/*
 * leftovers.c - another design: a child is cloned into the namespaces. Its
 *               parent maps the ids, enters, and asks the kernel's calls, not
 *               the tables in /proc/sysvipc
 *
 * Build:  cc leftovers.c -o leftovers
 * Run:    ./leftovers COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage
 * See:    clone(2), setns(2), msgctl(2), semctl(2), shmctl(2)
 */
#define _GNU_SOURCE /* MSG_STAT_ANY, setns */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#define SHM_STAT_ANY 15
#define SEM_STAT_ANY 20
#endif

union semun {
	struct semid_ds *buf;
	struct seminfo *info;
};

static void put(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

static void enter(pid_t pid, const char *name, int kind)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || setns(fd, kind) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "enter %s", path);
}

/* The next object of a kind above this key and id, 1 if there is one */
static int next(int kind, long *key, int *id, unsigned long *size)
{
	struct msqid_ds q;
	struct semid_ds s = { 0 };
	struct shmid_ds m;
	union semun set = { .buf = &s };
	struct seminfo seminfo;
	union semun info = { .info = &seminfo };
	int last = kind == 0   ? msgctl(0, MSG_INFO, &q)
		   : kind == 1 ? semctl(0, 0, SEM_INFO, info)
			       : shmctl(0, SHM_INFO, &m);
	long best = -1;
	int best_id = -1;

	for (int i = 0; i <= last; i++) {
		int n = kind == 0   ? msgctl(i, MSG_STAT_ANY, &q)
			: kind == 1 ? semctl(i, 0, SEM_STAT_ANY, set)
				    : shmctl(i, SHM_STAT_ANY, &m);
		if (n == -1)
			continue;
		long k = (unsigned)(kind == 0	? q.msg_perm.__key
				    : kind == 1 ? s.sem_perm.__key
						: m.shm_perm.__key);
		int above = k > *key || (k == *key && n > *id);
		if (!above ||
		    (best != -1 && (k > best || (k == best && n > best_id))))
			continue;
		best = k;
		best_id = n;
		*size = kind == 0   ? q.msg_qnum
			: kind == 1 ? s.sem_nsems
				    : m.shm_segsz;
	}
	*key = best;
	*id = best_id;
	return best != -1;
}

int main(int argc, char *argv[])
{
	static const char *const kinds[] = { "queue", "set", "segment" };
	int ready[2], done[2], status;
	char map[64], c;

	if (argc < 2)
		errx(2, "usage: leftovers COMMAND [ARGUMENT...]");
	if (pipe2(ready, O_CLOEXEC) == -1 || pipe2(done, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe");
	/* As fork, but the child is in new namespaces */
	pid_t pid = (pid_t)syscall(
	    SYS_clone, CLONE_NEWUSER | CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0);
	if (pid == -1)
		err(EXIT_FAILURE, "clone");
	if (pid == 0) {
		close(ready[1]);
		if (read(ready[0], &c, 1) != 1)
			_exit(EXIT_FAILURE);
		execvp(argv[1], argv + 1);
		warn("exec %s", argv[1]);
		_exit(127);
	}
	put(pid, "setgroups", "deny");
	snprintf(map, sizeof map, "%u %u 1", getuid(), getuid());
	put(pid, "uid_map", map);
	snprintf(map, sizeof map, "%u %u 1", getgid(), getgid());
	put(pid, "gid_map", map);
	enter(pid, "user", CLONE_NEWUSER);
	enter(pid, "ipc", CLONE_NEWIPC);
	if (write(ready[1], "", 1) != 1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	for (int kind = 0; kind < 3; kind++) {
		long key = -1;
		int id = -1;
		unsigned long size;
		while (next(kind, &key, &id, &size))
			printf("%s 0x%08lx %lu\n", kinds[kind], key, size);
	}
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
