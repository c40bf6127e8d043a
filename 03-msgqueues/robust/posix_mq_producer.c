// SPDX-License-Identifier: MIT
/*
 * posix_mq_producer.c - copy standard input into a POSIX message queue
 *
 * Shows:  a queue keeps messages: the sender may leave before the receiver
 *         comes; it waits, in poll(2), only while the queue is full
 * Build:  cc posix_mq_producer.c -o posix_mq_producer
 * Run:    ./posix_mq_producer [/NAME] <file
 * Prints: on standard error: where it waits, if it has to, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    mq_overview(7), fcntl(2), inotify(7), poll(2);
 *         posix_mq_consumer.c, posix_mq.h
 */
#define _GNU_SOURCE

#include "posix_mq.h"
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

enum { ME = POSIX_MQ_PRODUCER, PEER = POSIX_MQ_CONSUMER };

static const char *name;
static mqd_t mqd;
static int changes; /* inotify tells here when to look at the queue */
static struct mq_attr attr;
static volatile sig_atomic_t created; /* the name is ours to remove */

static int usage(FILE *out)
{
	fputs("usage: posix_mq_producer [/NAME]\n"
	      "Copy standard input into the queue /NAME, made if missing.\n"
	      "/NAME is /linux-ipc-UID.mq unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A slash and a file name: what mq_open(3) takes */
static int is_name(const char *arg)
{
	return *arg == '/' && !strchr(arg + 1, '/') && strcmp(arg, "/") &&
	       strcmp(arg, "/.") && strcmp(arg, "/..");
}

/* Lock a byte of the queue, or unlock it, or ask whether another has it */
static int lock_byte(int cmd, short type, off_t byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(mqd, cmd, &fl) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "fcntl %s", name);
	return fl.l_type != F_UNLCK;
}

/* The name goes when the halves meet: nobody else can come between them */
static int have_met(void)
{
	struct stat st;

	return fstat(mqd, &st) == -1 || st.st_nlink == 0;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_created(void)
{
	if (created && !have_met())
		mq_unlink(name);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* Make the queue or find it; nobody else joins it before we let go of SETUP */
static void find_queue(void)
{
	const int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC;

	for (;;) {
		mqd = mq_open(name, flags | O_CREAT | O_EXCL, 0600, NULL);
		if (mqd == -1 && errno == EEXIST)
			mqd = mq_open(name, flags);
		if (mqd == -1 && errno != ENOENT)
			err(EXIT_FAILURE, "mq_open %s", name);
		if (mqd == -1)
			continue; /* it has just been removed */
		lock_byte(F_SETLKW, F_WRLCK, POSIX_MQ_SETUP);
		if (!have_met())
			return;
		mq_close(mqd);
	}
}

/* Take part in the queue; 0 if it was left by a crash, and is removed now */
static int join_queue(void)
{
	struct stat st;

	find_queue();
	/* First who is there, then what: who has gone by then left it all */
	int taken = lock_byte(F_GETLK, F_WRLCK, ME);
	int peer = lock_byte(F_GETLK, F_WRLCK, PEER);
	if (fstat(mqd, &st) == -1 || mq_getattr(mqd, &attr) == -1)
		err(EXIT_FAILURE, "fstat %s", name);
	if (st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (taken)
		errx(EXIT_FAILURE, "%s: another producer is at work", name);
	if (st.st_mode & POSIX_MQ_COMPLETE)
		errx(EXIT_FAILURE,
		     "%s: holds a finished transfer: "
		     "start posix_mq_consumer %s",
		     name, name);

	/* Be there before the name goes, or the other half thinks we are not */
	lock_byte(F_SETLK, F_WRLCK, ME);

	/* Messages of nobody, or somebody who waits: the name has served */
	int left = attr.mq_curmsgs > 0;
	if ((left || peer) && mq_unlink(name) == -1)
		err(EXIT_FAILURE, "mq_unlink %s", name);
	if (left)
		return mq_close(mqd);
	lock_byte(F_SETLK, F_UNLCK, POSIX_MQ_SETUP);
	return created = 1;
}

/* Signals wait until we know whether there is something to remove */
static void open_queue(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	char self[sizeof "/proc/self/fd/" + 10];
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

	/* The kernel closes the queue for a process that dies, and tells it */
	snprintf(self, sizeof self, "/proc/self/fd/%d", mqd);
	changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (changes == -1 || inotify_add_watch(changes, self, IN_CLOSE) == -1)
		err(EXIT_FAILURE, "inotify %s", name);
}

static int peer_has_gone(void)
{
	return have_met() && !lock_byte(F_GETLK, F_WRLCK, PEER);
}

/* Wait until fd is ready, or until it is time to look for the other half */
static int wait_for(int fd, short events)
{
	struct pollfd fds[] = { { .fd = fd, .events = events },
				{ .fd = changes, .events = POLLIN } };
	char told[4096];

	if (poll(fds, 2, -1) == -1 && errno != EINTR)
		err(EXIT_FAILURE, "poll");
	if (fds[1].revents != 0 && read(changes, told, sizeof told) == -1)
		err(EXIT_FAILURE, "read inotify");
	return fds[0].revents != 0;
}

/* Read standard input; wait for it only as long as the consumer is there */
static ssize_t read_input(void *buf, size_t size)
{
	ssize_t n;

	do {
		if (peer_has_gone())
			errx(EXIT_FAILURE, "%s: the consumer has gone", name);
	} while (!wait_for(STDIN_FILENO, POLLIN));
	do
		n = read(STDIN_FILENO, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

/* If the queue is full, say so once, unless somebody is emptying it */
static void send_message(const char *buf, size_t len)
{
	static int said;

	while (mq_send(mqd, buf, len, 0) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			err(EXIT_FAILURE, "mq_send %s", name);
		if (peer_has_gone())
			errx(EXIT_FAILURE, "%s: the consumer has gone", name);
		if (!have_met() && !said++)
			warnx("waiting on %s", name);
		wait_for(mqd, POLLOUT);
	}
}

int main(int argc, char *argv[])
{
	static char preset[sizeof POSIX_MQ_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && !is_name(argv[1])))
		return usage(stderr);
	if (argc == 2 && strlen(argv[1] + 1) > NAME_MAX)
		errx(2, "NAME, after the slash, is longer than %d bytes",
		     NAME_MAX);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	snprintf(preset, sizeof preset, POSIX_MQ_DEFAULT, (uintmax_t)geteuid());
	name = argc == 2 ? argv[1] : preset;

	open_queue();
	size_t size = (size_t)attr.mq_msgsize;
	char *buf = malloc(size);
	if (buf == NULL)
		err(EXIT_FAILURE, "malloc");

	while ((n = read_input(buf, size)) > 0) {
		send_message(buf, (size_t)n);
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");

	/* The end. From now on the queue is the consumer's */
	send_message(buf, 0);
	if (fchmod(mqd, 0600 | POSIX_MQ_COMPLETE) == -1)
		err(EXIT_FAILURE, "fchmod %s", name);
	created = 0;
	free(buf);
	if (close(changes) == -1 || mq_close(mqd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
