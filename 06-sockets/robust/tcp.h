// SPDX-License-Identifier: MIT
/*
 * tcp.h - the contract of tcp_producer and tcp_consumer
 *
 * Name:   HOST:PORT, or [HOST]:PORT for an IPv6 address. The consumer listens
 *         until one producer sends. TCP does not report whose process that
 *         is: any user of the machine reaches localhost.
 * Wire:   the bytes and nothing else. The end is EOF: the producer has shut
 *         down its sending side. If it dies before that, the connection is
 *         reset. EOF before the first byte is a port check, and no transfer.
 *         An empty transfer is an urgent byte, tcp(7), which is not part of
 *         the stream, and EOF.
 * Errors: a half whose peer has exited gets ECONNRESET, tcp(7). A standard tool
 *         that dies may close as if it had finished.
 */
#ifndef TCP_H
#define TCP_H

#include "fail.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The default name, and the port in it, which few other users have */
#define TCP_DEFAULT(port) "127.0.0.1:" port
#define TCP_PORT(uid)	  ((uintmax_t)20000 + (uid) % 10000)
#define TCP_PORT_TEXT	  "20000 + UID % 10000"

/* A read or a write moves at most this many bytes */
enum { TCP_CHUNK = 65536 };

enum role { PRODUCER, CONSUMER };

static const char *name;

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

/* Returns the addresses of the operand, HOST:PORT or [HOST]:PORT, or of the
 * default name if it is NULL; NULL if the operand is neither */
static struct addrinfo *resolve(const char *operand)
{
	static char default_name[sizeof TCP_DEFAULT("%ju") + 20];
	struct addrinfo *list, hints = { .ai_socktype = SOCK_STREAM };
	char host[256], port[6];
	int end = 0;

	snprintf(default_name, sizeof default_name, TCP_DEFAULT("%ju"),
		 TCP_PORT(geteuid()));
	name = operand != NULL ? operand : default_name;
	if (sscanf(name, "[%255[^][ ]]:%5[0-9]%n", host, port, &end) < 2)
		sscanf(name, "%255[^][: ]:%5[0-9]%n", host, port, &end);
	if (*name == '-' || end == 0 || name[end] != '\0' ||
	    strtoul(port, NULL, 10) > 65535)
		return NULL;
	int e = getaddrinfo(host, port, &hints, &list);
	if (e != 0)
		errx(EXIT_FAILURE, "getaddrinfo %s: %s", name, gai_strerror(e));
	return list;
}

/* Exit with 77: the setting forbids the call, and value would allow it */
static _Noreturn void blame(const char *call, const char *setting,
			    const char *value)
{
	char file[80] = "/proc/sys/", now[80] = "not shown";
	const char *why = strerror(errno);

	strcat(file, setting);
	for (char *dot = file; (dot = strchr(dot, '.')) != NULL;)
		*dot = '/';
	FILE *f = fopen(file, "re");
	if (f != NULL && fgets(now, sizeof now, f) != NULL)
		now[strcspn(now, "\n")] = '\0';
	errx(77, "%s %s: %s: %s is %s: as root: echo %s >%s", call, name, why,
	     setting, now, value, file);
}

/* Name the cause if the machine forbids an address; fail.h has the rest */
static _Noreturn void fail_at(const char *call)
{
	const char *cause = NULL, *port = strrchr(name, ':') + 1;
	int e = errno, is_bind = strcmp(call, "bind") == 0;

	if (e == EAFNOSUPPORT)
		cause = "no IPv6 in this kernel: take 127.0.0.1";
	else if ((e == ENETUNREACH || e == EADDRNOTAVAIL) &&
		 strncmp(name, "[::1]:", 6) == 0)
		cause = "lo has no IPv6: as root: ip link set lo up && "
			"echo 0 >/proc/sys/net/ipv6/conf/lo/disable_ipv6";
	else if (e == ENETUNREACH && (strncmp(name, "127.", 4) == 0 ||
				      strncmp(name, "localhost:", 10) == 0))
		cause = "lo is down: as root: ip link set lo up";
	if (cause != NULL)
		errx(77, "%s %s: %s: %s", call, name, strerror(e), cause);
	if (is_bind && e == EACCES)
		blame(call, "net.ipv4.ip_unprivileged_port_start", port);
	if (is_bind ? e == EADDRINUSE && *port == '0' : e == EADDRNOTAVAIL)
		blame(call, "net.ipv4.ip_local_port_range", "1024 65535");
	fail(call, name);
}

