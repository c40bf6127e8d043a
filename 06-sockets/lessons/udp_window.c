// SPDX-License-Identifier: MIT
/*
 * udp_window.c - send no more datagrams than there is room for
 *
 * Shows:  flow control: the sender waits for an answer to each window
 * Build:  cc udp_window.c -o udp_window
 * Run:    ./udp_window
 * Prints: how many of 1000 datagrams were sent and received
 * Exit:   0 none was lost; 1 a call failed, or some were;
 *         77 this machine forbids it
 * See:    udp(7), socket(7), send(2), recvfrom(2); udp.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 1000, WINDOW = 4, ROOM = 8192 /* bytes: some 10 datagrams */ };

static struct sockaddr_in addr = { .sin_family = AF_INET };
static socklen_t len = sizeof addr;
static char datagram[512];

/* The child: answer each window with the number of datagrams so far */
static int receive_all(int fd)
{
	struct sockaddr *from = (struct sockaddr *)&addr;

	for (int n = 1; n <= COUNT; n++) {
		if (recvfrom(fd, datagram, sizeof datagram, 0, from, &len) ==
		    -1)
			return EXIT_FAILURE;
		if (n % WINDOW == 0 &&
		    sendto(fd, &n, sizeof n, 0, from, len) == -1)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(void)
{
	int room = ROOM, received = 0, status;

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
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || receive_all(receiver));
	if (close(receiver) == -1)
		err(EXIT_FAILURE, "close");

	for (int n = 1; n <= COUNT; n++) {
		if (send(sender, datagram, sizeof datagram, 0) == -1)
			err(EXIT_FAILURE, "send");
		/* Blocks until the child has taken all of this window. Between
		 * machines datagrams get lost on the way: there a sender must
		 * wait for a limited time, and then send them again */
		if (n % WINDOW == 0 &&
		    recv(sender, &received, sizeof received, 0) == -1)
			err(EXIT_FAILURE, "recv");
	}
	if (waitpid(pid, &status, 0) == -1 || close(sender) == -1)
		err(EXIT_FAILURE, "waitpid, close");
	printf("sent: %d, received: %d, lost: %d\n", COUNT, received,
	       COUNT - received);
	if (status != 0 || received != COUNT)
		errx(EXIT_FAILURE, "expected no loss");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
