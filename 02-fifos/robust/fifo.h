// SPDX-License-Identifier: MIT
/*
 * fifo.h - the contract of fifo_producer and fifo_consumer
 *
 * Name:   a path. Only the consumer makes the FIFO, mode 0600, and removes it
 *         when it is interrupted. The producer waits until a reader opens it.
 * Roles:  a consumer holds a flock(2) of the FIFO. A second one is refused.
 * Meet:   two marks in the mode of the FIFO, see take(), decide once for all
 *         which producer meets this consumer, which then has no name any more:
 *         a second producer waits for the next consumer.
 * Wire:   the bytes and nothing else. The end is EOF: the last writer has
 *         closed. EOF does not tell whether that writer had finished or died.
 * Errors: a writer whose last reader has closed gets EPIPE, pipe(7).
 * Trust:  another process of this user can read, write and remove the FIFO.
 *         Another user, too, can read one that was made so: mkfifo -m 600.
 *         Standard tools take no lock: beside one, a producer is not kept away.
 */
#ifndef FIFO_H
#define FIFO_H

#include "cleanup.h"
#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The default name, with the effective user id as a uintmax_t */
#define FIFO_DEFAULT "/tmp/linux-ipc-%ju.fifo"

/* The largest read or write, in bytes: the capacity of a pipe, pipe(7) */
enum { FIFO_CHUNK = 65536 };

/* Bits of the mode that mean nothing to a FIFO: no producer may come any more;
 * a consumer has begun, so no other may read the rest */
enum { MET = S_ISVTX, BEGUN = S_IXOTH };

enum role { PRODUCER, CONSUMER };

static const char *path;
static volatile sig_atomic_t is_made;	  /* this consumer has made path, or */
static volatile sig_atomic_t own_fd = -1; /* is the one that reads this FIFO */
static int folder_fd;	 /* of path: SIGIO comes when a name in it changes */
static sigset_t waiting; /* the signals that stay blocked in a wait */

/* PATH is of no use to mkfifo(3), or to lstat(2) */
static _Noreturn void refuse_path(const char *call)
{
	if (errno == ENAMETOOLONG)
		errx(2, "PATH is longer than %d, or a name in it than %d bytes",
		     PATH_MAX - 1, NAME_MAX);
	fail(call, path);
}

/* Does path name the file that fd is open to? lstat(2) is async-signal-safe */
static int is_named(int fd)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && lstat(path, &named) == 0 &&
	       open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

/* Remove the name, if it still is this FIFO's, and set marks in the mode.
 * Returns the mode from before, or -1. One process at a time does that, under a
 * lock of the file (type: F_RDLCK or F_WRLCK, as fd is open): so nobody removes
 * the name of another FIFO, and one producer alone sees that MET was clear. The
 * lock of a process that dies is released; MET is set last, so it means:
 * without a name. All calls are async-signal-safe */
static int take(int fd, short type, mode_t marks)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
	struct stat st;

	while (fcntl(fd, F_SETLKW, &lock) == -1)
		if (errno != EINTR)
			return -1;
	if ((is_named(fd) && unlink(path) == -1 && errno != ENOENT) ||
	    fstat(fd, &st) == -1 ||
	    fchmod(fd, (st.st_mode & 07777) | marks) == -1)
		return -1;
	lock.l_type = F_UNLCK;
	return fcntl(fd, F_SETLK, &lock) == -1 ? -1 : (int)st.st_mode;
}

/* Best effort, on the way out */
static void remove_created(void)
{
	if (own_fd != -1)
		take(own_fd, F_RDLCK, MET | BEGUN);
	else if (is_made)
		unlink(path);
}

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

static const char *default_path(void)
{
	static char name[sizeof FIFO_DEFAULT + 20];

	snprintf(name, sizeof name, FIFO_DEFAULT, (uintmax_t)geteuid());
	return name;
}

/* Others could write into the transfer, or keep it waiting */
static void check_owner(const struct stat *st)
{
	if (!S_ISFIFO(st->st_mode) || st->st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		errx(EXIT_FAILURE, "%s: others may write to it: chmod 600 %s",
		     path, path);
}

/* Open the FIFO; for one consumer alone, which does not wait. Returns -1 if
 * path names none, or a signal came. The checks are of what is open: path may
 * name another file by now */
static int open_fifo(enum role me)
{
	int access = me == PRODUCER ? O_WRONLY : O_RDONLY | O_NONBLOCK;
	struct stat st;
	int fd = open(path, access | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 && (errno == ENOENT || errno == EINTR)) {
		is_made = 0; /* the next one of that name is not ours */
		return -1;
	}
	if (fd == -1 || fstat(fd, &st) == -1)
		fail("open", path);
	check_owner(&st);
	if (me == PRODUCER)
		return fd;

	int is_busy = flock(fd, LOCK_EX | LOCK_NB) == -1;
	if (is_busy && errno != EWOULDBLOCK)
		fail("flock", path);
	is_made = 0;
	if (is_busy)
		errx(EXIT_FAILURE, "%s: another consumer is at work", path);
	return own_fd = fd;
}

/* A handler is all that it takes: the signal ends the wait */
static void on_change(int sig)
{
	(void)sig;
}

/* Catch the signals that end this program; and let SIGIO come after each change
 * of a name in the folder of path. SIGIO stays blocked except in a wait, so
 * that none is lost between a look at the name and the wait for what was not
 * there. An inotify descriptor could not end a wait in open(2): a signal can */
static void prepare_to_wait(void)
{
	struct sigaction sa = { .sa_handler = on_change }; /* no SA_RESTART */
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	sigset_t sigio;

	catch_signals();
	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	if (sigaction(SIGIO, &sa, NULL) == -1 ||
	    sigprocmask(SIG_BLOCK, &sigio, &waiting) == -1)
		err(EXIT_FAILURE, "catch SIGIO");
	sigdelset(&waiting, SIGIO);

	snprintf(folder, sizeof folder, "%.*s.",
		 slash == NULL ? 0 : (int)(slash - path) + 1, path);
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd == -1)
		fail("open the folder of", path);
	if (fcntl(folder_fd, F_NOTIFY,
		  DN_CREATE | DN_DELETE | DN_RENAME | DN_MULTISHOT) == -1)
		fail("F_NOTIFY", path);
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

static void report(enum role me, uintmax_t bytes, uintmax_t messages)
{
	warnx("%s %ju byte%s in %ju message%s",
	      me == PRODUCER ? "sent" : "received", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
}

#endif
