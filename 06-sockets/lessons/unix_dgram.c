// SPDX-License-Identifier: MIT
/*
 * unix_dgram.c - datagrams between two Unix sockets
 *
 * Shows:  one send is one receive; a cut is told; a full queue pushes back
 * Build:  cc unix_dgram.c -o unix_dgram
 * Run:    ./unix_dgram
 * Prints: what each receive got, and where the sender had to stop
 * Exit:   0 done; 1 a call failed, or the kernel did otherwise; 2 usage
 * See:    unix(7), recvmsg(2), send(2), socketpair(2)
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: unix_dgram\n"
	      "Send datagrams to ourselves: long ones, and too many.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static void put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), 0) == -1)
		err(EXIT_FAILURE, "send");
}

/* Receive one datagram into size bytes. What does not fit is thrown away, and
 * only msg_flags says so: recv(2) without MSG_TRUNC would just return size */
static void take(int fd, size_t size, int want_cut)
{
	char buf[32];
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n == -1)
		err(EXIT_FAILURE, "recvmsg");
	int cut = (msg.msg_flags & MSG_TRUNC) != 0;
	printf("room for %zu: got \"%.*s\"%s\n", size, (int)n, buf,
	       cut ? ", MSG_TRUNC: the rest is lost" : "");
	if (cut != want_cut)
		errx(EXIT_FAILURE, "expected %s", want_cut ? "a cut" : "all");
}

/* Send until the queue is full. A sender that may block would sleep in send(2)
 * now; MSG_DONTWAIT gets EAGAIN instead. Nothing is dropped, unlike with UDP */
static int fill(int fd)
{
	int sent = 0;

	while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "send to a full queue");
	printf("queue full, the sender has to wait: %s\n", strerror(errno));
	return sent;
}

static int drain(int fd)
{
	char c;
	int got = 0;

	while (recv(fd, &c, 1, MSG_DONTWAIT) == 1)
		got++;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "recv");
	return got;
}

/* Is there room for one more? */
static int writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, 0) == -1)
		err(EXIT_FAILURE, "poll");
	return (p.revents & POLLOUT) != 0;
}

int main(int argc, char *argv[])
{
	int sv[2];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");

	/* Three are sent before one is received, and yet they stay apart */
	put(sv[0], "one");
	put(sv[0], "two");
	put(sv[0], "a long one");
	take(sv[1], 32, 0);
	take(sv[1], 32, 0);
	take(sv[1], 6, 1);

	int before = writable(sv[0]);
	int sent = fill(sv[0]);
	int full = writable(sv[0]);
	int got = drain(sv[1]);
	printf("POLLOUT before %d, full %d, read empty %d\n", before, full,
	       writable(sv[0]));
	printf("lost: %d\n", sent - got);
	if (sent == 0 || sent != got || full || !writable(sv[0]))
		errx(EXIT_FAILURE, "sent %d, got %d", sent, got);

	if (close(sv[0]) == -1 || close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
