// SPDX-License-Identifier: MIT
/*
 * unix_dgram.c - datagrams between two Unix sockets
 *
 * Shows:  one send is one receive; a full queue blocks, and loses nothing
 * Build:  cc unix_dgram.c -o unix_dgram
 * Run:    ./unix_dgram
 * Prints: what each receive got, and how many datagrams were lost
 * Exit:   0 done; 1 a call failed, or other results;
 *         77 this machine forbids it
 * See:    unix(7), send(2), recv(2), socketpair(2); stream_record.c, udp.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	char buf[32];
	ssize_t n;
	int sv[2], sent = 0, received = 0;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(77, "socketpair: see ulimit -n");

	/* Two datagrams are sent before one is received: they stay apart */
	if (send(sv[0], "one", 3, 0) == -1 || send(sv[0], "two", 3, 0) == -1)
		err(EXIT_FAILURE, "send");
	for (int i = 0; i < 2; i++) {
		n = recv(sv[1], buf, sizeof buf, 0);
		if (n != 3)
			err(EXIT_FAILURE, "recv");
		printf("received: %.*s\n", (int)n, buf);
	}

	/* Without MSG_DONTWAIT the last send would block until there is room */
	while (send(sv[0], "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "send to a full queue");
	printf("queue full, the sender has to wait: %s\n", strerror(errno));
	while (recv(sv[1], buf, sizeof buf, MSG_DONTWAIT) == 1)
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
