// SPDX-License-Identifier: MIT
/*
 * sysv_mq.h - the contract of sysv_mq_producer and sysv_mq_consumer
 *
 * Name:   a key, written as ipcs(1) prints it. Either half creates the queue,
 *         mode 0600; the consumer removes it when it has received the end.
 * Wire:   a message for each read(2) of the producer; an empty one is the end.
 *         Its type is the producer's pid: no other transfer looks the same.
 * Hello:  the consumer starts with an empty message of type SYSV_MQ_HELLO + its
 *         pid, which the producer takes: it then knows its peer. As it has no
 *         bytes, a hello fits into a queue that is full.
 * Finish: the producer may exit before the consumer starts. Its last act is to
 *         set the x bit of the mode, which means nothing else to a queue: the
 *         transfer is complete. A queue without it is stale if the processes
 *         that sent and received last have ended: a crash left it behind.
 */
#ifndef SYSV_MQ_H
#define SYSV_MQ_H

/* What this header needs, and the two programs */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <unistd.h>

enum role { PRODUCER, CONSUMER };

enum {
	SYSV_MQ_TEXT = 8192, /* bytes of a message; the system may allow less */
	SYSV_MQ_HELLO = 1 << 22, /* above every pid, see pid_max in proc(5) */
	SYSV_MQ_COMPLETE = 0100, /* this bit of the mode: all has been sent */
};

/* What msgsnd(2) calls msgbuf; the size that it takes leaves out the type */
struct sysv_mq_message {
	long type;
	char text[SYSV_MQ_TEXT];
};

_Static_assert(offsetof(struct sysv_mq_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

static char name[sizeof "0x71000000"]; /* the key, as ipcs(1) prints it */
static int msqid, pidfd = -1;
static pthread_t watcher;
static atomic_bool created; /* this process must remove msqid */

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The operand, decimal or 0x...; without one, 'q' and the user's id */
static key_t parse_key(int argc, char *argv[], const char *usage)
{
	uintmax_t n = 'q' << 24 | (0xffffff & geteuid());
	char *end;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		exit(print_usage(stdout, usage));
	if (argc == 2) {
		n = strtoumax(argv[1], &end,
			      strncmp(argv[1], "0x", 2) ? 10 : 16);
		if (!isdigit((unsigned char)*argv[1]) || *end || n > UINT32_MAX)
			n = 0; /* IPC_PRIVATE, which is no key */
	}
	if (argc > 2 || n == 0)
		exit(print_usage(stderr, usage));
	snprintf(name, sizeof name, "0x%08x", (unsigned int)n);
	return (key_t)n;
}

/* Best effort, on the way out. signal-safety(7) does not list msgctl, but on
 * Linux it is one system call, which keeps no state in this process */
static void remove_created(void)
{
	if (atomic_exchange(&created, 0))
		msgctl(msqid, IPC_RMID, NULL);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* Both threads may call this: only the first to clear created goes on */
static void give_up(enum role me)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	while (!atomic_exchange(&created, 0))
		pause();
	warnx("%s: the %s has exited", name,
	      me == PRODUCER ? "consumer" : "producer");
	msgctl(msqid, IPC_RMID, NULL);
	_exit(EXIT_FAILURE);
}

/* Has the process ended? Ask, timeout 0, or wait until it has, -1 */
static int has_ended(pid_t pid, int timeout)
{
	struct pollfd process = { .events = POLLIN };
	int n;

	if (pid <= 0)
		return 1; /* no such process ever was */
	pidfd = process.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1 && errno == ESRCH)
		return 1;
	do /* Linux before 5.3 has no pidfds: then no process seems ended */
		n = poll(&process, 1, timeout);
	while (n == -1 && errno == EINTR);
	if (pidfd != -1)
		close(pidfd); /* best effort: nothing was written */
	pidfd = -1;
	return n == 1;
}

/* Create the queue or find it, and attach; 0 if that queue is of no use */
static int join_queue(key_t key, enum role me, struct msqid_ds *ds)
{
	const long hello = SYSV_MQ_HELLO + getpid();

	msqid = msgget(key, IPC_CREAT | 0600);
	if (msqid == -1 || msgctl(msqid, IPC_STAT, ds) == -1) {
		if (errno == EINVAL || errno == EIDRM)
			return 0; /* it has just been removed */
		err(EXIT_FAILURE, "msgget %s", name);
	}
	if (ds->msg_perm.uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);

	int alive =
	    !has_ended(ds->msg_lspid, 0) || !has_ended(ds->msg_lrpid, 0);
	int complete = (ds->msg_perm.mode & SYSV_MQ_COMPLETE) != 0;
	int untouched = ds->msg_lrpid == 0; /* nobody has received from it */
	/* The hello of a waiting consumer has no bytes */
	int waits = alive && untouched && !complete && ds->msg_cbytes == 0;
	if (me == PRODUCER && ((complete && untouched) || (alive && !waits)))
		errx(EXIT_FAILURE,
		     "%s: holds a %s transfer: start sysv_mq_consumer %s", name,
		     complete ? "finished" : "running", name);
	if (me == CONSUMER && alive && (waits || !untouched))
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	if (!alive && ds->msg_lspid != 0 && !(complete && untouched)) {
		msgctl(msqid, IPC_RMID, NULL); /* stale */
		return 0;
	}
	if (me == CONSUMER && !complete &&
	    msgsnd(msqid, &hello, 0, IPC_NOWAIT) == -1) {
		if (errno == EINVAL || errno == EIDRM)
			return 0;
		if (errno != EAGAIN) /* full even so: thousands of messages */
			err(EXIT_FAILURE, "msgsnd %s", name);
	}
	created = 1;
	return 1;
}

/* Signals stay blocked until it is known whether there is something to remove.
 * Returns how long a message may be: here, in the system, and in the queue */
static size_t open_queue(key_t key, enum role me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct msginfo limits;
	struct msqid_ds ds;
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_queue(key, me, &ds))
		;
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1)
		err(EXIT_FAILURE, "msgctl IPC_INFO");
	return MIN(SYSV_MQ_TEXT, MIN((size_t)limits.msgmax, ds.msg_qbytes));
}

/* A queue wakes no process when the one at its other end dies: a thread of each
 * half calls watch, which waits for that */
static void start_watching(void *(*watch)(void *), void *arg)
{
	errno = pthread_create(&watcher, NULL, watch, arg);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
}

static void stop_watching(void)
{
	pthread_cancel(watcher);
	pthread_join(watcher, NULL);
	if (pidfd != -1)
		close(pidfd); /* best effort: nothing was written */
}

#endif
