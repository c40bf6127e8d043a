// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket_consumer.c - copy a Unix packet socket to output
 *
 * Shows:  messages over a connection; an empty one is not EOF
 * Build:  cc unix_seqpacket_consumer.c -o unix_seqpacket_consumer
 * Run:    ./unix_seqpacket_consumer [PATH|@NAME] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    unix(7), bind(2), accept(2); unix_seqpacket_producer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_seqpacket.h"
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
	fputs("usage: unix_seqpacket_consumer [PATH|@NAME]\n"
	      "Listen at PATH, or at the abstract NAME, and copy what one\n"
	      "producer sends to standard output.\n"
	      "PATH is /tmp/linux-ipc-UID.seqpacket unless given.\n",
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
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
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
	int fd, on = 1;

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
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		err(EXIT_FAILURE, "setsockopt SO_PASSCRED");
	/* They have met: the connection needs neither name nor listener */
	if (created && unlink(path) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", path);
	created = 0;
	if (close(listener) == -1)
		err(EXIT_FAILURE, "close");
	return fd;
}

/* The end and EOF are both 0 bytes. But a message, an empty one too, comes with
 * its sender's credentials, since we set SO_PASSCRED; EOF comes with nothing */
static ssize_t receive(int fd, void *buf, size_t size)
{
	union {
		struct cmsghdr header; /* for the alignment */
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} cred;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &cred,
			      .msg_controllen = sizeof cred };
	ssize_t n;

	do
		n = recvmsg(fd, &msg, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		err(EXIT_FAILURE, "recvmsg %s", path);
	if (n == 0 && msg.msg_controllen == 0)
		errx(EXIT_FAILURE, "%s: the producer died unfinished", path);
	if (msg.msg_flags & MSG_TRUNC)
		errx(EXIT_FAILURE, "%s: a message of more than %zu bytes", path,
		     size);
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
	static char buf[SEQPACKET_MAX], preset[sizeof SEQPACKET_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	snprintf(preset, sizeof preset, SEQPACKET_DEFAULT,
		 (uintmax_t)geteuid());
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

	/* One recvmsg(2) takes one message, whole, however long it is */
	while ((n = receive(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}

	/* Our close tells the producer that all has been written */
	if (close(STDOUT_FILENO) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "close");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
