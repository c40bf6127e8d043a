// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket.h - the contract of unix_seqpacket_producer and its consumer
 *
 * Name:   a path, or @ and an abstract name, which is not a file. The consumer
 *         creates the socket, mode 0600, and removes the path as soon as one
 *         producer has connected. Both halves belong to one user.
 * Wire:   messages of 1 to SEQPACKET_MAX bytes, and an empty one as the
 *         end. EOF without that: the producer died.
 * Errors: a producer whose consumer has exited gets EPIPE, or ECONNRESET if a
 *         message was still unread, unix(7).
 */
#ifndef UNIX_SEQPACKET_H
#define UNIX_SEQPACKET_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The default name, with the effective user id as a uintmax_t */
#define SEQPACKET_DEFAULT "/tmp/linux-ipc-%ju.seqpacket"

/* Bytes of a message: well below what a socket may buffer, socket(7) */
enum { SEQPACKET_MAX = 65536 };

enum role { PRODUCER, CONSUMER };

static const char *path;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;
static volatile sig_atomic_t created; /* path is to be removed */

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

/* Take the operand, or the default name if it is NULL; 0 if it is no name */
static int set_name(const char *operand)
{
	static char default_name[sizeof SEQPACKET_DEFAULT + 20];

	snprintf(default_name, sizeof default_name, SEQPACKET_DEFAULT,
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

/* Best effort, on the way out: nothing is left to report it to */
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

/* A socket file that no process has open refuses connect(2): a killed consumer
 * left it. A live consumer does not notice the attempt, as its type differs */
static void remove_stale(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (connect(fd, (struct sockaddr *)&addr, addr_len) == -1 &&
	    errno == ECONNREFUSED && *path != '@' && lstat(path, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_uid == geteuid())
		unlink(path); /* best effort: bind reports what is in its way */
	close(fd);	      /* best effort: it was never connected */
}

/* Signals are blocked until it is known whether there is a file to remove */
static int make_listener(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	umask(0177); /* leaves mode 0600 to the file that bind creates */
	if (fd == -1 || bind(fd, (struct sockaddr *)&addr, addr_len) == -1)
		err(EXIT_FAILURE, "bind %s", path);
	created = *path != '@';
	if (listen(fd, 1) == -1 || sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "listen %s", path);
	return fd;
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

/* Wait for a producer of this user, then remove the name */
static int accept_producer(int listener)
{
	int fd, found = 0;

	warnx("waiting on %s", path);
	while (!found) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -1 && errno == EINTR)
			continue;
		if (fd == -1)
			err(EXIT_FAILURE, "accept %s", path);
		found = peer_is_this_user(fd);
		if (!found) {
			warnx("%s: refused a producer of another user", path);
			close(fd); /* best effort: nothing was sent */
		}
	}
	/* The connection needs neither the name nor the listener */
	if (created && unlink(path) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", path);
	created = 0;
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	return fd;
}

/* No producer can wait for a consumer: connect fails without a listener */
static int connect_consumer(void)
{
	int n, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	do
		n = connect(fd, (struct sockaddr *)&addr, addr_len);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == ENOENT || errno == ECONNREFUSED))
		errx(EXIT_FAILURE,
		     "connect %s: %s: start unix_seqpacket_consumer %s first",
		     path, strerror(errno), path);
	if (n == -1)
		err(EXIT_FAILURE, "connect %s", path);
	if (!peer_is_this_user(fd))
		errx(EXIT_FAILURE, "%s: a consumer of another user", path);
	return fd;
}

/* The rendezvous: returns this half's end of the connection */
static int meet_peer(enum role me)
{
	/* A write that nobody can read fails, and does not kill */
	signal(SIGPIPE, SIG_IGN);
	if (me == PRODUCER)
		return connect_consumer();
	remove_stale();
	return accept_producer(make_listener());
}

static void report(enum role me, uintmax_t bytes, uintmax_t messages)
{
	warnx("%s %ju byte%s in %ju message%s",
	      me == PRODUCER ? "sent" : "received", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
}

#endif
