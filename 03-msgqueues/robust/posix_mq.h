// SPDX-License-Identifier: MIT
/*
 * posix_mq.h - the contract of posix_mq_producer and posix_mq_consumer
 *
 * Name:   /name, see mq_overview(7). Either half creates the queue. The half
 *         that comes second removes the name: this is the rendezvous, and a
 *         queue without a name is destroyed when both have closed it.
 * Wire:   a message for each read(2) of the producer; an empty one is the end.
 * Locks:  on Linux a queue descriptor is a file descriptor, and fcntl(2) locks
 *         work on it. Each half locks the byte of its role as long as it is
 *         attached: a lock ends with its process. A half that decides what to
 *         do with the queue, or with its name, locks JOINING meanwhile.
 * Mode:   01600. The sticky bit, which means nothing else to a queue, is set
 *         when the queue is created: this program made it. A queue without the
 *         bit is another program's: it is not touched, even if it is empty.
 * Finish: the producer may exit before the consumer starts. Its last act is to
 *         set the x bit, another one without a meaning: the transfer is
 *         complete. Messages without that bit and without a producer are stale,
 *         left behind by a crash.
 * Trust:  processes of this user could change all this; they are believed.
 */
#ifndef POSIX_MQ_H
#define POSIX_MQ_H

/* For this header and the two programs that include it */
#include "cleanup.h"
#include "fail.h"
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

enum role { PRODUCER, CONSUMER, JOINING }; /* the peer of me is !me */
static const char *const role_name[] = { "producer", "consumer" };
enum { POSIX_MQ_MODE = 01600, POSIX_MQ_COMPLETE = 0100 };

static const char *name;
static mqd_t mqd = -1;
static int inotify_fd; /* readable when others closed the queue or removed it */
static int was_attached; /* the peer, when this half looked */
static char *message;	 /* room for one */

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

/* The name unless one is given: one for each user */
#define POSIX_MQ_DEFAULT(uid) "/linux-ipc-" uid ".mq"

