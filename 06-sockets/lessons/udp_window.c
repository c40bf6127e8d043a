// SPDX-License-Identifier: MIT
/*
 * udp_window.c - no more datagrams on their way than there is room for
 *
 * Shows:  a window, and an answer to each datagram, are a flow control
 * Build:  cc udp_window.c -o udp_window
 * Run:    ./udp_window
 * Prints: how many of 1000 datagrams came
 * Exit:   0 all as said here; 1 a call failed, or it was not so; 2 usage;
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
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 1000, WINDOW = 4, ROOM = 8192 /* bytes: some 10 datagrams */ };

struct datagram {
	uint32_t number; /* shows what is missing, and in which order it came */
	char filling[508];
};

static int usage(FILE *out)
{
	fputs("usage: udp_window\n"
	      "Send to a receiver no more than it has room for.\n",
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

static void send_number(int fd, uint32_t number)
{
	struct datagram d = { .number = number };

	if (send(fd, &d, sizeof d, 0) != (ssize_t)sizeof d)
		err(EXIT_FAILURE, "send");
}

/* Answers each datagram with its number. Leaves at the last, or at a gap */
static int receive_all(int fd)
{
	struct datagram d;

	for (uint32_t expected = 0; expected < COUNT; expected++)
		if (recv(fd, &d, sizeof d, 0) <= 0 || d.number != expected ||
		    send(fd, &d.number, sizeof d.number, 0) == -1)
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

/* At most WINDOW datagrams are on their way, and so many do find room. A real
 * network drops some all the same: then a sender must keep, time and repeat */
static void with_window(void)
{
	uint32_t sent = 0, answered = 0, number;
	int fd[2], status;

	make_pair(fd);
	pid_t parent = getpid(), child = fork();
	if (child == -1)
		err(EXIT_FAILURE, "fork");
	if (child == 0) /* were we killed, it would wait for ever */
		_exit(close(fd[0]) == -1 ||
		      prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || receive_all(fd[1]));
	if (close(fd[1]) == -1)
		err(EXIT_FAILURE, "close");
	while (answered < COUNT) {
		for (; sent < COUNT && sent - answered < WINDOW; sent++)
			send_number(fd[0], sent);
		if (recv(fd[0], &number, sizeof number, 0) == -1)
			err(EXIT_FAILURE, "recv");
		if (number != answered++)
			errx(EXIT_FAILURE, "answer %u is missing", number);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		errx(EXIT_FAILURE, "the receiver failed");
	printf("a window of %d: %u sent, %u came, %u lost\n", WINDOW, sent,
	       answered, sent - answered);
	if (close(fd[0]) == -1)
		err(EXIT_FAILURE, "close");
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	with_window();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
