// SPDX-License-Identifier: MIT
/*
 * open_modes.c - open a FIFO without waiting
 *
 * Shows:  what O_NONBLOCK and O_RDWR give, and a read when nobody writes
 * Build:  cc open_modes.c -o open_modes
 * Run:    ./open_modes
 * Prints: a line for each way to open, and for what read(2) gives then
 * Exit:   0 all as said here; 1 a call failed, or it was not so; 2 usage;
 *         77 TMPDIR is too long
 * See:    fifo(7), open(2), read(2), pipe(7); open_waits.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[4088], path[sizeof dir + 8];

static int usage(FILE *out)
{
	fputs("usage: open_modes\n"
	      "Open a FIFO in the ways that do not wait.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_fifo(void)
{
	unlink(path);
	rmdir(dir);
}

/* A FIFO in a folder that nobody else can enter. Signals that would end us wait
 * until we end, a moment later: nothing stays behind */
static void make_fifo(void)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (snprintf(dir, sizeof dir, "%s/fifo-XXXXXX", tmp ? tmp : "/tmp") >=
	    (int)sizeof dir)
		errx(77, "TMPDIR is too long: set a shorter one, such as /tmp");
	if (mkdtemp(dir) == NULL)
		err(EXIT_FAILURE, "mkdtemp %s", dir);
	snprintf(path, sizeof path, "%s/fifo", dir);
	if (atexit(remove_fifo) != 0 || mkfifo(path, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", path);
}

static void close_or_die(int fd)
{
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
}

/* One line: what the call gave, or why it gave nothing */
static void fact(const char *what, long result, int expected)
{
	int error = result == -1 ? errno : 0;

	printf("%s: %s\n", what, error ? strerror(error) : "at once");
	if (error != expected)
		errx(EXIT_FAILURE, "%s: not as expected", what);
}

static void fact_eof(const char *what, int fd)
{
	char c;

	if (read(fd, &c, 1) != 0)
		errx(EXIT_FAILURE, "%s: no end of file", what);
	printf("%s: end of file\n", what);
}

int main(int argc, char *argv[])
{
	char c;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_fifo();

	/* A nonblocking writer must have a reader; a reader need not wait */
	int w = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	fact("O_WRONLY|O_NONBLOCK, no reader", w, ENXIO);
	int r = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fact("O_RDONLY|O_NONBLOCK, no writer", r, 0);
	fact_eof("  read, no writer", r);
	w = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	fact("O_WRONLY|O_NONBLOCK, a reader", w, 0);
	fact("  read, a silent writer", read(r, &c, 1), EAGAIN);
	close_or_die(w);
	fact_eof("  read, the writer has closed", r);
	close_or_die(r);

	/* Both ends in one: never waits, and its reader never sees the end */
	int both = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	fact("O_RDWR, nobody else", both, 0);
	fact("  read, its own writer", read(both, &c, 1), EAGAIN);
	close_or_die(both);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
