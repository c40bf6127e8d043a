// SPDX-License-Identifier: MIT
/*
 * sandbox.c - another design: process 1 is cloned into all namespaces, waits
 *             for signals and for the end of a pipe at once, and the object is
 *             a detached mount that is moved in
 *
 * Build:  cc sandbox.c -o sandbox
 * Run:    ./sandbox OBJECT COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage
 * See:    clone(2), open_tree(2), move_mount(2), signalfd(2), poll(2)
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#endif

static void put(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

static void let_in(const char *object)
{
	char path[4096];

	snprintf(path, sizeof path, "/dev/shm/%s", object);
	/* OPEN_TREE_CLONE | O_CLOEXEC */
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, 1 | O_CLOEXEC);
	if (tree == -1)
		err(EXIT_FAILURE, "%s", path);
	if (mount("none", "/dev/shm", "tmpfs", 0, NULL) == -1)
		err(EXIT_FAILURE, "mount /dev/shm");
	int place = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	/* MOVE_MOUNT_F_EMPTY_PATH */
	if (place == -1 ||
	    syscall(SYS_move_mount, tree, "", AT_FDCWD, path, 4) == -1)
		err(EXIT_FAILURE, "move_mount");
	close(place);
	close(tree);
}

/* Process 1. Its standard output is the command's, its end that of all */
static _Noreturn void init(char *argv[], int alive)
{
	sigset_t child, old;
	int status = 0;

	let_in(argv[1]);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	int ended = signalfd(-1, &child, SFD_CLOEXEC);
	if (ended == -1)
		err(EXIT_FAILURE, "signalfd");
	pid_t command = fork(), pid;
	if (command == -1)
		err(EXIT_FAILURE, "fork");
	if (command == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		execvp(argv[2], argv + 2);
		warn("exec %s", argv[2]);
		_exit(127);
	}
	struct pollfd waits[] = { { .fd = alive, .events = POLLIN },
				  { .fd = ended, .events = POLLIN } };
	for (;;) {
		if (poll(waits, 2, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (waits[0].revents != 0)
			_exit(EXIT_FAILURE); /* the parent has ended */
		struct signalfd_siginfo info;
		if (read(ended, &info, sizeof info) == -1)
			err(EXIT_FAILURE, "read");
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == command)
				_exit(WIFEXITED(status)
					  ? WEXITSTATUS(status)
					  : 128 + WTERMSIG(status));
	}
}

int main(int argc, char *argv[])
{
	int alive[2], status;
	char map[32], c;

	if (argc < 3)
		errx(2, "usage: sandbox OBJECT COMMAND [ARGUMENT...]");
	if (pipe2(alive, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	pid_t pid = (pid_t)syscall(SYS_clone,
				   CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWNS |
				       CLONE_NEWPID | SIGCHLD,
				   0, 0, 0, 0);
	if (pid == -1)
		err(EXIT_FAILURE, "clone");
	if (pid == 0) {
		close(alive[1]);
		if (read(alive[0], &c, 1) != 1)
			_exit(EXIT_FAILURE);
		init(argv, alive[0]);
	}
	close(alive[0]);
	put(pid, "setgroups", "deny");
	snprintf(map, sizeof map, "%u %u 1", getuid(), getuid());
	put(pid, "uid_map", map);
	snprintf(map, sizeof map, "%u %u 1", getgid(), getgid());
	put(pid, "gid_map", map);
	if (write(alive[1], "", 1) != 1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
