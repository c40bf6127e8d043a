// SPDX-License-Identifier: MIT
/*
 * unix_socketpair.c - ask a child over a pair of sockets, and get its answer
 *
 * Shows:  one socketpair is two directions, and shutdown(2) ends one of them
 * Build:  cc unix_socketpair.c -o unix_socketpair
 * Run:    ./unix_socketpair
 * Prints: what each side received, and that it saw the end
 * Exit:   0 done; 1 a call or the child failed;
 *         77 this machine forbids it
 * See:    socketpair(2), shutdown(2), recv(2), unix(7); ../../01-pipes
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child: the whole question first, then the answer, through one socket */
static int answer(int fd)
{
	char buf[64];
	/* MSG_WAITALL: until the buffer is full, or EOF */
	ssize_t len = recv(fd, buf, sizeof buf, MSG_WAITALL);

	printf("child: EOF after %zd bytes\n", len);
	for (ssize_t i = 0; i < len; i++)
		buf[i] = (char)toupper((unsigned char)buf[i]);
	if (fflush(stdout) == EOF || ferror(stdout))
		warn("child: write standard output");
	else if (len == -1 || send(fd, buf, (size_t)len, MSG_NOSIGNAL) != len)
		warn("child: recv and send");
	else
		return EXIT_SUCCESS;
	return EXIT_FAILURE;
}

int main(void)
{
	char buf[64];
	int sv[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(77, "socketpair: see ulimit -n");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		/* The parent's end. Its close(2) means EOF for this process if
		 * no copy of it is open. Its shutdown(2) means EOF at once */
		if (close(sv[0]) == -1 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		_exit(answer(sv[1]));
	}

	/* After shutdown the child gets EOF. This process can still receive */
	if (close(sv[1]) == -1 ||
	    send(sv[0], "is anybody there", 16, MSG_NOSIGNAL) != 16 ||
	    shutdown(sv[0], SHUT_WR) == -1)
		err(EXIT_FAILURE, "close, send, shutdown");
	ssize_t len = recv(sv[0], buf, sizeof buf, MSG_WAITALL);
	if (len == -1 || waitpid(pid, &status, 0) == -1 || close(sv[0]) == -1)
		err(EXIT_FAILURE, "recv, waitpid, close");
	if (len != 16 || status != 0)
		errx(EXIT_FAILURE, "the child failed");
	printf("parent: got %.*s, then EOF\n", (int)len, buf);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
