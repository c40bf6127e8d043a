// SPDX-License-Identifier: MIT
/*
 * echo_server.c - send back what each of many clients sends
 *
 * Shows:  one epoll loop serves all clients, and none can stop the others
 * Build:  cc echo_server.c -o echo_server
 * Run:    ./echo_server ADDRESS... (ended by SIGTERM)
 * Prints: on standard error: where it listens, what happens, how many came
 * Exit:   0 ended by a signal, after the last answer; 1 a call failed; 2 usage
 * See:    epoll(7), signalfd(2), accept(2), unix(7), ipv6(7); echo_client.c
 */
#define _GNU_SOURCE /* accept4 */

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
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

#define LISTENERS 16

/* What epoll gives back with an event: a listener, a client or the signals */
struct item {
	int fd; /* -1: a listener that is closed */
	enum { LISTENER, CLIENT, SIGNALS } kind;
	const char *path;	  /* a listener's file, to be removed */
	struct item *prev, *next; /* of the list of clients */
	size_t len, done;	  /* of buf: what came, what went back */
	char buf[4096];
};

static struct item listeners[LISTENERS], signals = { .kind = SIGNALS };
static struct item clients = { .prev = &clients, .next = &clients };
static int epoll_fd, listening, paused, ending;
static unsigned long served;

