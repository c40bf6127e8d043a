// SPDX-License-Identifier: MIT
/*
 * udp.c - datagrams get lost on one machine too
 *
 * Shows:  UDP has no flow control: a datagram is dropped if there is no room
 * Build:  cc udp.c -o udp
 * Run:    ./udp
 * Prints: how many of 1000 datagrams were sent, received and lost
 * Exit:   0 some were lost; 1 a call failed, or none was;
 *         77 this machine forbids it
 * See:    udp(7), socket(7), send(2), recv(2); udp_window.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT = 1000, ROOM = 8192 /* bytes: some 10 datagrams */ };

struct datagram {
	uint32_t number; /* shows what is missing */
	char filling[508];
};

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof addr;
	struct datagram d = { .number = 0 };
	uint32_t received = 0, expected = 0, lost = 0;
	int room = ROOM;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (receiver == -1 || sender == -1 ||
	    setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &room, sizeof room))
		err(77, "socket, SO_RCVBUF: see ulimit -n");
	/* Port 0: the kernel chooses a free one */
	if (bind(receiver, (struct sockaddr *)&addr, len) == -1 ||
	    getsockname(receiver, (struct sockaddr *)&addr, &len) == -1 ||
	    connect(sender, (struct sockaddr *)&addr, len) == -1) {
		warn("127.0.0.1 cannot be used, ip link set lo up may help");
		exit(77);
	}

	/* Nothing is read meanwhile. No send fails, and none blocks */
	for (; d.number < COUNT; d.number++)
		if (send(sender, &d, sizeof d, 0) != (ssize_t)sizeof d)
			err(EXIT_FAILURE, "send");

	for (; recv(receiver, &d, sizeof d, MSG_DONTWAIT) > 0; received++) {
		lost += d.number - expected; /* a gap in the numbers */
		expected = d.number + 1;
	}
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "recv");
	lost += COUNT - expected; /* a gap at the end */
	printf("sent: %d, received: %u, lost: %u\n", COUNT, received, lost);
	if (received == 0 || lost == 0 || received + lost != COUNT)
		errx(EXIT_FAILURE, "expected a loss");

	if (close(sender) == -1 || close(receiver) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
