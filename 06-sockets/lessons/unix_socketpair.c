// SPDX-License-Identifier: MIT
/*
 * unix_socketpair.c - ask a child over a pair of sockets, and hear its answer
 *
 * Shows:  one socketpair is two directions, and shutdown(2) ends one of them
 * Build:  cc unix_socketpair.c -o unix_socketpair
 * Run:    ./unix_socketpair [TEXT]
 * Prints: who sent what, and what each side saw as the end
 * Exit:   0 done; 1 a call or the child failed; 2 usage
 * See:    socketpair(2), shutdown(2), unix(7); ../01-pipes: two pipes for this
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(FILE *out)
{
	fputs("usage: unix_socketpair [TEXT]\n"
	      "Send TEXT to a child, which answers in capitals.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Read until nobody can send any more; how many bytes that were. A stream has
 * no messages: only the end tells that the question, or the answer, is whole */
static size_t read_to_end(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, buf + len, size - len)) != 0) {
		if (n == -1 && errno != EINTR)
			err(EXIT_FAILURE, "read");
		if (n > 0)
			len += (size_t)n;
	}
	return len;
}

/* The child: the whole question first, and only then the answer, back through
 * the socket that it came from */
static void answer(int fd)
{
	char buf[4096];
	size_t len = read_to_end(fd, buf, sizeof buf);

	printf("child: EOF after %zu bytes\n", len);
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)toupper((unsigned char)buf[i]);
	if (write_all(fd, buf, len) == -1)
		err(EXIT_FAILURE, "child: write");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "child: write standard output");
	_exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
	const char *text = argc == 2 ? argv[1] : "is anybody there";
	char buf[4096];
	int sv[2], status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || *text == '-')
		return usage(stderr);
	if (strlen(text) >= sizeof buf)
		errx(2, "TEXT is longer than %zu bytes", sizeof buf - 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN); /* a dead child is an error to tell */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		/* Not ours. Kept, it would hide the parent's death from us */
		(void)close(sv[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		answer(sv[1]);
	}
	if (close(sv[1]) == -1) /* else no EOF when the child has gone */
		err(EXIT_FAILURE, "close");

	printf("parent: sends %s\n", text);
	if (write_all(sv[0], text, strlen(text)) == -1)
		err(EXIT_FAILURE, "write");
	/* Half-close: "that was all" is said, and we can still listen */
	if (shutdown(sv[0], SHUT_WR) == -1)
		err(EXIT_FAILURE, "shutdown");
	if (write(sv[0], "?", 1) != -1 || errno != EPIPE)
		err(EXIT_FAILURE, "a write after shutdown");
	printf("parent: a write after shutdown: %s\n", strerror(errno));
	size_t len = read_to_end(sv[0], buf, sizeof buf);
	printf("parent: got %.*s, then EOF\n", (int)len, buf);

	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	if (status != 0 || len != strlen(text))
		errx(EXIT_FAILURE, "the child failed");
	if (close(sv[0]) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
