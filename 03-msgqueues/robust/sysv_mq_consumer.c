// SPDX-License-Identifier: MIT
/*
 * sysv_mq_consumer.c - copy a System V message queue to standard output
 *
 * Shows:  messages stay apart and in order in the queue, whether or not their
 *         sender is still there; the type of each says who sent it
 * Build:  cc sysv_mq_consumer.c -o sysv_mq_consumer
 * Run:    ./sysv_mq_consumer [KEY] >file
 * Prints: on standard error: where it waits, if it has to, and what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    sysvipc(7), msgop(2), msgctl(2); sysv_mq_producer.c, sysv_mq.h
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
#include <sys/syscall.h>
#include <unistd.h>

static key_t key;
static char name[sizeof "0x71000000"]; /* key, as ipcs(1) prints it */
static int msqid, pidfd = -1;
static pid_t peer;
static pthread_t watcher;
static struct sysv_mq_message msg;
static atomic_bool created; /* msqid is ours to remove */

static int usage(FILE *out)
{
	fputs("usage: sysv_mq_consumer [KEY]\n"
	      "Copy the queue KEY, made if missing, to standard output.\n"
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
	warnx("%s: the producer has gone", name);
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
	const long hello = SYSV_MQ_HELLO + getpid();
	struct msqid_ds ds;

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
	if (!left &&
	    (ds.msg_lrpid || (ds.msg_lspid && !ds.msg_cbytes && !complete)))
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	if (left && ds.msg_lspid != 0 && !unread) { /* by a crash */
		msgctl(msqid, IPC_RMID, NULL);
		return 0;
	}
	if (!complete && msgsnd(msqid, &hello, 0, IPC_NOWAIT) == -1) {
		if (errno == EINVAL || errno == EIDRM)
			return 0;
		if (errno != EAGAIN) /* full even so: thousands of messages */
			err(EXIT_FAILURE, "msgsnd %s", name);
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
 * waits for the producer's end, which is no loss if the transfer is complete */
static void *watch(void *unused)
{
	struct msqid_ds ds;

	if (has_ended(peer, -1) && msgctl(msqid, IPC_STAT, &ds) == 0 &&
	    !(ds.msg_perm.mode & SYSV_MQ_COMPLETE))
		peer_gone();
	return unused;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The next message that is no hello; its length is 0 at the end */
static size_t receive_message(void)
{
	static int flags = IPC_NOWAIT;
	ssize_t n;

	/* Below 0: not one type but all up to this one, the oldest first */
	while ((n = msgrcv(msqid, &msg, sizeof msg.text, -SYSV_MQ_HELLO,
			   flags)) == -1) {
		if (errno == ENOMSG) {
			flags = 0;
			if (peer == 0)
				warnx("waiting on %s", name);
		} else if (errno == EIDRM || errno == EINVAL) {
			peer_gone(); /* and the queue with it */
		} else if (errno != EINTR) {
			err(EXIT_FAILURE, "msgrcv %s", name);
		}
	}
	if (peer == 0) {
		peer = (pid_t)msg.type;
		errno = pthread_create(&watcher, NULL, watch, NULL);
		if (errno != 0)
			err(EXIT_FAILURE, "pthread_create");
	}
	if (msg.type != peer)
		errx(EXIT_FAILURE, "%s: two producers are at work", name);
	return (size_t)n;
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	key = argc == 2 ? parse_key(argv[1]) : SYSV_MQ_DEFAULT(geteuid());
	if (argc > 2 || key == 0)
		return usage(stderr);
	snprintf(name, sizeof name, "0x%08x", (unsigned int)key);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	open_queue();

	while ((n = receive_message()) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* All is here: the producer may go, and the queue does */
	pthread_cancel(watcher);
	pthread_join(watcher, NULL);
	if (pidfd != -1)
		close(pidfd);
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl %s", name);
	created = 0;
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
