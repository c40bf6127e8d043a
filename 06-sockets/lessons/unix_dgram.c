// SPDX-License-Identifier: MIT
/*
 * unix_dgram.c - datagrams between two Unix sockets
 *
 * Shows:  one send is one receive; a full queue blocks, and loses nothing
 * Build:  cc unix_dgram.c -o unix_dgram
 * Run:    ./unix_dgram
 * Prints: what each receive got, and where the sender had to stop
 * Exit:   0 done; 1 a call failed, or the kernel did otherwise
 * See:    unix(7), recv(2): MSG_TRUNC; send(2), socketpair(2); udp.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), 0) == -1)
		err(EXIT_FAILURE, "send");
}

/* Receive one datagram into size bytes. What does not fit is discarded. With
 * MSG_TRUNC recv returns the real length, without it just size */
static size_t take(int fd, size_t size)
{
	char buf[32];
	ssize_t n = recv(fd, buf, size, MSG_TRUNC);

	if (n == -1)
		err(EXIT_FAILURE, "recv");
	int got = (size_t)n < size ? (int)n : (int)size;
	printf("room for %zu: got \"%.*s\" of %zd bytes\n", size, got, buf, n);
	return (size_t)n;
}

int main(void)
{
	char byte;
	int sv[2], sent = 0, received = 0;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");

	/* Three are sent before one is received: they stay apart */
	put(sv[0], "one");
	put(sv[0], "two");
	put(sv[0], "a long one");
	if (take(sv[1], 32) != 3 || take(sv[1], 32) != 3 ||
	    take(sv[1], 6) != 10)
		errx(EXIT_FAILURE, "expected 3, 3 and 10 bytes");

	/* A send would block now. With MSG_DONTWAIT it fails instead */
	while (send(sv[0], "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "send to a full queue");
	printf("queue full, the sender has to wait: %s\n", strerror(errno));
	while (recv(sv[1], &byte, 1, MSG_DONTWAIT) == 1)
		received++;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "recv from an empty queue");
	printf("lost: %d\n", sent - received);
	if (sent == 0 || sent != received)
		errx(EXIT_FAILURE, "sent %d, received %d", sent, received);

	if (close(sv[0]) == -1 || close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
