// SPDX-License-Identifier: MIT
/*
 * fifo_client.c - ask the server, and print its answer
 *
 * Shows:  open the FIFO for the answer before you ask, and watch the server
 * Build:  cc fifo_client.c -o fifo_client
 * Run:    ./fifo_client PATH TEXT
 * Prints: the answer: TEXT in capitals
 * Exit:   0 answered; 1 a call or the server failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), poll(2); fifo_server.c, fifo_server.h
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include "fifo_server.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char reply[PATH_MAX];
static volatile sig_atomic_t created; /* reply is ours to remove */

static int usage(FILE *out)
{
	fputs(
	    "usage: fifo_client PATH TEXT\n"
	    "Ask the server at PATH for TEXT in capitals. TEXT is one line.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_created(void)
{
	if (created)
		unlink(reply);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* Signals wait until we know whether there is something to remove. What has our
 * PID in its name and is not ours was left by a client that was killed */
static void make_reply(const char *path)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	snprintf(reply, sizeof reply, "%s.%jd", path, (intmax_t)getpid());
	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	if (unlink(reply) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", reply);
	if (mkfifo(reply, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", reply);
	created = 1;
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* O_NONBLOCK: without a server this is ENXIO, not a wait. Afterwards a write
 * may wait for room */
static int open_server(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 && (errno == ENXIO || errno == ENOENT))
		errx(EXIT_FAILURE, "open %s: %s: start fifo_server %s first",
		     path, strerror(errno), path);
	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s", path);
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);
	if (fcntl(fd, F_SETFL, 0) == -1)
		err(EXIT_FAILURE, "fcntl %s", path);
	return fd;
}

/* Wait for the answer only as long as the server is there. If it has gone, the
 * answer may still have come before that: so look at the answer first */
static ssize_t read_answer(int in, int server, char *buf, size_t size)
{
	struct pollfd fds[] = { { .fd = in, .events = POLLIN },
				{ .fd = server } };

	if (poll(fds, 2, -1) == -1) /* no handler of ours returns: no EINTR */
		err(EXIT_FAILURE, "poll");
	ssize_t got = read(in, buf, size);
	if (got == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "read %s", reply);
	if (got <= 0)
		errx(EXIT_FAILURE, "the server has gone");
	return got;
}

int main(int argc, char *argv[])
{
	char buf[REQUEST_MAX + 1];

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc != 3 || !*argv[1] || *argv[1] == '-' || strchr(argv[2], '\n'))
		return usage(stderr);
	const char *slash = strrchr(argv[1], '/');
	if (strlen(argv[1]) > SERVER_PATH_MAX ||
	    strlen(slash ? slash + 1 : argv[1]) > SERVER_NAME_MAX)
		errx(2, "PATH is longer than %d, or its end than %d bytes",
		     SERVER_PATH_MAX, SERVER_NAME_MAX);
	int len = snprintf(buf, sizeof buf, "\n%jd %s\n", (intmax_t)getpid(),
			   argv[2]);
	if (len > REQUEST_MAX)
		errx(2, "a request of %d bytes: the limit is %d", len,
		     REQUEST_MAX);
	signal(SIGPIPE, SIG_IGN); /* EPIPE says it better */

	int server = open_server(argv[1]);
	make_reply(argv[1]);
	/* The server does not wait for us: we must read before we ask */
	int in = open(reply, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (in == -1)
		err(EXIT_FAILURE, "open %s", reply);
	/* At most PIPE_BUF bytes: all of them at once, or none */
	if (write(server, buf, (size_t)len) != len)
		err(EXIT_FAILURE, "write %s", argv[1]);
	ssize_t n = read_answer(in, server, buf, sizeof buf);

	if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
	    fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	if (close(in) == -1 || close(server) == -1)
		err(EXIT_FAILURE, "close");
	return EXIT_SUCCESS;
}
