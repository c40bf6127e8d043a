// SPDX-License-Identifier: MIT
/*
 * echo_server.c - send back what each of many clients sends
 *
 * Shows:  one epoll loop serves all clients, and none can stop the others
 * Build:  cc echo_server.c -o echo_server
 * Run:    ./echo_server ./sock 0 (ended by SIGTERM)
 * Prints: on standard error: where it listens, what happens, how many came
 * Exit:   0 ended by a signal, after the last answer; 1 a call failed; 2 usage
 * See:    epoll(7), signalfd(2), accept(2), unix(7), ipv6(7); echo_client.c
 */
#define _GNU_SOURCE	     /* accept4 */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

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
static struct peer {
	enum { NONE, LISTENER, CLIENT } kind;
	size_t len, done; /* of buf: what came, what went back */
	char buf[4096];
} peers[DESCRIPTORS];
static int epoll_fd, signal_fd, clients, paused, ending;
static unsigned long served;
static struct sockaddr_un un = { .sun_family = AF_UNIX };

static int usage(FILE *out)
{
	fputs("usage: echo_server PATH [PORT]\n"
	      "Send back to each client what it sends, until SIGTERM. Listen\n"
	      "on the Unix socket PATH and, with PORT, on the loopback of "
	      "IPv4\n"
	      "and IPv6; of PORT 0 the kernel makes a free one.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void watch(int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll_fd, op, fd, &e) == -1)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* The name that a socket has got; of port 0 the kernel has made a real one */
static void say_listening(int fd)
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

/* A socket where nobody listens is what a killed server left. (To connect to
 * another kind of file is ECONNREFUSED, too) */
static void remove_left_over(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (lstat(un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    connect(fd, (struct sockaddr *)&un, sizeof un) == -1 &&
	    errno == ECONNREFUSED)
		unlink(un.sun_path); /* else bind will tell */
	close(fd);
}

/* Nonblocking, also the listener: a client that has gone again between epoll's
 * answer and accept(2) would block us there, and with us everybody */
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
	/* A port may be taken again at once */
	if (family != AF_UNIX &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt SO_REUSEADDR");
	if (bind(fd, address, len) == -1 || listen(fd, SOMAXCONN) == -1)
		err(EXIT_FAILURE, "bind %s",
		    family == AF_UNIX ? un.sun_path : "loopback");
	peers[fd].kind = LISTENER;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN);
	say_listening(fd);
}

/* Without a host getaddrinfo(3) gives the loopback address of each family */
static void listen_on_loopback(const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found;
	int bad = getaddrinfo(NULL, port, &hints, &found);

	if (bad)
		errx(2, "%s: %s", port, gai_strerror(bad));
	for (struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next)
		listen_on(ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(found);
}

/* Signals come as data, at a moment when nothing is half done */
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

/* As many descriptors as we have room for: the soft limit is 1024, for select
 */
static void limit_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(EXIT_FAILURE, "getrlimit");
	r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max : DESCRIPTORS;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		err(EXIT_FAILURE, "setrlimit");
}

/* Without a descriptor for them, clients wait in the listen queue. A listener
 * that we went on watching would wake us again and again, for nothing */
static void watch_listeners(uint32_t events)
{
	paused = events == 0;
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (peers[fd].kind == LISTENER)
			watch(EPOLL_CTL_MOD, fd, events);
}

static void drop(int fd)
{
	peers[fd].kind = NONE;
	clients--;
	close(fd); /* also leaves epoll; its peer has gone: no news */
	if (paused)
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

/* One turn of one client: at most one buffer, then the others have theirs.
 * While something is left that the client does not take, we do not read from
 * it: it waits for its own slowness, and our memory stays bounded */
static void serve(int fd)
{
	struct peer *p = &peers[fd];
	int queued = p->done < p->len;
	static int told;
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
		if (!told++)
			warnx("a client reads slowly: queued");
		watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
	}
	if (p->done == p->len && queued)
		watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

/* No new clients, and those that are here may say no more. What has arrived is
 * still read, before the EOF, and answered: then serve() drops each client. A
 * second signal ends us as it does everybody */
static void begin_end(const sigset_t *set)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof info) != sizeof info)
		err(EXIT_FAILURE, "read signalfd");
	warnx("%s: ending", strsignal((int)info.ssi_signo));
	ending = 1;
	if (unlink(un.sun_path) == -1)
		warn("unlink %s", un.sun_path);
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (peers[fd].kind == CLIENT)
			(void)shutdown(fd, SHUT_RD); /* it may have gone */
		else if (peers[fd].kind == LISTENER) {
			peers[fd].kind = NONE;
			close(fd); /* nothing was buffered */
		}
	if (sigprocmask(SIG_UNBLOCK, set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

static void loop(const sigset_t *set)
{
	struct epoll_event events[64];

	while (!ending || clients > 0) {
		int n = epoll_wait(epoll_fd, events, 64, -1);

		if (n == -1 && errno != EINTR)
			err(EXIT_FAILURE, "epoll_wait");
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == signal_fd)
				begin_end(set);
			else if (peers[fd].kind == LISTENER && !paused)
				accept_client(fd);
			else if (peers[fd].kind == CLIENT)
				serve(fd);
		}
	}
}

int main(int argc, char *argv[])
{
	sigset_t set;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc < 2 || argc > 3 || *argv[1] == '-' ||
	    (argc == 3 && (strspn(argv[2], "0123456789") != strlen(argv[2]) ||
			   strtoul(argv[2], NULL, 10) > 65535)))
		return usage(stderr);
	if (strlen(argv[1]) >= sizeof un.sun_path)
		errx(2, "PATH is longer than %zu bytes",
		     sizeof un.sun_path - 1);
	strcpy(un.sun_path, argv[1]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd == -1)
		err(EXIT_FAILURE, "epoll_create1");
	limit_descriptors();
	add_signals(&set);
	if (argc == 3)
		listen_on_loopback(argv[2]);
	remove_left_over();
	umask(077); /* who may write to a socket file may connect: only we */
	listen_on((struct sockaddr *)&un, sizeof un);
	loop(&set);

	if (close(signal_fd) == -1 || close(epoll_fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("served %lu client%s", served, served == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
