// SPDX-License-Identifier: MIT
/*
 * echo_client.c - send standard input to an echo server, print the echo
 *
 * Shows:  one process for each direction: writing everything first deadlocks
 * Build:  cc echo_client.c -o echo_client
 * Run:    ./echo_client CONNECTIONS PATH <file
 * Prints: the echo, from the last of the connections: the others are idle; on
 *         standard error: how many bytes that was
 * Exit:   0 all was echoed; 1 a call or the server failed; 2 usage; 77 a limit
 * See:    shutdown(2), unix(7), socket(7); echo_server.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct sum {
	size_t bytes;
	unsigned hash;
};
static struct sum *sent, got; /* sent: by the child, in shared memory */
static char buf[65536];
static int fd = -1;

static void add(struct sum *sum, size_t n)
{
	sum->bytes += n;
	for (size_t i = 0; i < n; i++)
		sum->hash = sum->hash * 31 + (unsigned char)buf[i];
}

/* The child. If one process sent everything first, the echo would fill both
 * sockets, the server would stop reading, and each would wait for the other.
 * send blocks until all is sent. If it sends less, the server has exited */
static int send_input(void)
{
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		add(sent, (size_t)n);
		if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
			return EXIT_FAILURE;
	}
	if (n == 0)
		return EXIT_SUCCESS;
	warn("read standard input");
	return EXIT_FAILURE;
}

/* SIGCHLD: the child has sent everything, or was killed. The server gets EOF */
static void end_sending(int sig)
{
	(void)sig;
	(void)shutdown(fd, SHUT_WR); /* the server may have exited */
}

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct sigaction sa = { .sa_handler = end_sending,
				.sa_flags = SA_RESTART | SA_NOCLDSTOP };
	ssize_t n;
	int status;
	char *end = "";
	long count = argc == 3 ? strtol(argv[1], &end, 10) : 0;

	if (count < 1 || *end != '\0' || *argv[2] == '\0' ||
	    strlen(argv[2]) >= sizeof addr.sun_path)
		errx(2, "usage: echo_client CONNECTIONS PATH <file "
			"(PATH: at most 107 bytes)");
	strcpy(addr.sun_path, argv[2]);
	signal(SIGPIPE, SIG_IGN); /* a closed output is an error */
	/* The idle connections stay open until this process exits */
	for (long i = 0; i < count; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd == -1)
			err(77, "socket: see ulimit -n");
		if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == -1)
			err(EXIT_FAILURE, "connect %s", argv[2]);
	}

	sent = mmap(NULL, sizeof *sent, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sent == MAP_FAILED || sigaction(SIGCHLD, &sa, NULL) == -1 ||
	    sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL) == -1) /* to none */
		err(EXIT_FAILURE, "mmap, sigaction, sigprocmask");
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0)
		_exit(prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		      getppid() != parent || send_input());

	/* Up to EOF: the server closes the connection */
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		add(&got, (size_t)n);
	}
	if (n == -1)
		warn("read");
	if (waitpid(pid, &status, WNOHANG) != pid || got.bytes < sent->bytes)
		errx(EXIT_FAILURE, "the server ended: %zu of %zu bytes",
		     got.bytes, sent->bytes);
	if (status != 0 || got.hash != sent->hash || close(fd) == -1)
		errx(EXIT_FAILURE, "the child failed, or the echo differs");
	warnx("bytes echoed: %zu", got.bytes);
	return EXIT_SUCCESS;
}
