// SPDX-License-Identifier: MIT
/*
 * echo_server.c - send back what each of many clients sends
 *
 * Shows:  one epoll loop serves all clients, and none can block the others
 * Build:  cc echo_server.c -o echo_server
 * Run:    ./echo_server PATH
 * Prints: on standard error: what happens, and how many clients were served
 * Exit:   0 a signal ended it; 1 a call failed; 2 usage; 77 see ulimit -n
 * See:    epoll(7), signalfd(2), accept(2), unix(7); echo_client.c
 */
#define _GNU_SOURCE /* accept4 */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 };
/* Indexed by descriptor: a client, and what has not been sent back to it */
static struct client {
	int is_connected;
	size_t len, done; /* bytes of buf: received, sent back */
	char buf[4096];
} clients[DESCRIPTORS];
static int epoll_fd, signal_fd, listener, connected, served, is_reported;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };

static void remove_name(void)
{
	if (listener != -1)
		unlink(addr.sun_path); /* best effort, on the way out */
}

static void watch(int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll_fd, op, fd, &e) == -1)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* While no descriptor is free, new clients wait in the listener's queue. If the
 * listener were watched then, each epoll_wait would return at once */
static void accept_client(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= DESCRIPTORS) {
		close(fd); /* best effort: the table has no place for it */
	} else if (fd != -1) {
		clients[fd] = (struct client){ .is_connected = 1 };
		connected++;
		served++;
		watch(EPOLL_CTL_ADD, fd, EPOLLIN);
	} else if (errno == EMFILE && connected > 0) {
		warn("new clients wait until one leaves");
		watch(EPOLL_CTL_MOD, listener, 0);
	} else if (errno != EAGAIN) {
		err(77, "accept: see ulimit -n");
	}
}

static void drop(int fd)
{
	clients[fd].is_connected = 0;
	connected--;
	close(fd); /* best effort; this also removes it from epoll */
	if (listener != -1)
		watch(EPOLL_CTL_MOD, listener, EPOLLIN);
}

/* A turn of a client: at most one buffer, then others have their turn. The
 * socket is nonblocking, so no turn blocks. A client that does not receive its
 * last answer does not delay the server's end. 0: drop this client */
static int serve(int fd)
{
	struct client *c = &clients[fd];
	ssize_t n;

	if (c->done == c->len) {
		n = recv(fd, c->buf, sizeof c->buf, 0);
		if (n <= 0) /* 0 is EOF */
			return n == -1 && errno == EAGAIN;
		c->len = (size_t)n;
		c->done = 0;
	}
	n = send(fd, c->buf + c->done, c->len - c->done, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN)
		return 0;
	c->done += n > 0 ? (size_t)n : 0;
	int is_slow = c->done < c->len;
	if (is_slow && !is_reported++)
		warnx("a client reads slowly: queued");
	/* Wait for room if bytes are queued, and for more bytes otherwise */
	watch(EPOLL_CTL_MOD, fd, is_slow ? EPOLLOUT : EPOLLIN);
	return !is_slow || listener != -1;
}

/* Accept no new clients, and let the others send nothing more. What has arrived
 * is still sent back, as far as the client receives it at once, and then EOF */
static void start_ending(void)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof info) != sizeof info)
		err(EXIT_FAILURE, "read signalfd");
	warnx("%s: ending", strsignal((int)info.ssi_signo));
	remove_name();
	close(listener); /* best effort: nothing was sent to it */
	listener = -1;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		if (clients[fd].is_connected)
			(void)shutdown(fd, SHUT_RD); /* may have left */
		if (clients[fd].is_connected && !serve(fd))
			drop(fd);
	}
}

int main(int argc, char *argv[])
{
	/* Signals that end a process unless it ignores them: see nohup(1) */
	static const int end[] = { SIGHUP,  SIGINT,  SIGQUIT,  SIGALRM,
				   SIGTERM, SIGUSR1, SIGUSR2,  SIGXCPU,
				   SIGXFSZ, SIGPROF, SIGVTALRM };
	struct sigaction old;
	sigset_t signals;

	if (argc != 2 || !*argv[1] || strlen(argv[1]) >= sizeof addr.sun_path)
		errx(2, "usage: echo_server PATH (at most 107 bytes)");
	strcpy(addr.sun_path, argv[1]);

	/* Signals arrive as data, so none interrupts a client's turn */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof end / sizeof *end; i++)
		if (!sigaction(end[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaddset(&signals, end[i]);
	signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	listener = socket(AF_UNIX, type, 0);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) == -1 || signal_fd == -1 ||
	    epoll_fd == -1 || listener == -1)
		err(77, "signalfd, epoll_create1, socket: see ulimit -n");
	umask(077); /* only this user may connect to the socket file */
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) == -1 ||
	    atexit(remove_name) != 0 || listen(listener, SOMAXCONN) == -1)
		err(EXIT_FAILURE, "bind %s", argv[1]);
	watch(EPOLL_CTL_ADD, signal_fd, EPOLLIN);
	watch(EPOLL_CTL_ADD, listener, EPOLLIN);
	warnx("listening on %s", argv[1]);

	while (listener != -1 || connected > 0) {
		struct epoll_event e;
		int n = epoll_wait(epoll_fd, &e, 1, -1);

		if (n == -1 && errno != EINTR)
			err(EXIT_FAILURE, "epoll_wait");
		if (n == 1 && e.data.fd == listener)
			accept_client();
		else if (n == 1 && e.data.fd == signal_fd)
			start_ending();
		else if (n == 1 && !serve(e.data.fd))
			drop(e.data.fd);
	}
	if (close(signal_fd) == -1 || close(epoll_fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("clients served: %d", served);
	return EXIT_SUCCESS;
}
