// SPDX-License-Identifier: MIT
/*
 * unix_stream.h - the contract of unix_stream_producer and unix_stream_consumer
 *
 * Name:   a path, or @ and an abstract name, which is not a file. The consumer
 *         creates the socket, mode 0600, and removes the path as soon as one
 *         producer sends. Both halves belong to one user.
 * Wire:   the bytes and nothing else. The end is EOF: the producer has shut
 *         down its sending side, or was killed; EOF does not show which.
 *         A connection closed before its first byte is no transfer.
 * Errors: a producer whose consumer has exited gets EPIPE, or ECONNRESET if
 *         some bytes were still unread, unix(7).
 */
#ifndef UNIX_STREAM_H
#define UNIX_STREAM_H

#include "cleanup.h"
#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The default name: uid is "%ju", or "UID" in a usage text */
#define STREAM_DEFAULT(uid) "/tmp/linux-ipc-" uid ".stream"

/* A read or a write moves at most this many bytes */
enum { STREAM_CHUNK = 65536 };

enum role { PRODUCER, CONSUMER };

static const char *path;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;
static struct stat own; /* the file that this process is to remove, or zeros */

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

/* Use the operand, or the default name if it is NULL. 0: it is not a name */
static int set_name(const char *operand)
{
	static char default_name[sizeof STREAM_DEFAULT("%ju") + 20];

	snprintf(default_name, sizeof default_name, STREAM_DEFAULT("%ju"),
		 (uintmax_t)geteuid());
	path = operand != NULL ? operand : default_name;
	if (*path == '\0' || *path == '-' || strcmp(path, "@") == 0)
		return 0;
	if (strlen(path) >= sizeof addr.sun_path)
		errx(2, "PATH or @NAME is longer than %zu bytes",
		     sizeof addr.sun_path - 1);
	addr_len = sizeof addr.sun_family + (socklen_t)strlen(path);
	memcpy(addr.sun_path, path, strlen(path));
	/* A leading @ stands for the NUL byte that makes a name abstract */
	if (*path == '@')
		*addr.sun_path = '\0';
	return 1;
}

/* While a file is in use, no other file gets its inode number */
static int path_is(const struct stat *file)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

/* If the file was removed, path may belong to another consumer by now */
static void remove_created(void)
{
	if (path_is(&own))
		unlink(path); /* best effort, on the way out */
}

/* Bind path, also where a killed consumer left its file: no process has that
 * socket open, so it refuses connect(2). A live consumer does not notice the
 * attempt, as its type differs. Of two consumers that find the same file, only
 * the one that gets the abstract name made of its inode number removes it */
static void bind_path(int fd)
{
	const struct sockaddr *name = (struct sockaddr *)&addr;
	struct sockaddr_un lock = { .sun_family = AF_UNIX };
	struct stat st;

	if (bind(fd, name, addr_len) == 0)
		return;
	if (errno != EADDRINUSE)
		fail("bind", path);
	if (*path == '@')
		errx(EXIT_FAILURE, "%s: another consumer is at work", path);
	int turn = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (turn == -1 || file == -1 || fstat(file, &st) == -1)
		fail("socket, open", path);
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: a file of uid %ju: choose another path",
		     path, (uintmax_t)st.st_uid);
	snprintf(lock.sun_path + 1, sizeof lock.sun_path - 1,
		 "linux-ipc-%jx-%jx", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	int is_stale = bind(turn, (struct sockaddr *)&lock, sizeof lock) == 0 &&
		       connect(turn, name, addr_len) == -1 &&
		       errno == ECONNREFUSED && path_is(&st);
	if (is_stale && unlink(path) == -1)
		fail("unlink", path);
	if (!is_stale || bind(fd, name, addr_len) == -1)
		errx(EXIT_FAILURE, "%s: another consumer is at work", path);
	close(file); /* best effort: neither was written to */
	close(turn);
}

static void start_listening(int fd)
{
	sigset_t all, old;

	catch_signals();
	umask(0177); /* leaves mode 0600 to the file that bind creates */
	/* Block signals until it is known what to remove. No call here waits */
	if (sigfillset(&all) == -1 || sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	bind_path(fd);
	if (*path != '@' && lstat(path, &own) == -1 && unlink(path) == 0)
		fail("lstat", path);
	if (listen(fd, 1) == -1 || sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		fail("listen", path);
	warnx("waiting on %s", path);
}

/* The kernel noted the user of the peer at its connect(2) or listen(2) */
static int peer_is_this_user(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		err(EXIT_FAILURE, "getsockopt SO_PEERCRED");
	return peer.uid == geteuid();
}

/* Wait for the first byte. A port check closes without one. A producer without
 * input shuts down one direction, and then waits until this half closes */
static int has_begun(int fd)
{
	struct pollfd p = { .fd = fd, .events = 0 }; /* that is, POLLHUP */
	int is_ours = peer_is_this_user(fd);
	ssize_t n;
	char c;

	do
		n = is_ours ? recv(fd, &c, 1, MSG_PEEK) : 0;
	while (n == -1 && errno == EINTR);
	if (n == -1)
		err(EXIT_FAILURE, "recv %s", path);
	if (n > 0 || (is_ours && poll(&p, 1, 0) == 0))
		return 1;
	warnx("%s: refused a producer %s", path,
	      is_ours ? "that sent nothing" : "of another user");
	close(fd); /* best effort: nothing was sent */
	return 0;
}

/* Wait until a producer of this user sends. The connection needs neither the
 * name nor the listener. While the listener is open, no other consumer takes
 * the name over: remove the name first */
static int accept_producer(int listener)
{
	int fd;

	start_listening(listener);
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd == -1 ? errno == EINTR : !has_begun(fd));
	if (fd == -1)
		fail("accept", path);
	if (path_is(&own) && unlink(path) == -1)
		err(EXIT_FAILURE, "unlink %s", path);
	own.st_ino = 0;	 /* free once the listener is closed */
	close(listener); /* best effort: nothing was sent to it */
	return fd;
}

/* No producer can wait for a consumer: connect fails without a listener */
static int connect_consumer(int fd)
{
	while (connect(fd, (struct sockaddr *)&addr, addr_len) == -1) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			errx(EXIT_FAILURE,
			     "connect %s: %s: start unix_stream_consumer %s "
			     "first",
			     path, strerror(errno), path);
		if (errno != EINTR)
			fail("connect", path);
	}
	if (!peer_is_this_user(fd))
		errx(EXIT_FAILURE, "%s: a consumer of another user", path);
	return fd;
}

/* The rendezvous: returns this half's end of the connection */
static int meet_peer(enum role me)
{
	/* A write without a reader fails, and does not kill */
	signal(SIGPIPE, SIG_IGN);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		fail("socket", path);
	return me == CONSUMER ? accept_producer(fd) : connect_consumer(fd);
}

static void report(enum role me, uintmax_t bytes, uintmax_t calls)
{
	warnx(me == PRODUCER ? "sent %ju byte%s in %ju write%s"
			     : "received %ju byte%s in %ju read%s",
	      bytes, bytes == 1 ? "" : "s", calls, calls == 1 ? "" : "s");
}

#endif
