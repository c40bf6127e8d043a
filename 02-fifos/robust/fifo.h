// SPDX-License-Identifier: MIT
/*
 * fifo.h - the contract of fifo_producer and fifo_consumer
 *
 * Name:   a path. Only the consumer makes the FIFO, mode 0600, and removes it
 *         when it is interrupted. The producer waits until a reader opens it.
 * Roles:  a consumer holds a flock(2) of the FIFO. A second one is refused.
 * Meet:   a producer that meets the consumer removes the name, and sets a mark
 *         in the mode of the FIFO, see take(). A second producer finds the mark
 *         set, and waits for the next consumer.
 * Wire:   the bytes and nothing else. The end is EOF: the last writer has
 *         closed. EOF does not show whether it had finished or was killed.
 * Errors: a writer whose last reader has closed gets EPIPE, pipe(7).
 * Trust:  another process of this user can read, write and remove the FIFO.
 *         Another user can read it if its mode allows that: mkfifo -m 600.
 *         Standard tools take no lock, and do not keep a producer away.
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

/* The default name. uid is a string: the effective user id, or its format */
#define FIFO_DEFAULT(uid) "/tmp/linux-ipc-" uid ".fifo"

/* The largest read or write, in bytes: the capacity of a pipe, pipe(7) */
enum { FIFO_CHUNK = 65536 };

/* Bits of the mode that mean nothing to a FIFO. MET: a producer has met the
 * consumer, and no other one may. BEGUN: a consumer may have read from the
 * FIFO, and no other one may read the rest */
enum { MET = S_ISVTX, BEGUN = S_IXOTH };

enum role { PRODUCER, CONSUMER };

static const char *path;
static volatile sig_atomic_t is_made;	  /* this consumer has made path */
static volatile sig_atomic_t own_fd = -1; /* the FIFO of this consumer */
static int folder_fd;	 /* of path: SIGIO reports changes of its names */
static sigset_t waiting; /* the signals that stay blocked in a wait */

/* mkfifo(3) or lstat(2) has refused PATH */
static _Noreturn void refuse_path(const char *call)
{
	if (errno == ENAMETOOLONG)
		errx(2, "PATH is longer than %d, or a name in it than %d bytes",
		     PATH_MAX - 1, NAME_MAX);
	fail(call, path);
}

/* Does path name the open file fd? Both calls are async-signal-safe */
static int is_named(int fd)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && lstat(path, &named) == 0 &&
	       open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

/* Remove path, if it still names this FIFO, and set marks in the mode. Returns
 * the mode from before, or -1. A lock of the FIFO (type: F_RDLCK or F_WRLCK, as
 * fd is open) lets one process at a time do this. So no process removes the
 * name of another FIFO, and only one producer finds MET clear. The kernel
 * releases the lock of a killed process. MET is set last: a FIFO that has it
 * has no name. All calls are async-signal-safe */
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

/* Best effort: the process is about to end */
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
	static char name[sizeof FIFO_DEFAULT("%ju") + 20];

	snprintf(name, sizeof name, FIFO_DEFAULT("%ju"), (uintmax_t)geteuid());
	return name;
}

/* Other users could write into the transfer, or keep it waiting */
static void check_owner(const struct stat *st)
{
	if (!S_ISFIFO(st->st_mode) || st->st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		errx(EXIT_FAILURE, "%s: others may write to it: chmod 600 %s",
		     path, path);
}

/* A pipe of the default size, 64 KiB, is full after one write and empty after
 * one read: the halves would wait in turn. 1 MiB spares wake-ups. A user that
 * has many pages in pipes gets EPERM, and the size stays: pipe(7) */
static void enlarge(int fd)
{
	if (fcntl(fd, F_SETPIPE_SZ, 1 << 20) == -1 && errno != EPERM)
		fail("fcntl F_SETPIPE_SZ", path);
}

/* Open the FIFO. A producer waits here for a reader; a consumer does not wait,
 * and locks the FIFO. Returns -1 if path does not exist, or if a signal has
 * interrupted open. Check the open file: by now path may name another one */
static int open_fifo(enum role me)
{
	int access = me == PRODUCER ? O_WRONLY : O_RDONLY | O_NONBLOCK;
	struct stat st;
	int fd = open(path, access | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 && (errno == ENOENT || errno == EINTR)) {
		is_made = 0; /* another process makes the next one */
		return -1;
	}
	if (fd == -1 || fstat(fd, &st) == -1)
		fail("open", path);
	check_owner(&st);
	if (me == PRODUCER) {
		enlarge(fd);
		return fd;
	}

	int is_busy = flock(fd, LOCK_EX | LOCK_NB) == -1;
	if (is_busy && errno != EWOULDBLOCK)
		fail("flock", path);
	is_made = 0;
	if (is_busy)
		errx(EXIT_FAILURE, "%s: another consumer is at work", path);
	return own_fd = fd;
}

/* SIGIO ends a wait only if it has a handler, which has nothing to do */
static void on_change(int sig)
{
	(void)sig;
}

/* Catch the signals that end this program, and ask for SIGIO when a name in the
 * folder of path changes. SIGIO is blocked except in a wait: a change between a
 * look at the name and the wait stays pending, and ends the wait. An inotify(7)
 * descriptor could not end a wait in open(2), but a signal can */
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

/* write(2) may write less than asked: repeat until all is written */
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

/* The last line of each half. A FIFO has no messages: count bytes and calls */
static void report(enum role me, uintmax_t bytes, uintmax_t calls)
{
	warnx("%s %ju byte%s in %ju %s%s", me == PRODUCER ? "sent" : "received",
	      bytes, bytes == 1 ? "" : "s", calls,
	      me == PRODUCER ? "write" : "read", calls == 1 ? "" : "s");
}

#endif
