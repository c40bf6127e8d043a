// SPDX-License-Identifier: MIT
/*
 * echo_client.c - send standard input to an echo server, print the echo
 *
 * Shows:  who sends all before it reads deadlocks; one process for each way
 * Build:  cc echo_client.c -o echo_client
 * Run:    ./echo_client 1 ./sock <file; ./echo_client 1 ::1 PORT <file
 * Prints: what came back; on standard error: how much that was
 * Exit:   0 all came back; 1 a call or the server failed; 2 usage
 * See:    shutdown(2), getaddrinfo(3), unix(7), ip(7); echo_server.c
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS = 1000 };
static uintmax_t *sent; /* shared with the process that sends */

static int usage(FILE *out)
{
	fputs("usage: echo_client CONNECTIONS PATH | HOST PORT\n"
	      "Send standard input to an echo server, a Unix socket or an IP\n"
	      "address, and copy what comes back to standard output. Of 1 to\n"
	      "1000 CONNECTIONS all but the last stay idle meanwhile.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int connect_to(const char *host, const char *port)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo unix_socket = { .ai_family = AF_UNIX,
					.ai_addr = (struct sockaddr *)&un,
					.ai_addrlen = sizeof un };
	struct addrinfo *found = NULL, *to = &unix_socket;

	if (port != NULL) {
		int bad = getaddrinfo(host, port, &hints, &found);
		if (bad || strtoul(port, NULL, 10) > 65535)
			errx(2, "%s %s: no address and port", host, port);
		to = found;
	} else if (strlen(host) >= sizeof un.sun_path) {
		errx(2, "PATH is longer than %zu bytes",
		     sizeof un.sun_path - 1);
	} else {
		strcpy(un.sun_path, host);
	}
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, to->ai_addr, to->ai_addrlen) == -1)
		err(EXIT_FAILURE, "connect %s", host);
	if (found != NULL)
		freeaddrinfo(found);
	return fd;
}

/* The other direction, in a process of its own: if we only sent, the echo would
 * fill the socket, the server stop reading, and each wait for the other */
static void send_input(int fd, pid_t parent)
{
	FILE *server = fdopen(fd, "w"); /* stdio goes on until all is written */
	char buf[65536];
	ssize_t n;

	if (server == NULL || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    getppid() != parent)
		_exit(EXIT_FAILURE);
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0) {
		*sent += (uintmax_t)n;
		if (fwrite(buf, 1, (size_t)n, server) != (size_t)n ||
		    fflush(server) == EOF)
			_exit(EXIT_FAILURE); /* the parent tells why */
	}
	if (n == -1)
		err(EXIT_FAILURE, "read standard input");
	if (shutdown(fd, SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown");
	_exit(EXIT_SUCCESS);
}

/* Until the server ends the connection, which it does after ours has ended */
static void print_echo(int fd)
{
	char buf[65536];
	uintmax_t got = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		got += (uintmax_t)n;
	}
	if (n == -1 && errno != ECONNRESET)
		err(EXIT_FAILURE, "read");
	if (got != *sent)
		errx(EXIT_FAILURE, "the server ended: %ju of %ju bytes", got,
		     *sent);
	warnx("%ju byte%s came back", got, got == 1 ? "" : "s");
}

int main(int argc, char *argv[])
{
	static int fds[CONNECTIONS];
	char *rest = "";

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	long count = argc > 1 ? strtol(argv[1], &rest, 10) : 0;
	if (argc < 3 || argc > 4 || *rest || count < 1 || count > CONNECTIONS)
		return usage(stderr);
	signal(SIGPIPE, SIG_IGN); /* a closed output is an error */
	sent = mmap(NULL, sizeof *sent, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sent == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	for (long i = 0; i < count; i++)
		fds[i] = connect_to(argv[2], argv[3]);

	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		send_input(fds[count - 1], parent);
	print_echo(fds[count - 1]);
	for (long i = 0; i < count; i++)
		if (close(fds[i]) == -1)
			err(EXIT_FAILURE, "close");
	return EXIT_SUCCESS;
}
