// SPDX-License-Identifier: MIT
/*
 * fifo.h - the contract of fifo_producer and fifo_consumer
 *
 * Name:   a path. The half that starts first makes the FIFO, mode 0600. Both
 *         remove the name as soon as open(2) has returned: the rendezvous.
 * Wire:   the bytes and nothing else. The end is EOF: the last writer has
 *         closed. EOF does not tell whether that writer had finished or died.
 * Errors: a writer whose last reader has closed gets EPIPE, pipe(7).
 *         Two producers that wait at once are both served, and mix: a FIFO
 *         cannot tell one writer from another.
 */
#ifndef FIFO_H
#define FIFO_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The default name, with the effective user id as a uintmax_t */
#define FIFO_DEFAULT "/tmp/linux-ipc-%ju.fifo"

/* The largest read or write, in bytes: the capacity of a pipe, pipe(7) */
enum { FIFO_CHUNK = 65536 };

enum role { PRODUCER, CONSUMER };

static const char *path;
static volatile sig_atomic_t created; /* this process must remove path */

/* Best effort, on the way out. unlink(2) is async-signal-safe */
static void remove_created(void)
{
	if (created)
		unlink(path);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
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

/* Signals stay blocked until created says whether there is a FIFO to remove */
static void make_fifo(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	if (mkfifo(path, 0600) == 0)
		created = 1;
	else if (errno == ENAMETOOLONG)
		errx(2, "PATH is longer than %d, or a name in it than %d bytes",
		     PATH_MAX - 1, NAME_MAX);
	else if (errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", path);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* The rendezvous: open(2) blocks until the peer has opened the FIFO, too */
static int open_fifo(enum role me)
{
	int fd, access = me == PRODUCER ? O_WRONLY : O_RDONLY;
	struct stat st;

	make_fifo();
	warnx("waiting on %s", path);
	do
		fd = open(path, access | O_NOFOLLOW | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s", path);
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);

	/* Both have opened the FIFO, and an open FIFO needs no name. ENOENT:
	 * the peer has removed the name */
	created = 0;
	if (unlink(path) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", path);
	return fd;
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
