// SPDX-License-Identifier: MIT
/*
 * udp_window.c - no more datagrams on their way than there is room for
 *
 * Shows:  a window, and an answer to each datagram, are a flow control
 * Build:  cc udp_window.c -o udp_window
 * Run:    ./udp_window
 * Prints: how many of 1000 datagrams were sent and received
 * Exit:   0 none was lost; 1 a call failed, or it was not so;
 *         77 this machine forbids it
 * See:    udp(7), socket(7), send(2), recv(2); udp.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 1000, WINDOW = 4, ROOM = 8192 /* bytes: some 10 datagrams */ };

struct datagram {
	uint32_t number; /* shows what is missing */
	char filling[508];
};

/* A socket on 127.0.0.1, at a port that the kernel chooses */
static int make_socket(struct sockaddr_in *addr)
{
	socklen_t len = sizeof *addr;
	int room = ROOM, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

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

/* The child: answer each datagram with its number, up to a gap or the last */
static int receive_all(int fd)
{
	struct datagram d;

	for (uint32_t expected = 0; expected < COUNT; expected++)
		if (recv(fd, &d, sizeof d, 0) <= 0 || d.number != expected ||
		    send(fd, &d.number, sizeof d.number, 0) == -1)
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

int main(void)
{
	struct sockaddr_in addr[2];
	struct datagram d = { .number = 0 };
	uint32_t answered = 0, number;
	int status, fd[2] = { make_socket(&addr[0]), make_socket(&addr[1]) };

	/* Each receives only from the other */
	for (int i = 0; i < 2; i++)
		if (connect(fd[i], (struct sockaddr *)&addr[!i],
			    sizeof addr[0]) == -1) {
			warn("no loopback, ip link set lo up may help");
			exit(77);
		}
	pid_t parent = getpid(), child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0)
		_exit(close(fd[0]) == -1 ||
		      prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || receive_all(fd[1]));
	if (close(fd[1]) == -1)
		err(EXIT_FAILURE, "close");

	/* At most WINDOW datagrams are on their way: so many have room. A real
	 * network drops some all the same, so a sender must keep and repeat
	 * what is not answered in time */
	while (answered < COUNT) {
		for (; d.number < COUNT && d.number - answered < WINDOW;
		     d.number++)
			if (send(fd[0], &d, sizeof d, 0) == -1)
				err(EXIT_FAILURE, "send");
		if (recv(fd[0], &number, sizeof number, 0) == -1)
			err(EXIT_FAILURE, "recv");
		if (number != answered++)
			errx(EXIT_FAILURE, "answer %u is missing", number);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(EXIT_FAILURE, "the receiver failed");
	printf("sent: %u, received: %u, lost: %u\n", d.number, answered,
	       d.number - answered);

	if (close(fd[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
