// SPDX-License-Identifier: MIT
/*
 * echo_server.c - send back what each of many clients sends
 *
 * Shows:  one epoll loop serves all clients, and none can stop the others
 * Build:  cc echo_server.c -o echo_server
 * Run:    ./echo_server ./sock 0 (ended by SIGTERM)
 * Prints: on standard error: where it listens, what happens, how many clients
 * Exit:   0 ended by a signal, after the last answer; 1 a call failed; 2 usage
 * See:    epoll(7), signalfd(2), accept(2), unix(7), ipv6(7); echo_client.c
 */
#define _GNU_SOURCE /* accept4 */

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };
static struct peer { /* what is at a descriptor: the index is its number */
	enum { NONE, LISTENER, CLIENT } kind;
	size_t len, done; /* bytes of buf: received, sent back */
	char buf[4096];
} peers[DESCRIPTORS];
static int epoll_fd, signal_fd, clients, is_paused, is_ending;
static unsigned long served;
static struct sockaddr_un un = { .sun_family = AF_UNIX };

static void watch(int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll_fd, op, fd, &e) == -1)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* For port 0 the kernel has chosen one: getsockname(2) returns it */
static void report_address(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	char host[64], port[8];

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		err(EXIT_FAILURE, "getsockname");
	if (ss.ss_family == AF_UNIX)
		warnx("listening on %s", un.sun_path);
	else if (getnameinfo((struct sockaddr *)&ss, len, host, sizeof host,
			     port, sizeof port,
			     NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		warnx("listening on %s %s", host, port);
}

/* Nonblocking, also the listener: if a client leaves between epoll_wait(2) and
 * accept(2), a blocking accept would wait, and all clients with it */
static void listen_on(const struct sockaddr *address, socklen_t len)
{
	int on = 1, family = address->sa_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1 && errno == EAFNOSUPPORT) {
		warn("no IPv%d here", family == AF_INET6 ? 6 : 4);
		return;
	}
	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	/* The port of a server that has just ended can be used at once */
	if (family != AF_UNIX &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt SO_REUSEADDR");
	if (bind(fd, address, len) == -1 || listen(fd, SOMAXCONN) == -1)
		err(EXIT_FAILURE, "bind %s",
		    family == AF_UNIX ? un.sun_path : "loopback");
	peers[fd].kind = LISTENER;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN);
	report_address(fd);
}

/* Without a host getaddrinfo(3) returns the loopback address of each family */
static void listen_on_loopback(const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found;
	int error = getaddrinfo(NULL, port, &hints, &found);

	if (error != 0)
		errx(2, "%s: %s", port, gai_strerror(error));
	for (struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next)
		listen_on(ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(found);
}

/* Signals arrive as data, so none interrupts a client's turn */
static void add_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	signal_fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd == -1)
		err(EXIT_FAILURE, "signalfd");
	watch(EPOLL_CTL_ADD, signal_fd, EPOLLIN);
}

/* No descriptor may be beyond peers; the default limit is often lower */
static void limit_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(EXIT_FAILURE, "getrlimit");
	r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max : DESCRIPTORS;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		err(EXIT_FAILURE, "setrlimit");
}

/* While no descriptor is free, new clients wait in the listen queue. A listener
 * that is still watched would make each epoll_wait return at once */
static void watch_listeners(uint32_t events)
{
	is_paused = events == 0;
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (peers[fd].kind == LISTENER)
			watch(EPOLL_CTL_MOD, fd, events);
}

static void drop(int fd)
{
	peers[fd].kind = NONE;
	clients--;
	close(fd); /* best effort; this also removes it from epoll */
	if (is_paused)
		watch_listeners(EPOLLIN);
}

static void accept_client(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1 && (errno == EMFILE || errno == ENFILE) && clients > 0) {
		warn("new clients wait until one leaves");
		watch_listeners(0);
		return;
	}
	if (fd == -1 && (errno == EAGAIN || errno == EINTR ||
			 errno == ECONNABORTED || errno == EPROTO))
		return;
	if (fd == -1)
		err(EXIT_FAILURE, "accept");
	peers[fd].kind = CLIENT;
	peers[fd].len = peers[fd].done = 0;
	clients++;
	served++;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN);
}

/* One turn of one client: at most one buffer, then other clients have theirs.
 * Nothing is read from a client that has not taken its last answer: it can
 * only delay itself, and the memory stays bounded */
static void serve(int fd)
{
	struct peer *p = &peers[fd];
	int queued = p->done < p->len;
	static int is_reported;
	ssize_t n;

	if (!queued) {
		n = recv(fd, p->buf, sizeof p->buf, 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		p->done = 0;
		p->len = n > 0 ? (size_t)n : 0;
	}
	n = send(fd, p->buf + p->done, p->len - p->done, MSG_NOSIGNAL);
	if (p->len == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		drop(fd);
		return;
	}
	p->done += n > 0 ? (size_t)n : 0;
	if (p->done < p->len && !queued) {
		if (!is_reported++)
			warnx("a client reads slowly: queued");
		watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
	}
	if (p->done == p->len && queued)
		watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

/* Accept no new clients, and receive nothing new. What has arrived is still
 * read and sent back. EOF follows it: then serve() drops the client. A second
 * signal has its default action */
static void start_ending(const sigset_t *set)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof info) != sizeof info)
		err(EXIT_FAILURE, "read signalfd");
	warnx("%s: ending", strsignal((int)info.ssi_signo));
	is_ending = 1;
	if (unlink(un.sun_path) == -1)
		warn("unlink %s", un.sun_path);
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (peers[fd].kind == CLIENT)
			(void)shutdown(fd, SHUT_RD); /* it may have left */
		else if (peers[fd].kind == LISTENER) {
			peers[fd].kind = NONE;
			close(fd); /* best effort: it holds no data */
		}
	if (sigprocmask(SIG_UNBLOCK, set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

static void loop(const sigset_t *set)
{
	struct epoll_event events[64];

	while (!is_ending || clients > 0) {
		int n = epoll_wait(epoll_fd, events, 64, -1);

		if (n == -1 && errno != EINTR)
			err(EXIT_FAILURE, "epoll_wait");
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == signal_fd)
				start_ending(set);
			else if (peers[fd].kind == LISTENER && !is_paused)
				accept_client(fd);
			else if (peers[fd].kind == CLIENT)
				serve(fd);
		}
	}
}

int main(int argc, char *argv[])
{
	sigset_t set;

	if (argc < 2 || argc > 3 || strlen(argv[1]) >= sizeof un.sun_path)
		errx(2, "usage: echo_server PATH [PORT] "
			"(PATH: at most 107 bytes)");
	strcpy(un.sun_path, argv[1]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd == -1)
		err(EXIT_FAILURE, "epoll_create1");
	limit_descriptors();
	add_signals(&set);
	if (argc == 3)
		listen_on_loopback(argv[2]);
	umask(077); /* only this user may connect to the socket file */
	listen_on((struct sockaddr *)&un, sizeof un);
	loop(&set);

	if (close(signal_fd) == -1 || close(epoll_fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("clients served: %lu", served);
	return EXIT_SUCCESS;
}
