// SPDX-License-Identifier: MIT
/*
 * room.c - commands that run in the same room share objects, others do not
 *
 * Build:  cc room.c -o room
 * Run:    ./room NAME COMMAND [ARGUMENT...]
 * Exit:   that of the command; 1 a call failed; 2 usage; 127 no such command
 * See:    setns(2), unshare(2), namespaces(7), flock(2), fstat(2); room in
 *         README.md
 */
#define _GNU_SOURCE /* unshare, setns */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "%s", path);
}

static void make_room(void)
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

static int open_namespace(intmax_t pid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%jd/ns/%s", pid, kind);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static uintmax_t inode(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		err(EXIT_FAILURE, "fstat");
	return (uintmax_t)status.st_ino;
}

static uintmax_t own_room(void)
{
	struct stat status;

	if (stat("/proc/self/ns/ipc", &status) == -1)
		err(EXIT_FAILURE, "/proc/self/ns/ipc");
	return (uintmax_t)status.st_ino;
}

/* Enter the room in which this process is, 0 if it has left. A number may mean
 * another process by now: then its namespace is another, too. The user
 * namespace comes first: it gives the right to enter the other one */
static int enter(intmax_t pid, uintmax_t room)
{
	int user = open_namespace(pid, "user"),
	    ipc = open_namespace(pid, "ipc");
	int is_there = user != -1 && ipc != -1 && inode(ipc) == room;

	if (is_there && (setns(user, CLONE_NEWUSER) == -1 ||
			 setns(ipc, CLONE_NEWIPC) == -1))
		err(EXIT_FAILURE, "enter the room of process %jd", pid);
	if (user != -1)
		(void)close(user); /* neither was written */
	if (ipc != -1)
		(void)close(ipc);
	return is_there;
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: room NAME COMMAND [ARGUMENT...]");

	/* NAME.room has a line for each process that was let in. The lock lasts
	 * from the search to the line of this process: a process that comes at
	 * the same time waits, and then finds it. The command inherits none */
	char path[256];
	snprintf(path, sizeof path, "%s.room", argv[1]);
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		err(EXIT_FAILURE, "%s", path);
	FILE *book = fdopen(fd, "r+");
	if (book == NULL)
		err(EXIT_FAILURE, "fdopen");
	/* A command in the room may start another one: that is in it already,
	 * and setns would fail with EINVAL */
	uintmax_t here = own_room(), room;
	intmax_t pid;
	int is_in = 0;
	while (!is_in && fscanf(book, "%jd %ju", &pid, &room) == 2)
		is_in = room == here || enter(pid, room);
	if (!is_in) {
		if (ftruncate(fd, 0) == -1)
			err(EXIT_FAILURE, "%s", path);
		make_room();
	}
	(void)fseek(book, 0, SEEK_END); /* from reading to writing */
	fprintf(book, "%d %ju\n", getpid(), own_room());
	if (fclose(book) == EOF)
		err(EXIT_FAILURE, "%s", path);

	execvp(argv[2], argv + 2);
	err(127, "exec %s", argv[2]);
}