/* The operand, a slash and a file name, or the default */
static const char *parse_name(int argc, char *argv[], const char *usage)
{
	static char own[64];
	const char *arg = argc < 2 ? own : argv[1];

	snprintf(own, sizeof own, POSIX_MQ_DEFAULT("%ju"),
		 (uintmax_t)geteuid());
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

/* Lock a byte of the queue, F_WRLCK, or unlock it, F_UNLCK. If another process
 * has locked it, F_SETLKW waits, F_SETLK fails */
static int set_lock(int command, short type, enum role byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	return fcntl(mqd, command, &fl);
}

/* By another process: a lock of this one does not count */
static int is_locked(enum role byte)
{
	struct flock fl = { .l_type = F_WRLCK, .l_start = byte, .l_len = 1 };

	if (fcntl(mqd, F_GETLK, &fl) == -1)
		fail("fcntl", name);
	return fl.l_type != F_UNLCK;
}

/* Made by this program for this user, who alone may open it. Sets st */
static int is_ours(struct stat *st)
{
	return fstat(mqd, st) == 0 && st->st_uid == geteuid() &&
	       (st->st_mode & 01077) == 01000;
}

/* The second half removes the name: no third can come between the two */
static int have_met(void)
{
	struct stat st;

	return fstat(mqd, &st) == -1 || st.st_nlink == 0;
}

/* The name first: a peer attaches before it removes the name */
static int peer_has_exited(enum role me)
{
	int met = have_met(), is_attached = is_locked(!me);

	was_attached |= is_attached;
	return met && !is_attached;
}

/* Others can remove the name of a queue that waits, with rm(1) */
static _Noreturn void exit_alone(enum role me)
{
	errx(EXIT_FAILURE, "%s: the %s has exited%s", name, role_name[!me],
	     was_attached ? "" : ", or the queue has been removed");
}

/* Best effort, on the way out: the last one removes the name. It has all three
 * locks: no other half is attached, or can attach. signal-safety(7) does not
 * list mq_unlink, but on Linux that is one system call, without a state here */
static void remove_created(void)
{
	struct stat st;

	if (is_ours(&st) && set_lock(F_SETLKW, F_WRLCK, JOINING) == 0 &&
	    set_lock(F_SETLK, F_WRLCK, PRODUCER) == 0 &&
	    set_lock(F_SETLK, F_WRLCK, CONSUMER) == 0 && is_ours(&st) &&
	    st.st_nlink > 0 && !(st.st_mode & POSIX_MQ_COMPLETE))
		mq_unlink(name);
}

static void close_queue(void)
{
	if (close(inotify_fd) == -1 || mq_close(mqd) == -1)
		err(EXIT_FAILURE, "close %s", name);
}

/* Create the queue or find it. The machine may forbid that, or to watch it, or
 * the memory for a message: then the queue has not been joined yet, and no
 * transfer in it is lost */
static void open_name(void)
{
	char self[sizeof "/proc/self/fd/" + 10];
	struct mq_attr attr;
	sigset_t all, old;
	struct stat st;

	/* With signals blocked, until their handler can see the new queue */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	mqd = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, POSIX_MQ_MODE, NULL);
	if (mqd == -1 && errno == EACCES)
		err(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (mqd == -1)
		fail("mq_open", name);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	/* Check it before the first wait: others could lock theirs forever */
	if (fstat(mqd, &st) == -1)
		err(EXIT_FAILURE, "fstat %s", name);
	if (st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: a queue of uid %ju: choose another one",
		     name, (uintmax_t)st.st_uid);
	if (!is_ours(&st))
		errx(EXIT_FAILURE,
		     "%s: a queue of another program: "
		     "rm /dev/mqueue%s removes it",
		     name, name);
	/* The kernel closes the queue for a process that dies: an event. The
	 * name's removal is one, too: the number of links is an attribute */
	snprintf(self, sizeof self, "/proc/self/fd/%d", mqd);
	inotify_fd = inotify_init1(IN_NONBLOCK);
	if (inotify_fd == -1)
		fail("inotify_init1", name);
	if (inotify_add_watch(inotify_fd, self, IN_CLOSE | IN_ATTRIB) == -1)
		fail("inotify_add_watch", name);
	if (mq_getattr(mqd, &attr) == -1)
		err(EXIT_FAILURE, "mq_getattr %s", name);
	message = realloc(message, (size_t)attr.mq_msgsize);
	if (message == NULL)
		fail("malloc", name);
}

/* Attach, and decide: is it new, the peer's, stale? 0 if it is of no use */
static int join_queue(enum role me, struct mq_attr *attr)
{
	struct stat st;

	if (set_lock(F_SETLKW, F_WRLCK, JOINING) == -1)
		fail("fcntl", name);
	if (have_met()) /* two others meanwhile, or it has been removed */
		return 0;
	if (set_lock(F_SETLK, F_WRLCK, me) == -1)
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_name[me]);
	/* Check who is attached first, then count the messages: a peer that
	 * exits in between has sent everything it will ever send */
	int peer = is_locked(!me);
	if (fstat(mqd, &st) == -1 || mq_getattr(mqd, attr) == -1)
		err(EXIT_FAILURE, "fstat %s", name);
	int complete = (st.st_mode & POSIX_MQ_COMPLETE) != 0;
	if (complete && me == PRODUCER)
		errx(EXIT_FAILURE, "%s: holds a finished transfer: start %s %s",
		     name, "posix_mq_consumer", name);

	int stale = attr->mq_curmsgs > 0 && !complete && !peer;
	if ((stale || complete || peer) && mq_unlink(name) == -1 &&
	    errno != ENOENT)
		err(EXIT_FAILURE, "mq_unlink %s", name);
	if (!stale && set_lock(F_SETLK, F_UNLCK, JOINING) == -1)
		fail("fcntl", name);
	return !stale;
}

/* Returns how long a message may be */
static size_t open_queue(enum role me)
{
	struct mq_attr attr;

	catch_signals();
	umask(077); /* leaves its mode to the queue, whatever it was */
	for (open_name(); !join_queue(me, &attr); open_name())
		close_queue();
	return (size_t)attr.mq_msgsize;
}

/* Wait until fd is ready, or the peer may have exited; true: fd is ready */
static int wait_for(int fd, short events)
{
	struct pollfd fds[] = { { .fd = fd, .events = events },
				{ .fd = inotify_fd, .events = POLLIN } };
	char event[4096];

	if (poll(fds, 2, -1) == -1 && errno != EINTR)
		fail("poll", name);
	if (fds[1].revents != 0 && read(inotify_fd, event, sizeof event) == -1)
		err(EXIT_FAILURE, "read inotify");
	return fds[0].revents != 0;
}

#endif
