// SPDX-License-Identifier: MIT
/*
 * unix_stream_consumer.c - copy a Unix stream socket to standard output
 *
 * Shows:  who listens owns the name; the kernel says who has connected
 * Build:  cc unix_stream_consumer.c -o unix_stream_consumer
 * Run:    ./unix_stream_consumer [PATH|@NAME] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    unix(7), bind(2), accept(2); unix_stream_producer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_stream.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *path;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };
static socklen_t addr_len;
static volatile sig_atomic_t created; /* path is ours to remove */

static int usage(FILE *out)
{
	fputs("usage: unix_stream_consumer [PATH|@NAME]\n"
	      "Listen at PATH, or at the abstract NAME, and copy what one\n"
	      "producer sends to standard output.\n"
	      "PATH is /tmp/linux-ipc-UID.stream unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_created(void)
{
	if (created)
		unlink(path);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* A socket of ours that nobody has open refuses connect(2): a killed consumer
 * left it. A live one does not notice the attempt, for its type is another */
static void remove_stale(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (connect(fd, (struct sockaddr *)&addr, addr_len) == -1 &&
	    errno == ECONNREFUSED && *path != '@' && lstat(path, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_uid == geteuid())
		unlink(path);
	close(fd);
}

/* Signals wait until we know whether there is something to remove */
static int make_listener(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	umask(0177); /* leaves mode 0600 to the file that bind makes */
	if (fd == -1 || bind(fd, (struct sockaddr *)&addr, addr_len) == -1)
		err(EXIT_FAILURE, "bind %s", path);
	created = *path != '@';
	if (listen(fd, 1) == -1 || sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "listen %s", path);
	return fd;
}

/* Wait for a producer of this user: the kernel knows who has connected */
static int accept_producer(int listener)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	int fd;

	warnx("waiting on %s", path);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -1 && errno == EINTR)
			continue;
		if (fd == -1 ||
		    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
			err(EXIT_FAILURE, "accept %s", path);
		if (peer.uid == geteuid())
			break;
		warnx("%s: refused a producer of another user", path);
		close(fd);
	}
	/* They have met: the connection needs neither name nor listener */
	if (created && unlink(path) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", path);
	created = 0;
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	return fd;
}

/* read(2), begun again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
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

int main(int argc, char *argv[])
{
	static char buf[STREAM_CHUNK], preset[sizeof STREAM_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	snprintf(preset, sizeof preset, STREAM_DEFAULT, (uintmax_t)geteuid());
	path = argc == 2 ? argv[1] : preset;
	/* A leading @ stands for the NUL byte that makes a name abstract */
	addr_len = sizeof addr.sun_family + (socklen_t)strlen(path);
	if (strcmp(path, "@") == 0)
		return usage(stderr);
	if (strlen(path) >= sizeof addr.sun_path)
		errx(2, "PATH or @NAME is longer than %zu bytes",
		     sizeof addr.sun_path - 1);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	memcpy(addr.sun_path, path, strlen(path));
	if (*path == '@')
		*addr.sun_path = '\0';

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	remove_stale();
	int fd = accept_producer(make_listener());

	/* 0 is EOF: nobody can send any more. The bytes come as the socket held
	 * them: where one write ended and the next began is forgotten */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	/* Our close tells the producer that all has been written */
	if (close(STDOUT_FILENO) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
