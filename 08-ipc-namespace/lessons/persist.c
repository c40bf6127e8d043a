// SPDX-License-Identifier: MIT
/*
 * persist.c - a namespace without a process, kept by a bind mount
 *
 * Shows:  a namespace lives as long as something refers to it: a process in it,
 *         a descriptor, or a mount of its file in /proc
 * Build:  cc persist.c -o persist
 * Run:    ./persist
 * Prints: what the next process finds there, and when it is gone
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 2 usage; 77 this
 *         machine allows no namespaces or mounts
 * See:    namespaces(7) ("Namespace lifetime"), mount(2) (MS_BIND), setns(2),
 *         mq_overview(7); enter.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char kept[] = "/dev/shm/ipc", queues[] = "/dev/shm/queues",
		  queue[] = "/dev/shm/queues/try";
enum { KEY = 0x6e000001 };
struct message {
	long type;
	char text[16];
};

static int usage(FILE *out)
{
	fputs("usage: persist\n"
	      "Keep an IPC namespace without a process, and enter it again.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Print the call that failed, the reason and the remedy. unshare(0) changes
 * nothing: it fails only where a seccomp filter refuses the call */
static void forbidden(const char *call)
{
	const char *remedy = "a chroot or sysctl refuses it: run it as root";
	int cause = errno;

	if (cause == ENOSPC)
		remedy = "as root: echo 15000 | "
			 "tee /proc/sys/user/max_*_namespaces";
	else if (cause == EROFS)
		remedy = "a container needs --privileged";
	else if (unshare(0) == -1)
		remedy = "seccomp refuses it: a container needs --privileged";
	else if (geteuid() == 0)
		remedy = "a chroot refuses it: run it outside";
	errx(77, "%s: %s: %s", call, strerror(cause), remedy);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		forbidden(path);
}

/* It takes CAP_SYS_ADMIN, which everybody has in a user namespace of their own:
 * there we stay who we are, our ids mapped to themselves */
static void make_namespaces(int kinds)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	if (unshare(kinds) == 0)
		return;
	if (errno != EPERM)
		forbidden("unshare");
	if (unshare(CLONE_NEWUSER | kinds) == -1)
		forbidden("unshare CLONE_NEWUSER");
	/* First promise to keep all groups: some may be there to deny access */
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uid_map);
	write_file("/proc/self/gid_map", gid_map);
}

/* It makes a queue in a new namespace, keeps that, and leaves nobody there */
static void make(void)
{
	struct message msg = { 1, "still here" };

	if (unshare(CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "unshare CLONE_NEWIPC");
	int msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1 || msgsnd(msqid, &msg, sizeof msg.text, 0) == -1)
		err(EXIT_FAILURE, "msgget, msgsnd");
	if (mount("/proc/self/ns/ipc", kept, "", MS_BIND, NULL) == -1 ||
	    mount("mqueue", queues, "mqueue", 0, NULL) == -1)
		err(EXIT_FAILURE, "mount %s, %s", kept, queues);
}

static void receive(void)
{
	struct message msg;
	int fd = open(kept, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || setns(fd, CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "setns %s", kept);
	if (msgrcv(msgget(KEY, 0), &msg, sizeof msg.text, 0, IPC_NOWAIT) == -1)
		err(EXIT_FAILURE, "msgget, msgrcv");
	printf("the next process received: %s\n", msg.text);
}

/* In a process of its own */
static void run(void (*work)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		work();
		_exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	if (status != 0)
		exit(EXIT_FAILURE);
}

/* The file system of a namespace's queues, once mounted, stays mounted; but
 * when the namespace has ended, nobody can make a queue in it */
static int alive(void)
{
	int fd = open(queue, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1 && errno != EACCES)
		err(EXIT_FAILURE, "open %s", queue);
	if (fd != -1 && (close(fd) == -1 || unlink(queue) == -1))
		err(EXIT_FAILURE, "close, unlink %s", queue);
	printf("its mqueue file system: %s\n",
	       fd == -1 ? strerror(EACCES) : "a queue can be made");
	return fd != -1;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* All mounts are ours alone, and end with us */
	make_namespaces(CLONE_NEWNS);
	/* In a chroot "/" is no mount point: but /dev/shm may be one */
	if ((mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == -1 &&
	     mount("none", "/dev/shm", "", MS_PRIVATE, NULL) == -1) ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL) == -1)
		forbidden("mount /dev/shm");
	if (mknod(kept, S_IFREG | 0600, 0) == -1 || mkdir(queues, 0700) == -1)
		err(EXIT_FAILURE, "%s, %s", kept, queues);

	run(make);
	puts("the only process in it has ended");
	run(receive);
	if (!alive())
		errx(EXIT_FAILURE, "it has not been kept");
	if (umount(kept) == -1)
		err(EXIT_FAILURE, "umount %s", kept);
	printf("unmounted %s\n", kept);
	if (alive())
		errx(EXIT_FAILURE, "it is still there");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