/* While this is on, a close is a reset, also the close by exit(2) or SIGKILL:
 * the peer gets ECONNRESET. It is off only where closing means success: then
 * the peer gets EOF */
static void reset_on_close(int fd, int on)
{
	struct linger linger = { .l_onoff = on, .l_linger = 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == -1)
		fail("setsockopt", "SO_LINGER");
}

/* Open a socket for this address, whose close is a reset. The connections that
 * a listener accepts inherit that */
static int open_socket(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd != -1)
		reset_on_close(fd, 1);
	return fd;
}

/* Listen at the first address of name that this machine has. SO_REUSEADDR:
 * earlier connections in the state TIME_WAIT do not keep the port */
static int make_listener(const struct addrinfo *list)
{
	int fd = -1, on = 1;
	socklen_t len = sizeof on;

	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
		fd = open_socket(ai);
		if (fd == -1)
			continue;
		if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, len) == 0 &&
		    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
		    listen(fd, 1) == 0)
			return fd;
		if (errno == EADDRINUSE)
			break;
		close(fd); /* best effort: it was not used */
	}
	fail_at(fd == -1 ? "socket" : "bind");
}

/* Print the number for the host "localhost", and for port 0 the one chosen */
static void report_address(int listener)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof addr;
	char host[256], port[6];

	if (getsockname(listener, (struct sockaddr *)&addr, &len) == -1)
		err(EXIT_FAILURE, "getsockname %s", name);
	if (getnameinfo((struct sockaddr *)&addr, len, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		errx(EXIT_FAILURE, "getnameinfo %s: no number", name);
	warnx(strchr(host, ':') ? "waiting on [%s]:%s" : "waiting on %s:%s",
	      host, port);
}

/* Wait for the first byte. A connection without one is a port check, or was
 * reset. It is no transfer without the urgent byte */
static int has_begun(int fd)
{
	ssize_t n;
	char c;

	do
		n = recv(fd, &c, 1, MSG_PEEK);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno != ECONNRESET)
		err(EXIT_FAILURE, "recv %s", name);
	if (n > 0 || (n == 0 && recv(fd, &c, 1, MSG_OOB) == 1))
		return 1;
	warnx("%s: refused a producer that sent nothing", name);
	close(fd); /* best effort: nothing was sent */
	return 0;
}

/* Wait until a producer sends. TCP does not report which user's it is */
static int accept_producer(int listener)
{
	int fd;

	report_address(listener);
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd == -1 ? errno == EINTR || errno == ECONNABORTED
			: !has_begun(fd));
	if (fd == -1)
		fail_at("accept");
	/* The connection does not need the listener */
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	return fd;
}

/* Without a listener, the kernel may have connected this socket to itself */
static int is_connected_to_itself(int fd)
{
	struct sockaddr_storage own, peer;
	socklen_t n = sizeof own, m = sizeof peer;

	return getsockname(fd, (struct sockaddr *)&own, &n) == 0 &&
	       getpeername(fd, (struct sockaddr *)&peer, &m) == 0 && n == m &&
	       memcmp(&own, &peer, n) == 0;
}

/* Connect to the first address of name where a consumer listens */
static int connect_consumer(const struct addrinfo *list)
{
	int n, fd = -1;

	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
		fd = open_socket(ai);
		if (fd == -1)
			continue;
		do
			n = connect(fd, ai->ai_addr, ai->ai_addrlen);
		while (n == -1 && errno == EINTR);
		if (n == 0 && !is_connected_to_itself(fd))
			return fd;
		if (n == 0)
			errno = ECONNREFUSED;
		close(fd); /* best effort: it was not used */
	}
	if (errno == ECONNREFUSED)
		errx(EXIT_FAILURE,
		     "connect %s: %s: start tcp_consumer %s first", name,
		     strerror(errno), name);
	fail_at(fd == -1 ? "socket" : "connect");
}

/* The rendezvous: returns this half's end of the connection */
static int meet_peer(enum role me, struct addrinfo *list)
{
	int fd;

	/* A write without a reader fails, and does not kill */
	signal(SIGPIPE, SIG_IGN);
	if (me == PRODUCER)
		fd = connect_consumer(list);
	else
		fd = accept_producer(make_listener(list));
	freeaddrinfo(list);
	return fd;
}

static void report(enum role me, uintmax_t bytes, uintmax_t calls)
{
	warnx(me == PRODUCER ? "sent %ju byte%s in %ju write%s"
			     : "received %ju byte%s in %ju read%s",
	      bytes, bytes == 1 ? "" : "s", calls, calls == 1 ? "" : "s");
}

#endif
