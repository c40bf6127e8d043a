// SPDX-License-Identifier: MIT
/*
 * unix_peer_identity.c - ask the kernel which process is at the other end
 *
 * Shows:  the kernel vouches for the pid and the user of the peer
 * Build:  cc unix_peer_identity.c -o unix_peer_identity
 * Run:    ./unix_peer_identity
 * Prints: what SO_PEERCRED reports of a client that has exited
 * Exit:   0 done; 1 a call failed, or other results;
 *         77 this machine forbids it
 * See:    unix(7): SO_PEERCRED, SO_PEERPIDFD; credentials(7);
 *         unix_forged_pid.c
 */
#define _GNU_SOURCE /* struct ucred, accept4 */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The client: connect. Returns the status, with which it exits at once */
static int be_client(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, address, len) == -1) {
		warn("client: connect");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(void)
{
	struct sockaddr_storage name = { .ss_family = AF_UNIX };
	struct sockaddr *address = (struct sockaddr *)&name;
	socklen_t len = sizeof name;
	int status;

	/* If the address has no name, bind chooses an abstract one */
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener == -1 || bind(listener, address, sizeof name.ss_family) ||
	    listen(listener, 1) || getsockname(listener, address, &len))
		err(77, "make a listener: see ulimit -n");
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || close(listener) == -1 ||
		      be_client(address, len));
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the client failed");

	/* The connection waits in the listener's queue. The kernel noted at
	 * connect(2) which process it was. By now that pid may belong to
	 * another process: SO_PEERPIDFD, of Linux 6.5, avoids that */
	struct ucred cred;
	socklen_t size = sizeof cred;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		err(77, "accept: see ulimit -n");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == -1)
		err(EXIT_FAILURE, "getsockopt SO_PEERCRED");
	if (cred.pid != pid || cred.uid != getuid())
		errx(EXIT_FAILURE, "pid %d, uid %u", cred.pid, cred.uid);
	printf("SO_PEERCRED: the pid of the client, the uid of this user\n");

	if (close(fd) == -1 || close(listener) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
