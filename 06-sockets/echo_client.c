// SPDX-License-Identifier: MIT
/*
 * echo_client.c - send standard input to an echo server, print the echo
 *
 * Shows:  who sends all before it reads deadlocks; poll both directions
 * Build:  cc echo_client.c -o echo_client
 * Run:    ./echo_client ADDRESS [CONNECTIONS] <file
 * Prints: what came back; on standard error: how much that was
 * Exit:   0 all came back; 1 a call or the server failed; 2 usage
 * See:    poll(2), shutdown(2), unix(7), ip(7); echo_server.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs(
	    "usage: echo_client ADDRESS [CONNECTIONS]\n"
	    "Send standard input to the echo server at ADDRESS, and copy\n"
	    "what comes back to standard output. With CONNECTIONS, 1 to\n"
	    "10000, all but one of them stay idle meanwhile.\n"
	    "ADDRESS: /PATH or ./PATH, @NAME, a.b.c.d:PORT, or [IPv6]:PORT.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* a.b.c.d:PORT or [IPv6]:PORT as a socket address; 0 if text is neither */
static socklen_t make_inet(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	char host[64], port[6];
	int v4 = 0, v6 = 0;

	if (sscanf(text, "[%63[^][ ]]:%5[0-9]%n", host, port, &v6) < 2 &&
	    sscanf(text, "%63[0-9.]:%5[0-9]%n", host, port, &v4) < 2)
		return 0;
	unsigned long number = strtoul(port, NULL, 10);
	if (text[v4 + v6] != '\0' || number > 65535)
		return 0;
	ss->ss_family = v4 ? AF_INET : AF_INET6;
	in->sin_port = htons((in_port_t)number); /* in6 has it there, too */
	if (v4)
		return inet_pton(AF_INET, host, &in->sin_addr) ? sizeof *in : 0;
	return inet_pton(AF_INET6, host, &in6->sin6_addr) ? sizeof *in6 : 0;
}

/* The socket address that text names; its length, or 0 if it names none */
static socklen_t make_address(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_un *un = (struct sockaddr_un *)ss;
	size_t len = strlen(text);

	memset(ss, 0, sizeof *ss);
	if (*text != '@' && strchr(text, '/') == NULL)
		return make_inet(text, ss);
	if (len < 2 || len >= sizeof un->sun_path)
		return 0;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, text, len);
	if (*text == '@') /* abstract: a NUL in front, and none behind */
		un->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
			   (*text != '@'));
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

/* As many descriptors as we may have: the soft limit is 1024 for select(2) */
static void raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(EXIT_FAILURE, "getrlimit");
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		warn("setrlimit RLIMIT_NOFILE"); /* then with what we have */
}

static int connect_to(const char *text)
{
	struct sockaddr_storage ss;
	socklen_t len = make_address(text, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(EXIT_FAILURE, "socket %s", text);
	if (connect(fd, (struct sockaddr *)&ss, len) == -1)
		err(EXIT_FAILURE, "connect %s", text);
	return fd;
}

static char up[65536], down[PIPE_BUF];
static size_t start, end; /* of up: what is still to be sent */
static uintmax_t sent, got;
static int refused;

/* Send what is pending, as much as goes without waiting. EPIPE: the server
 * takes no more, yet it may still answer what it has: do not leave before that
 */
static void send_some(int fd)
{
	ssize_t n =
	    send(fd, up + start, end - start, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == -1 && errno == EPIPE)
		refused = 1;
	else if (n == -1 && errno != EAGAIN && errno != EINTR)
		err(EXIT_FAILURE, "send");
	if (n > 0)
		start += (size_t)n;
}

/* Get more to send; 0: there is no more, and the server is told so */
static ssize_t next_input(int fd)
{
	ssize_t n = read(STDIN_FILENO, up, sizeof up);

	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	start = 0;
	end = (size_t)n;
	sent += end;
	if (n == 0 && shutdown(fd, SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown");
	return n;
}

/* Print what came back; 0: that was all */
static ssize_t print_echo(int fd)
{
	ssize_t n = read(fd, down, sizeof down);

	if (n == -1)
		err(EXIT_FAILURE, "read");
	if (write_all(STDOUT_FILENO, down, (size_t)n) == -1)
		err(EXIT_FAILURE, "write standard output");
	got += (uintmax_t)n;
	return n;
}

/* Both directions at once: if we only sent, the echo would fill the socket, the
 * server would stop reading, and we should wait for each other. A pipe that is
 * writable takes PIPE_BUF bytes at once, so a slow one never stops our sending
 */
static void converse(int fd)
{
	ssize_t more = 1, back = 1;
	int came = 0; /* an echo can be read; may it be printed? */

	while (back != 0) {
		int idle = more > 0 && start == end && !refused;
		struct pollfd p[3] = {
			{ .fd = idle ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = came ? STDOUT_FILENO : fd,
			  .events = came ? POLLOUT : POLLIN },
			{ .fd = start < end && !refused ? fd : -1,
			  .events = POLLOUT },
		};

		if (poll(p, 3, -1) == -1)
			err(EXIT_FAILURE, "poll");
		if (p[2].revents != 0)
			send_some(fd);
		if (p[0].revents != 0)
			more = next_input(fd);
		if (p[1].revents != 0 && came)
			back = print_echo(fd);
		if (p[1].revents != 0)
			came = !came;
	}
	if (more > 0 || got != sent)
		errx(EXIT_FAILURE, "the server ended: %ju of %ju bytes", got,
		     sent);
}

int main(int argc, char *argv[])
{
	struct sockaddr_storage ss;
	char *rest = NULL;
	static int fds[10000];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc < 2 || argc > 3 || *argv[1] == '-' ||
	    make_address(argv[1], &ss) == 0)
		return usage(stderr);
	long count = argc == 3 ? strtol(argv[2], &rest, 10) : 1;
	if (count < 1 || count > 10000 || (rest != NULL && *rest != '\0'))
		return usage(stderr);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is an error */
	raise_limit();
	for (long i = 0; i < count; i++)
		fds[i] = connect_to(argv[1]);

	converse(fds[count - 1]);
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");
	for (long i = 0; i < count; i++)
		if (close(fds[i]) == -1)
			err(EXIT_FAILURE, "close");
	warnx("%ju byte%s came back", got, got == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
