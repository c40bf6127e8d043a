// SPDX-License-Identifier: MIT
/*
 * sandbox.c - hide all shared objects from a command, but let one of them in
 *
 * Build:  cc sandbox.c -o sandbox
 * Run:    ./sandbox OBJECT COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    ipc_namespaces(7), pid_namespaces(7), mount_namespaces(7), mount(2),
 *         prctl(2), waitpid(2); sandbox in README.md
 */
#define _GNU_SOURCE /* unshare, O_PATH */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

/* The user namespace gives the right to make the others. In it each id is
 * mapped to itself. unshare moves this process, but to the new PID namespace
 * only its next child */
static void make_sandbox(void)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWNS |
		    CLONE_NEWPID) == -1)
		err(EXIT_FAILURE, "unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

/* Mount an empty file system on /dev/shm, and in it the object from below. The
 * descriptor still reaches that, where the path does not any more */
static void let_in(const char *object)
{
	char path[PATH_MAX], below[64];

	snprintf(path, sizeof path, "/dev/shm/%s", object);
	int file = open(path, O_PATH | O_CLOEXEC);
	if (file == -1)
		err(EXIT_FAILURE, "%s", path);
	if (mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "") == -1)
		err(EXIT_FAILURE, "mount /dev/shm");
	int place = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	snprintf(below, sizeof below, "/proc/self/fd/%d", file);
	if (place == -1 || mount(below, path, "", MS_BIND, NULL) == -1)
		err(EXIT_FAILURE, "mount %s", path);
	if (close(place) == -1 || close(file) == -1)
		err(EXIT_FAILURE, "close");
}

/* Wait for this child, and on the way for all others: process 1 inherits the
 * children of processes that have ended */
static int wait_for(pid_t child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) != child)
		if (pid == -1)
			err(EXIT_FAILURE, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* The child is killed when its parent ends. That may have ended before the call
 * of prctl: then no process has the other end of the pipe */
static pid_t start_init(void)
{
	int alive[2];
	char c;

	if (pipe2(alive, O_CLOEXEC | O_NONBLOCK) == -1)
		err(EXIT_FAILURE, "pipe");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
			 close(alive[1]) == -1 || read(alive[0], &c, 1) == 0))
		_exit(EXIT_FAILURE);
	return pid;
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: sandbox OBJECT COMMAND [ARGUMENT...]");

	make_sandbox();
	let_in(argv[1]);
	pid_t init = start_init();
	if (init != 0)
		return wait_for(init);

	/* This is process 1 in there. When it exits, the kernel kills the
	 * others. The command is not process 1, which no signal would end */
	pid_t command = fork();
	if (command == -1)
		err(EXIT_FAILURE, "fork");
	if (command == 0) {
		execvp(argv[2], argv + 2);
		warn("exec %s", argv[2]);
		_exit(127);
	}
	_exit(wait_for(command));
}
