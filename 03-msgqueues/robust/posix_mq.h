// SPDX-License-Identifier: MIT
/*
 * posix_mq.h - the contract of posix_mq_producer and posix_mq_consumer
 *
 * Name:   /name, see mq_overview(7). Either half creates the queue, mode 0600.
 *         The half that comes second removes the name: this is the rendezvous,
 *         and a queue without a name is destroyed when both have closed it.
 * Wire:   a message for each read(2) of the producer; an empty one is the end.
 * Locks:  on Linux a queue descriptor is a file descriptor, and fcntl(2) locks
 *         work on it. Each half keeps a byte of the queue locked, so that the
 *         other can ask whether it is attached: a lock ends with its process.
 * Finish: the producer may exit before the consumer starts. Its last act is to
 *         set the x bit of the mode, which means nothing else to a queue: the
 *         transfer is complete. A queue with messages but without that bit and
 *         without a producer is stale: a crash left it behind.
 */
#ifndef POSIX_MQ_H
#define POSIX_MQ_H

/* What this header needs, and the two programs */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* The peer of me is !me. Each half locks the byte of its role and, while it
 * looks at the queue and decides what to do with it, JOINING: one at a time */
enum role { PRODUCER, CONSUMER, JOINING };

enum { POSIX_MQ_COMPLETE = 0100 }; /* this bit of the mode: all has been sent */

static const char *name;
static mqd_t mqd;
static int inotify_fd; /* readable when a process has closed the queue */
static volatile sig_atomic_t created; /* this process must remove the name */

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

/* The operand, a slash and a file name; without one, a name for each user */
static const char *parse_name(int argc, char *argv[], const char *usage)
{
	static char own[64];
	const char *arg = argc < 2 ? own : argv[1];

	snprintf(own, sizeof own, "/linux-ipc-%ju.mq", (uintmax_t)geteuid());
	if (argc == 2 && strcmp(arg, "--help") == 0)
		exit(print_usage(stdout, usage));
	if (argc > 2 || *arg != '/' || strchr(arg + 1, '/') ||
	    !strcmp(arg, "/") || !strcmp(arg, "/.") || !strcmp(arg, "/.."))
		exit(print_usage(stderr, usage));
	if (strlen(arg + 1) > NAME_MAX)
		errx(2, "NAME, after the slash, is longer than %d bytes",
		     NAME_MAX);
	return arg;
}

/* Lock a byte of the queue, F_WRLCK, or unlock it, F_UNLCK */
static void set_lock(short type, enum role byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(mqd, F_SETLKW, &fl) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "fcntl %s", name);
}

/* By another process: a lock of this one does not count */
static int is_locked(enum role byte)
{
	struct flock fl = { .l_type = F_WRLCK, .l_start = byte, .l_len = 1 };

	if (fcntl(mqd, F_GETLK, &fl) == -1)
		err(EXIT_FAILURE, "fcntl %s", name);
	return fl.l_type != F_UNLCK;
}

/* The second half removes the name: no third can come between the two */
static int have_met(void)
{
	struct stat st;

	return fstat(mqd, &st) == -1 || st.st_nlink == 0;
}

static int peer_has_exited(enum role me)
{
	return have_met() && !is_locked(!me);
}

/* Best effort, on the way out. signal-safety(7) does not list mq_unlink, but on
 * Linux it is one system call, which keeps no state in this process */
static void remove_created(void)
{
	if (created && !have_met())
		mq_unlink(name);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* Create the queue or find it, and attach; 0 if that queue is of no use */
static int join_queue(enum role me, struct mq_attr *attr)
{
	struct stat st;

	mqd = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, NULL);
	if (mqd == -1)
		err(EXIT_FAILURE, "mq_open %s", name);
	set_lock(F_WRLCK, JOINING);
	/* Check who is attached first, then count the messages: a peer that
	 * exits in between has sent everything it will ever send */
	int taken = is_locked(me), peer = is_locked(!me);
	if (fstat(mqd, &st) == -1 || mq_getattr(mqd, attr) == -1)
		err(EXIT_FAILURE, "fstat %s", name);
	if (st.st_nlink == 0) /* two others have met here meanwhile */
		return 0;
	if (st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (taken)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     me == PRODUCER ? "producer" : "consumer");
	int complete = (st.st_mode & POSIX_MQ_COMPLETE) != 0;
	if (complete && me == PRODUCER)
		errx(EXIT_FAILURE, "%s: holds a finished transfer: start %s %s",
		     name, "posix_mq_consumer", name);

	/* Attach first: a peer that finds no name looks for this lock */
	set_lock(F_WRLCK, me);
	int stale = attr->mq_curmsgs > 0 && !complete && !peer;
	if ((stale || complete || peer) && mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_unlink %s", name);
	if (stale)
		return 0;
	set_lock(F_UNLCK, JOINING);
	return created = 1;
}

/* Signals stay blocked until it is known whether there is something to remove.
 * Returns how long a message may be */
static size_t open_queue(enum role me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	char self[sizeof "/proc/self/fd/" + 10];
	struct mq_attr attr;
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	while (!join_queue(me, &attr))
		mq_close(mqd); /* best effort: it is removed already */
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	/* The kernel closes the queue for a process that dies: an event */
	snprintf(self, sizeof self, "/proc/self/fd/%d", mqd);
	inotify_fd = inotify_init1(IN_NONBLOCK);
	if (inotify_fd == -1 ||
	    inotify_add_watch(inotify_fd, self, IN_CLOSE) == -1)
		err(EXIT_FAILURE, "inotify %s", name);
	return (size_t)attr.mq_msgsize;
}

/* Wait until fd is ready, or until a process closes the queue; true: fd is */
static int wait_for(int fd, short events)
{
	struct pollfd fds[] = { { .fd = fd, .events = events },
				{ .fd = inotify_fd, .events = POLLIN } };
	char event[4096];

	if (poll(fds, 2, -1) == -1 && errno != EINTR)
		err(EXIT_FAILURE, "poll");
	if (fds[1].revents != 0 && read(inotify_fd, event, sizeof event) == -1)
		err(EXIT_FAILURE, "read inotify");
	return fds[0].revents != 0;
}

/* The name has been removed, or is now the consumer's to remove */
static void close_queue(void)
{
	created = 0;
	if (close(inotify_fd) == -1 || mq_close(mqd) == -1)
		err(EXIT_FAILURE, "close %s", name);
}

#endif
