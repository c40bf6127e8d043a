// SPDX-License-Identifier: MIT
/*
 * ns.h - the contract of ns_producer and ns_consumer, and their shared code
 *
 * Name:   /proc/PID/ns/ipc, the IPC namespace that the producer makes for
 *         itself. The key of the queue is valid only in it.
 * Wire:   System V messages, as in chapter 03: one for each read of the
 *         producer, an empty one at the end.
 * Finish: the consumer removes the queue and the set when it has written
 *         everything. The producer waits for that: when it exits, the
 *         namespace may end, and all objects in it are destroyed.
 * Crash:  beside the queue is a set of semaphores. Each half adds 1 to the
 *         semaphore of its role with SEM_UNDO: the kernel subtracts it when the
 *         process ends. In each half a thread waits until the semaphore of the
 *         peer is 0. No signal needs a handler: the namespace ends with its
 *         processes.
 */
#ifndef NS_H
#define NS_H

#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <unistd.h>

/* 'n' and the effective user id: 0x6e0003e8 for user 1000 */
#define NS_KEY(uid) ((key_t)('n' << 24 | (0xffffff & (uid))))

/* As in linux/nsfs.h, which some systems do not install */
#define NS_GET_USERNS _IO(0xb7, 0x1)
#define NS_GET_NSTYPE _IO(0xb7, 0x3)

enum { NS_TEXT = 8192 }; /* bytes of a message, at most */

struct ns_message { /* msgbuf of msgsnd(2), whose size excludes the type */
	long type;  /* always 1 */
	char text[NS_TEXT];
};

_Static_assert(offsetof(struct ns_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

/* The set. PRODUCER and CONSUMER are 1 while that half is attached, OPEN until
 * a consumer has attached: the queue serves only one */
enum role { PRODUCER, CONSUMER };
enum { OPEN = CONSUMER + 1, SEMAPHORES };
static const char *const peer_of[] = { "consumer", "producer" };

union semun { /* the last argument of semctl(2), which the caller defines */
	struct semid_ds *buf;
};

static const char *name = "/proc/self/ns/ipc"; /* of the namespace */
static int msqid, semid;
static pthread_t watcher;

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

/* unshare(2) needs CAP_SYS_ADMIN. Every user has it in a new user namespace.
 * Ids are mapped to themselves there, so they stay the same */
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
		/* Enter the user namespace that owns it first. There this
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

/* The producer makes the namespace, the consumer enters it by its name */
static void enter_namespace(enum role me)
{
	if (me == PRODUCER)
		make_namespaces(CLONE_NEWIPC);
	else
		join_namespaces();
}

/* Call semop(2) again if a signal interrupts it. It does all of ops, or none */
static int operate(struct sembuf *ops, size_t n)
{
	while (semop(semid, ops, n) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

static void make_queue(key_t key)
{
	struct sembuf ready[] = { { PRODUCER, 1, SEM_UNDO }, { OPEN, 1, 0 } };

	msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1)
		fail("msgget", name);
	semid = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
	if (semid == -1)
		fail("semget", name);
	if (operate(ready, 2) == -1)
		fail("semop", name);
}

/* No other user owns it, made it or has access to it */
static int is_ours(const struct ipc_perm *perm)
{
	return perm->uid == geteuid() && perm->cuid == geteuid() &&
	       (perm->mode & 077) == 0;
}

/* Attach, if the producer is attached and no other consumer has been */
static void join_queue(key_t key)
{
	struct sembuf join[] = { { PRODUCER, -1, IPC_NOWAIT },
				 { PRODUCER, 1, 0 },
				 { OPEN, -1, IPC_NOWAIT },
				 { CONSUMER, 1, SEM_UNDO } };
	struct semid_ds set;
	struct msqid_ds queue;

	msqid = msgget(key, 0);
	semid = msqid == -1 ? -1 : semget(key, SEMAPHORES, 0);
	if (semid == -1 && errno == ENOENT)
		errx(EXIT_FAILURE,
		     "%s: no queue 0x%08x in there: start ns_producer, then "
		     "ns_consumer PID",
		     name, (unsigned int)key);
	if (semid == -1)
		fail(msqid == -1 ? "msgget" : "semget", name);
	if (msgctl(msqid, IPC_STAT, &queue) == -1 ||
	    semctl(semid, 0, IPC_STAT, (union semun){ &set }) == -1)
		fail("IPC_STAT", name);
	if (!is_ours(&queue.msg_perm) || !is_ours(&set.sem_perm))
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (operate(join, 4) == 0)
		return;
	if (errno == EAGAIN && semctl(semid, PRODUCER, GETVAL) > 0)
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	err(EXIT_FAILURE, "%s: the producer has exited", name);
}

/* Call this in the namespace: unshare(2) and setns(2) apply what SEM_UNDO has
 * promised, as an exit does */
static void open_queue(enum role me)
{
	const key_t key = NS_KEY(geteuid());

	if (me == PRODUCER)
		make_queue(key);
	else
		join_queue(key);
}

/* A queue wakes no process whose peer is killed. This thread waits until both
 * halves have attached and the peer has exited. The wait also ends when the
 * consumer has written everything, and removes queue and set. If ipcrm(1) has
 * removed the set, this thread removes the queue, which wakes main */
static void *watch_peer(void *arg)
{
	const enum role me = *(const enum role *)arg;
	struct sembuf ended[] = {
		{ OPEN, 0, 0 },
		{ me == PRODUCER ? CONSUMER : PRODUCER, 0, 0 },
	};

	if (operate(ended, 2) == -1)
		return msgctl(msqid, IPC_RMID, NULL) == 0 ? &msqid : NULL;
	warnx("%s: the %s has exited", name, peer_of[me]);
	_exit(EXIT_FAILURE);
}

static void start_watching(enum role me)
{
	static enum role role;

	role = me;
	errno = pthread_create(&watcher, NULL, watch_peer, &role);
	if (errno != 0)
		fail("pthread_create", name);
}

static void report(const char *what, uintmax_t bytes, uintmax_t messages)
{
	warnx("%s %ju byte%s in %ju message%s", what, bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
}

#endif
