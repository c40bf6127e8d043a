// SPDX-License-Identifier: MIT
/*
 * sysv_mq_producer.c - copy standard input into a System V message queue
 *
 * Shows:  a queue keeps messages: the sender may leave before the receiver
 *         comes; msgsnd(2) waits only while the queue is full
 * Build:  cc sysv_mq_producer.c -o sysv_mq_producer
 * Run:    ./sysv_mq_producer [KEY] <file
 * Prints: on standard error: where it waits, if it has to, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sysvipc(7), msgop(2), msgctl(2); sysv_mq_consumer.c, sysv_mq.h
 */
#define _GNU_SOURCE

#include "sysv_mq.h"
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <unistd.h>

static key_t key;
static char name[sizeof "0x71000000"]; /* key, as ipcs(1) prints it */
static int msqid, pidfd = -1;
static struct msqid_ds ds;
static struct sysv_mq_message msg;
static atomic_bool created; /* msqid is ours to remove */

static int usage(FILE *out)
{
	fputs("usage: sysv_mq_producer [KEY]\n"
	      "Copy standard input into the queue KEY, made if missing.\n"
	      "KEY, as ipcs(1) prints it, is 0x71000000 + UID unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The key that arg spells, decimal or 0x...; 0, IPC_PRIVATE, if it is none */
static key_t parse_key(const char *arg)
{
	char *end;
	uintmax_t n = strtoumax(arg, &end, strncmp(arg, "0x", 2) ? 10 : 16);

	if (!isdigit((unsigned char)*arg) || *end || n > UINT32_MAX)
		return 0;
	return (key_t)n;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_created(void)
{
	if (atomic_exchange(&created, 0))
		msgctl(msqid, IPC_RMID, NULL);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* Both threads may come here, even with a signal: one has the last word */
static void peer_gone(void)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	while (!atomic_exchange(&created, 0))
		pause();
	warnx("%s: the consumer has gone", name);
	msgctl(msqid, IPC_RMID, NULL);
	_exit(EXIT_FAILURE);
}

/* Has the process ended? Ask, timeout 0, or wait until it has, -1 */
static int has_ended(pid_t pid, int timeout)
{
	struct pollfd process = { .events = POLLIN };
	int n;

	if (pid <= 0)
		return 1; /* never begun */
	pidfd = process.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1 && errno == ESRCH)
		return 1;
	do /* without pidfds, before Linux 5.3, it never looks so */
		n = poll(&process, 1, timeout);
	while (n == -1 && errno == EINTR);
	if (pidfd != -1)
		close(pidfd);
	pidfd = -1;
	return n == 1;
}

/* Find the queue or make it; 0 if it went in this moment: once more */
static int join_queue(void)
{
	msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1 && errno == EEXIST)
		msqid = msgget(key, 0);
	if (msqid == -1 || msgctl(msqid, IPC_STAT, &ds) == -1) {
		if (errno == ENOENT || errno == EINVAL || errno == EIDRM)
			return 0;
		err(EXIT_FAILURE, "msgget %s", name);
	}
	if (ds.msg_perm.uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);

	int left = has_ended(ds.msg_lspid, 0) && has_ended(ds.msg_lrpid, 0);
	int complete = ds.msg_perm.mode & SYSV_MQ_COMPLETE;
	int unread = complete && ds.msg_lrpid == 0;

	/* A waiting consumer's hello has no bytes, and nobody has taken it */
	if (unread || (!left && (complete || ds.msg_cbytes || ds.msg_lrpid)))
		errx(EXIT_FAILURE,
		     "%s: holds a %s transfer: start sysv_mq_consumer %s", name,
		     complete ? "finished" : "running", name);
	if (left && ds.msg_lspid != 0) { /* by a crash */
		msgctl(msqid, IPC_RMID, NULL);
		return 0;
	}
	created = 1;
	return 1;
}

/* Signals wait until we know whether there is something to remove */
static void open_queue(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_queue())
		;
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* A queue wakes nobody when the process at its other end dies: this thread
 * takes the consumer's hello and waits for its end */
static void *watch(void *unused)
{
	long type = 0;

	while (msgrcv(msqid, &type, 0, getpid(), MSG_EXCEPT) == -1)
		if (errno != EINTR)
			break;
	if (has_ended((pid_t)(type - SYSV_MQ_HELLO), -1))
		peer_gone();
	return unused;
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

/* If the queue is full, say so once, unless somebody is emptying it */
static void send_message(size_t len)
{
	static int flags = IPC_NOWAIT;

	while (msgsnd(msqid, &msg, len, flags) == -1) {
		if (errno == EAGAIN) {
			flags = 0;
			if (msgctl(msqid, IPC_STAT, &ds) == 0 &&
			    ds.msg_lrpid == 0)
				warnx("waiting on %s", name);
		} else if (errno == EIDRM || errno == EINVAL) {
			peer_gone(); /* and the queue with it */
		} else if (errno != EINTR) {
			err(EXIT_FAILURE, "msgsnd %s", name);
		}
	}
}

/* Send the end and mark the queue, which from now on is the consumer's */
static void finish(void)
{
	send_message(0);
	created = 0;
	if (msgctl(msqid, IPC_STAT, &ds) == 0) {
		ds.msg_perm.mode |= SYSV_MQ_COMPLETE;
		if (msgctl(msqid, IPC_SET, &ds) == 0)
			return;
	}
	if (errno != EIDRM && errno != EINVAL) /* removed: all was read */
		err(EXIT_FAILURE, "msgctl %s", name);
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	struct msginfo limits;
	pthread_t watcher;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	key = argc == 2 ? parse_key(argv[1]) : SYSV_MQ_DEFAULT(geteuid());
	if (argc > 2 || key == 0)
		return usage(stderr);
	snprintf(name, sizeof name, "0x%08x", (unsigned int)key);

	open_queue();
	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1)
		err(EXIT_FAILURE, "msgctl IPC_INFO");
	/* What one message may hold: here, in the system, and in the queue */
	size_t size = MIN(sizeof msg.text, (size_t)limits.msgmax);
	size = MIN(size, ds.msg_qbytes);
	if (size == 0)
		errx(EXIT_FAILURE, "%s: the limits allow no message", name);

	msg.type = getpid();
	errno = pthread_create(&watcher, NULL, watch, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
	while ((n = read_some(STDIN_FILENO, msg.text, size)) > 0) {
		send_message((size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The queue keeps what is in it: the consumer need not outlive us */
	pthread_cancel(watcher);
	pthread_join(watcher, NULL);
	if (pidfd != -1)
		close(pidfd);
	finish();
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
