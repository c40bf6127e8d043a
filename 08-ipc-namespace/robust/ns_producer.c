// SPDX-License-Identifier: MIT
/*
 * ns_producer.c - copy standard input into a queue in a namespace of its own
 *
 * Shows:  unshare(2) begins an empty IPC namespace; what is made in it does not
 *         exist for anybody outside, whatever its key
 * Build:  cc ns_producer.c -o ns_producer
 * Run:    ./ns_producer <file
 * Prints: on standard error: the namespace, where it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage; 77 this machine
 *         allows no namespace
 * See:    ipc_namespaces(7), user_namespaces(7), unshare(2), sysvipc(7);
 *         ns_consumer.c, ns.h
 */
#define _GNU_SOURCE

#include "ns.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <unistd.h>

static char name[sizeof "/proc//ns/ipc" + 10];
static int msqid, pidfd;
static struct ns_message msg;

static int usage(FILE *out)
{
	fputs("usage: ns_producer\n"
	      "Copy standard input into a message queue in an IPC namespace "
	      "of its own.\n",
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

/* Make the queue, say who we are, wait for the consumer's hello, its type */
static long open_queue(void)
{
	long hello = NS_HELLO;

	msqid = msgget(NS_KEY(geteuid()), IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1 || msgsnd(msqid, &hello, 0, 0) == -1)
		err(EXIT_FAILURE, "make a queue in %s", name);
	warnx("waiting on %s", name);
	while (msgrcv(msqid, &hello, 0, NS_HELLO, MSG_EXCEPT) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "msgrcv %s", name);
	return hello;
}

/* A queue wakes nobody when the process at its other end dies: this thread
 * waits for the consumer's end, no loss if the queue has gone before */
static void *watch(void *unused)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };
	struct msqid_ds ds;

	while (poll(&process, 1, -1) == -1 && errno == EINTR)
		;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (msgctl(msqid, IPC_STAT, &ds) == -1)
		return unused;
	warnx("%s: the consumer has gone", name);
	_exit(EXIT_FAILURE);
}

/* read(2), begun again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

static void send_message(size_t len)
{
	while (msgsnd(msqid, &msg, len, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "msgsnd %s", name);
}

/* Send the end, and stay: no second hello will come, but EIDRM, when the
 * consumer has removed the queue */
static void finish(long hello)
{
	send_message(0);
	while (msgrcv(msqid, &hello, 0, hello, 0) == -1 && errno == EINTR)
		;
	if (errno != EIDRM && errno != EINVAL)
		err(EXIT_FAILURE, "msgrcv %s", name);
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	struct msginfo limits;
	pthread_t watcher;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	snprintf(name, sizeof name, "/proc/%d/ns/ipc", getpid());

	make_namespaces(CLONE_NEWIPC);
	long hello = open_queue();
	msg.type = hello - NS_HELLO;
	pidfd = (int)syscall(SYS_pidfd_open, msg.type, 0);
	if (pidfd == -1 && errno != ENOSYS) /* before Linux 5.3: not watched */
		err(EXIT_FAILURE, "%s: the consumer has gone", name);
	if ((errno = pthread_create(&watcher, NULL, watch, NULL)) != 0)
		err(EXIT_FAILURE, "pthread_create");

	/* The limits in here are the kernel's defaults, whatever the host's */
	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1)
		err(EXIT_FAILURE, "msgctl IPC_INFO");
	size_t size = MIN(sizeof msg.text, (size_t)limits.msgmax);
	size = MIN(size, (size_t)limits.msgmnb);
	while ((n = read_some(STDIN_FILENO, msg.text, size)) > 0) {
		send_message((size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	finish(hello);

	pthread_cancel(watcher);
	pthread_join(watcher, NULL);
	if (pidfd != -1)
		close(pidfd);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
