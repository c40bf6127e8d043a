// SPDX-License-Identifier: MIT
/*
 * udp.c - datagrams get lost on one machine too
 *
 * Shows:  UDP has no flow control: what the receiver has no room for is dropped
 * Build:  cc udp.c -o udp
 * Run:    ./udp
 * Prints: how many of 1000 datagrams came
 * Exit:   0 all as said here; 1 a call failed, or it was not so; 2 usage;
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
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT = 1000, ROOM = 8192 /* bytes: some 10 datagrams */ };

struct datagram {
	uint32_t number; /* shows what is missing, and in which order it came */
	char filling[508];
};

static int usage(FILE *out)
{
	fputs("usage: udp\n"
	      "Send datagrams to a receiver that has little room.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int make_socket(struct sockaddr_in *addr)
{
	socklen_t len = sizeof *addr;
	int room = ROOM;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET };
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)addr, len) == -1) {
		warn("127.0.0.1 cannot be used, ip link set lo up may help");
		exit(77);
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) == -1 ||
	    getsockname(fd, (struct sockaddr *)addr, &len) == -1)
		err(EXIT_FAILURE, "setsockopt or getsockname");
	return fd;
}

/* Each end hears only the other, and of a closed one: ECONNREFUSED */
static void make_pair(int fd[2])
{
	struct sockaddr_in addr[2];

	fd[0] = make_socket(&addr[0]);
	fd[1] = make_socket(&addr[1]);
	for (int i = 0; i < 2; i++)
		if (connect(fd[i], (struct sockaddr *)&addr[!i],
			    sizeof addr[0]) == -1) {
			warn("no loopback, ip link set lo up may help");
			exit(77);
		}
}

static void close_pair(const int fd[2])
{
	if (close(fd[0]) == -1 || close(fd[1]) == -1)
		err(EXIT_FAILURE, "close");
}

static void send_number(int fd, uint32_t number)
{
	struct datagram d = { .number = number };

	if (send(fd, &d, sizeof d, 0) != (ssize_t)sizeof d)
		err(EXIT_FAILURE, "send");
}

/* Nobody reads while we send. No send fails, none waits: that is the trap */
static void without_flow_control(void)
{
	struct datagram d;
	uint32_t came = 0, expected = 0, lost = 0;
	int fd[2];

	make_pair(fd);
	for (uint32_t i = 0; i < COUNT; i++)
		send_number(fd[0], i);
	for (; recv(fd[1], &d, sizeof d, MSG_DONTWAIT) > 0; came++) {
		lost += d.number - expected; /* a gap in the numbers */
		expected = d.number + 1;
	}
	if (errno != EAGAIN)
		err(EXIT_FAILURE, "recv");
	lost += COUNT - expected; /* nothing came that shows these gaps */
	printf("no flow control: %d sent, %u came, %u lost\n", COUNT, came,
	       lost);
	close_pair(fd);
	if (came == 0 || lost == 0 || came + lost != COUNT)
		errx(EXIT_FAILURE, "not as expected");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	without_flow_control();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
