// SPDX-License-Identifier: MIT
/*
 * fifo_consumer.c - copy a FIFO to standard output
 *
 * Shows:  opening is the rendezvous: open(2) to read waits for a writer
 * Build:  cc fifo_consumer.c -o fifo_consumer
 * Run:    ./fifo_consumer [PATH] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), pipe(7); fifo_producer.c, fifo.h
 */
#define _POSIX_C_SOURCE	  200809L
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include "fifo.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static volatile sig_atomic_t created; /* path is ours to remove */

static int usage(FILE *out)
{
	fputs("usage: fifo_consumer [PATH]\n"
	      "Copy the FIFO at PATH, made if missing, to standard output.\n"
	      "PATH is /tmp/linux-ipc-UID.fifo unless given.\n",
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

/* Signals wait until we know whether there is something to remove */
static void make_fifo(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	if (mkfifo(path, 0600) == 0)
		created = 1;
	else if (errno == ENAMETOOLONG)
		errx(2, "PATH is longer than %d, or a name in it than %d bytes",
		     PATH_MAX - 1, NAME_MAX);
	else if (errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", path);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
}

/* The rendezvous: open waits until the other half has opened the FIFO too */
static int open_fifo(int access)
{
	struct stat st;
	int fd;

	make_fifo();
	warnx("waiting on %s", path);
	do
		fd = open(path, access | O_NOFOLLOW | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_FAILURE, "open %s", path);
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a FIFO of this user", path);

	/* They have met: the pipe between them lives on without a name */
	created = 0;
	if (unlink(path) == -1 && errno != ENOENT)
		err(EXIT_FAILURE, "unlink %s", path);
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
	static char buf[FIFO_CHUNK], preset[sizeof FIFO_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);
	snprintf(preset, sizeof preset, FIFO_DEFAULT, (uintmax_t)geteuid());
	path = argc == 2 ? argv[1] : preset;

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	int fd = open_fifo(O_RDONLY);

	/* 0 is EOF: all writers have closed. The bytes come as the pipe held
	 * them: where one write ended and the next began is forgotten */
	while ((n = read_some(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "read %s", path);

	if (close(fd) == -1 || close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
