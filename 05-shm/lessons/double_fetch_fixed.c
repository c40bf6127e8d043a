// SPDX-License-Identifier: MIT
/*
 * double_fetch_fixed.c - read a length in shared memory once, and check that
 *
 * Shows:  what is copied first and then checked stays what was checked
 * Build:  cc double_fetch_fixed.c -o double_fetch_fixed
 * Run:    ./double_fetch_fixed
 * Prints: which length was checked, and how many bytes were copied
 * Exit:   0 done; 1 a call failed; 2 usage
 * See:    mmap(2), socketpair(2); double_fetch.c
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS, SOCK_CLOEXEC */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 16, ROOM = 64 }; /* LIMIT bytes are for the message */

struct message {
	size_t len; /* written by the other process, at any time */
	char data[ROOM];
};

static int usage(FILE *out)
{
	fputs("usage: double_fetch_fixed\n"
	      "Take a message whose sender changes its length meanwhile.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A real attacker flips the length in a loop, until it hits the moment between
 * check and use. This one is told when that is: so it hits at once */
static void attack(volatile struct message *m, int sock)
{
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
	if (read(sock, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
	m->len = ROOM - LIMIT;
	_exit(send(sock, &byte, 1, MSG_NOSIGNAL) != 1);
}

/* The moment: only a few instructions, yet the other process runs in it */
static void moment(int sock)
{
	char byte = 0;

	if (send(sock, &byte, 1, MSG_NOSIGNAL) != 1 ||
	    read(sock, &byte, 1) != 1)
		errx(EXIT_FAILURE, "the attacker has gone");
}

/* volatile: each mention of m->len is a read of memory, in this order. Without
 * it the compiler may read once or twice, as it likes: no protection either */
static size_t take(volatile struct message *m, char *to, int sock)
{
	size_t len = m->len;

	if (len > LIMIT)
		errx(EXIT_FAILURE, "message of %zu bytes", len);
	printf("checked %zu, at most %d\n", len, LIMIT);
	moment(sock);
	for (size_t i = 0; i < len; i++)
		to[i] = m->data[i];
	return len;
}

static pid_t start_attacker(volatile struct message *m, int sv[2])
{
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)close(sv[0]); /* so that we see the other's end */
		attack(m, sv[1]);
	}
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	return pid;
}

int main(int argc, char *argv[])
{
	char to[ROOM]; /* with room behind LIMIT, so that no harm is done */
	int sv[2], status;
	struct message *m;
	size_t len;
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	m->len = LIMIT / 2;
	pid = start_attacker(m, sv);

	len = take(m, to, sv[0]);
	printf("copied %zu, %zu too many\n", len,
	       len > LIMIT ? len - LIMIT : 0);
	if (waitpid(pid, &status, 0) == -1) /* no handler here: no EINTR */
		err(EXIT_FAILURE, "waitpid");
	printf("it says %zu now\n", m->len);
	if (status != 0 || m->len <= LIMIT || len > LIMIT)
		errx(EXIT_FAILURE, "expected the length checked");

	if (close(sv[0]) == -1 || munmap(m, sizeof *m) == -1)
		err(EXIT_FAILURE, "close, munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
