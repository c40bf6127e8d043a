// SPDX-License-Identifier: MIT
/*
 * room.c - another design: the program stays, takes its command off the list
 *          when that has ended, and enters a room by a pidfd
 *
 * Build:  cc room.c -o room
 * Run:    ./room NAME COMMAND [ARGUMENT...]
 * Exit:   that of the command, 128 + N if signal N has ended it; 1 a call
 *         failed; 2 usage; 127 no such command
 * See:    clone(2), pidfd_open(2), setns(2), fcntl(2)
 */
#define _GNU_SOURCE /* setns */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX = 1000 }; /* commands in a room */

static void put(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

/* The list of a room, locked until close */
static int lock(const char *path)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1 || fcntl(fd, F_SETLKW, &whole) == -1)
		err(EXIT_FAILURE, "%s", path);
	return fd;
}

/* Take pid off the list, or put it on */
static void change(int fd, pid_t pid, int add)
{
	pid_t list[MAX];
	ssize_t n = pread(fd, list, sizeof list, 0);
	size_t count = 0;

	if (n == -1)
		err(EXIT_FAILURE, "read list");
	for (size_t i = 0; i < (size_t)n / sizeof *list; i++)
		if (list[i] != pid)
			list[count++] = list[i];
	if (add && count < MAX)
		list[count++] = pid;
	if (ftruncate(fd, (off_t)(count * sizeof *list)) == -1 ||
	    pwrite(fd, list, count * sizeof *list, 0) == -1)
		err(EXIT_FAILURE, "write list");
}

/* Enter the room of one on the list: 0 if none of them runs */
static int enter(int fd)
{
	pid_t list[MAX];
	ssize_t n = pread(fd, list, sizeof list, 0);

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof *list; i++) {
		int pidfd = (int)syscall(SYS_pidfd_open, list[i], 0);
		if (pidfd == -1)
			continue;
		if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWIPC) == 0)
			return 1;
		if (kill(list[i], 0) == 0)
			err(EXIT_FAILURE, "setns");
	}
	return 0;
}

int main(int argc, char *argv[])
{
	int ready[2], status;
	char path[256], map[32], c;

	if (argc < 3)
		errx(2, "usage: room NAME COMMAND [ARGUMENT...]");
	snprintf(path, sizeof path, "%s.room", argv[1]);
	if (pipe2(ready, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	int fd = lock(path);
	int is_new = !enter(fd);
	pid_t pid = (pid_t)syscall(
	    SYS_clone, (is_new ? CLONE_NEWUSER | CLONE_NEWIPC : 0) | SIGCHLD, 0,
	    0, 0, 0);
	if (pid == -1)
		err(EXIT_FAILURE, "clone");
	if (pid == 0) {
		if (read(ready[0], &c, 1) != 1)
			_exit(EXIT_FAILURE);
		execvp(argv[2], argv + 2);
		warn("exec %s", argv[2]);
		_exit(127);
	}
	if (is_new) {
		put(pid, "setgroups", "deny");
		snprintf(map, sizeof map, "%u %u 1", getuid(), getuid());
		put(pid, "uid_map", map);
		snprintf(map, sizeof map, "%u %u 1", getgid(), getgid());
		put(pid, "gid_map", map);
	}
	change(fd, pid, 1);
	close(fd);
	if (write(ready[1], "", 1) != 1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	fd = lock(path);
	change(fd, pid, 0);
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
