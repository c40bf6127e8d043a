// SPDX-License-Identifier: MIT
/*
 * ns.h - the contract of ns_producer and ns_consumer, and what both do alike
 *
 * Name:   /proc/PID/ns/ipc, the IPC namespace that the producer makes for
 *         itself. The key of the queue counts in it alone.
 * Wire:   System V messages, as in chapter 03: one for each read of the
 *         producer, an empty one at the end. Their type is the consumer's pid.
 * Hello:  the producer leaves an empty message of type NS_HELLO: msg_lspid is
 *         then its pid. The consumer sends one of type NS_HELLO + its own pid.
 * Finish: the consumer removes the queue when it has written everything. The
 *         producer waits for that: with the last process in it a namespace
 *         ends, and all objects in it.
 * Crash:  in each half a thread waits for the end of the other process. No
 *         signal needs a handler: the namespace ends with its processes.
 */
#ifndef NS_H
#define NS_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 'n' and the effective user id: 0x6e0003e8 for user 1000 */
#define NS_KEY(uid) ((key_t)('n' << 24 | (0xffffff & (uid))))

/* As in linux/nsfs.h, which not every C library's headers come with */
#define NS_GET_USERNS _IO(0xb7, 0x1)
#define NS_GET_NSTYPE _IO(0xb7, 0x3)

enum {
	NS_TEXT = 8192,	    /* bytes of a message, at most */
	NS_HELLO = 1 << 22, /* above every pid, pid_max in proc(5) */
};

struct ns_message { /* msgbuf of msgsnd(2), whose size excludes the type */
	long type;
	char text[NS_TEXT];
};

_Static_assert(offsetof(struct ns_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

enum role { PRODUCER, CONSUMER };
static const char *const peer_of[] = { "consumer", "producer" };

static const char *name = "/proc/self/ns/ipc"; /* of the namespace */
static int msqid;

/* If descriptor 0, 1 or 2 is closed, the next open() gets its number, and
 * messages end up in the data */
static void check_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
}

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The namespace file that arg, a PID or a PATH, stands for; NULL if none */
static const char *namespace_file(const char *arg)
{
	static char file[sizeof "/proc//ns/ipc" + 11];
	size_t digits = strspn(arg, "0123456789");

	if (strchr(arg, '/') != NULL)
		return arg;
	if (*arg == '\0' || *arg == '0' || arg[digits] || digits > 10)
		return NULL;
	snprintf(file, sizeof file, "/proc/%s/ns/ipc", arg);
	return file;
}

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

/* This takes CAP_SYS_ADMIN, which every user has in a user namespace of its
 * own. There the ids stay the same: they are mapped to themselves */
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

static void join_namespaces(void)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC), owner;

	if (fd == -1)
		err(EXIT_FAILURE, "open %s", name);
	if (setns(fd, CLONE_NEWIPC) == -1) {
		if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWIPC)
			errx(EXIT_FAILURE, "%s: not an IPC namespace", name);
		/* Enter the user namespace first that owns it. There this
		 * process has the privilege, if the same user made it */
		owner = ioctl(fd, NS_GET_USERNS);
		if (owner == -1 || setns(owner, CLONE_NEWUSER) == -1 ||
		    setns(fd, CLONE_NEWIPC) == -1 || close(owner) == -1)
			err(EXIT_FAILURE,
			    "setns %s: not of this user, or forbidden here",
			    name);
	}
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", name);
}

/* Both get into the same namespace: one makes it, the other joins it by name */
static void enter_namespace(enum role me)
{
	if (me == PRODUCER)
		make_namespaces(CLONE_NEWIPC);
	else
		join_namespaces();
}

struct watch {
	enum role me;
	int peer_pidfd;
	pthread_t thread;
};

/* A queue wakes no process when the one at its other end dies. This thread
 * waits for that. If the queue has been removed, the consumer has everything */
static void *wait_for_peer_exit(void *arg)
{
	const struct watch *watch = arg;
	struct pollfd peer = { .fd = watch->peer_pidfd, .events = POLLIN };
	struct msqid_ds ds;

	while (poll(&peer, 1, -1) == -1 && errno == EINTR)
		;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (watch->me == PRODUCER && msgctl(msqid, IPC_STAT, &ds) == -1)
		return NULL;
	warnx("%s: the %s has exited", name, peer_of[watch->me]);
	_exit(EXIT_FAILURE);
}

static void start_watching(struct watch *watch, pid_t peer)
{
	watch->peer_pidfd = (int)syscall(SYS_pidfd_open, peer, 0);
	/* Before Linux 5.3 the peer is not watched */
	if (watch->peer_pidfd == -1 && errno != ENOSYS)
		err(EXIT_FAILURE, "%s: the %s has exited", name,
		    peer_of[watch->me]);
	errno = pthread_create(&watch->thread, NULL, wait_for_peer_exit, watch);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
}

static void stop_watching(struct watch *watch)
{
	pthread_cancel(watch->thread);
	pthread_join(watch->thread, NULL);
	if (watch->peer_pidfd != -1 && close(watch->peer_pidfd) == -1)
		err(EXIT_FAILURE, "close");
}

static void report(const char *what, uintmax_t bytes, uintmax_t messages)
{
	warnx("%s %ju byte%s in %ju message%s", what, bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
}

#endif