static int usage(FILE *out)
{
	fputs("usage: echo_server ADDRESS...\n"
	      "Send back to each client what it sends, until SIGTERM.\n"
	      "ADDRESS: /PATH or ./PATH, @NAME, a.b.c.d:PORT, or [IPv6]:PORT;\n"
	      "PORT 0: the kernel picks one. At most 16.\n",
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

/* Nothing of ours stays behind, whichever way we leave */
static void remove_paths(void)
{
	for (int i = 0; i < listening; i++)
		if (listeners[i].path != NULL)
			unlink(listeners[i].path); /* best effort */
}

static void watch(int op, struct item *it, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = it };

	if (epoll_ctl(epoll_fd, op, it->fd, &e) == -1)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* The address as bound: of port 0 the kernel has made a real one */
static void say_listening(int fd, const char *text)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	char host[64], port[8];

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		err(EXIT_FAILURE, "getsockname %s", text);
	if (ss.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		warnx("listening on %s", text);
	else
		warnx(strchr(host, ':') ? "listening on [%s]:%s"
					: "listening on %s:%s",
		      host, port);
}

/* Nonblocking, also the listener: a client that has gone again between epoll's
 * answer and accept(2) would block us there, and with us everybody */
static void add_listener(const char *text)
{
	struct item *it = &listeners[listening];
	struct sockaddr_storage ss;
	socklen_t len = make_address(text, &ss);
	int on = 1, family = ss.ss_family;

	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		err(EXIT_FAILURE, "socket %s", text);
	if (family != AF_UNIX &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt %s", text);
	/* Else [::] would take the IPv4 port as well */
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt %s", text);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1)
		err(EXIT_FAILURE, "bind %s", text);
	it->fd = fd;
	it->path = family == AF_UNIX && *text != '@' ? text : NULL;
	listening++;
	if (listen(fd, SOMAXCONN) == -1)
		err(EXIT_FAILURE, "listen %s", text);
	watch(EPOLL_CTL_ADD, it, EPOLLIN);
	say_listening(fd, text);
}

/* Signals come as data, at a moment when nothing is half done */
static void add_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals.fd == -1)
		err(EXIT_FAILURE, "signalfd");
	watch(EPOLL_CTL_ADD, &signals, EPOLLIN);
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

/* Without a descriptor for them, clients wait in the listen queue. A listener
 * that we went on watching would wake us again and again, for nothing */
static void watch_listeners(uint32_t events)
{
	paused = events == 0;
	for (int i = 0; i < listening; i++)
		if (listeners[i].fd != -1)
			watch(EPOLL_CTL_MOD, &listeners[i], events);
}

static void drop(struct item *it)
{
	it->prev->next = it->next;
	it->next->prev = it->prev;
	close(it->fd); /* also leaves epoll; its peer has gone: no news */
	free(it);
	if (paused)
		watch_listeners(EPOLLIN);
}

static void accept_client(struct item *from)
{
	if (from->fd == -1 || paused)
		return;
	int fd = accept4(from->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1 && (errno == EMFILE || errno == ENFILE) &&
	    clients.next != &clients) {
		warn("new clients wait until one leaves");
		watch_listeners(0);
		return;
	}
	if (fd == -1 && (errno == EAGAIN || errno == EINTR ||
			 errno == ECONNABORTED || errno == EPROTO))
		return;
	struct item *it = calloc(1, sizeof *it);
	if (fd == -1 || it == NULL)
		err(EXIT_FAILURE, "accept");
	it->fd = fd;
	it->kind = CLIENT;
	it->next = clients.next;
	it->prev = &clients;
	it->next->prev = it->prev->next = it;
	watch(EPOLL_CTL_ADD, it, EPOLLIN);
	served++;
}

/* Send back what is queued, as far as the client takes it. While something is
 * left we do not read from this client: it waits for its own slowness, and our
 * memory stays bounded. 0: it has gone */
static int flush_queue(struct item *it)
{
	static int told;

	while (it->done < it->len) {
		ssize_t n = send(it->fd, it->buf + it->done, it->len - it->done,
				 MSG_NOSIGNAL);

		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return 0;
		if (n == -1 && errno == EAGAIN) {
			if (!told++)
				warnx("a client reads slowly: queued");
			watch(EPOLL_CTL_MOD, it, EPOLLOUT);
			return 1;
		}
		if (n > 0)
			it->done += (size_t)n;
	}
	return 1;
}

/* One turn of one client: at most one buffer, then the others have theirs */
static void serve(struct item *it)
{
	if (it->done < it->len) {
		if (!flush_queue(it)) {
			drop(it);
			return;
		}
		if (it->done == it->len)
			watch(EPOLL_CTL_MOD, it, EPOLLIN);
		return;
	}
	ssize_t n = recv(it->fd, it->buf, sizeof it->buf, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	it->done = 0;
	it->len = n > 0 ? (size_t)n : 0;
	if (n <= 0 || !flush_queue(it))
		drop(it);
}

/* No new clients, and those that are here may say no more. What has arrived is
 * still read, before the EOF, and answered: then serve() drops each client */
static void begin_end(void)
{
	struct signalfd_siginfo info;

	if (read(signals.fd, &info, sizeof info) != sizeof info)
		err(EXIT_FAILURE, "read signalfd");
	if (ending++)
		errx(EXIT_FAILURE, "a second signal: not all was answered");
	warnx("%s: ending", strsignal((int)info.ssi_signo));
	for (int i = 0; i < listening; i++) {
		if (close(listeners[i].fd) == -1)
			err(EXIT_FAILURE, "close");
		listeners[i].fd = -1;
	}
	for (struct item *it = clients.next; it != &clients; it = it->next)
		(void)shutdown(it->fd, SHUT_RD); /* may have gone already */
}

static void loop(void)
{
	struct epoll_event events[64];

	while (!ending || clients.next != &clients) {
		int n = epoll_wait(epoll_fd, events, 64, -1);

		if (n == -1 && errno != EINTR)
			err(EXIT_FAILURE, "epoll_wait");
		/* Only a client's own turn frees it: no pointer is stale */
		for (int i = 0; i < n; i++) {
			struct item *it = events[i].data.ptr;

			if (it->kind == LISTENER)
				accept_client(it);
			else if (it->kind == CLIENT)
				serve(it);
			else
				begin_end();
		}
	}
}

int main(int argc, char *argv[])
{
	struct sockaddr_storage ss;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc < 2 || argc > 1 + LISTENERS)
		return usage(stderr);
	for (int i = 1; i < argc; i++)
		if (*argv[i] == '-' || make_address(argv[i], &ss) == 0)
			return usage(stderr);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd == -1)
		err(EXIT_FAILURE, "epoll_create1");
	raise_limit();
	umask(077); /* who may write to a socket file may connect: only we */
	add_signals();
	if (atexit(remove_paths) != 0)
		errx(EXIT_FAILURE, "atexit: no room");
	for (int i = 1; i < argc; i++)
		add_listener(argv[i]);
	loop();
	if (close(signals.fd) == -1 || close(epoll_fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("served %lu client%s", served, served == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
