// SPDX-License-Identifier: MIT
/*
 * turns.c - two processes print their lines in turn
 *
 * Build:  cc turns.c -o turns
 * Run:    ./turns first NAME <lines
 *         ./turns second NAME <lines
 * Exit:   0 all lines are printed; 1 a call or the peer failed; 2 usage
 * See:    fifo(7), mkfifo(3), open(2), unlink(2), getline(3); task turns of the
 *         lab
 */
#define _POSIX_C_SOURCE 200809L
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one half writes to the other. End-of-file without DONE is a death */
enum { TURN = 't', DONE = 'd' };

static char path[2][PATH_MAX]; /* the FIFOs that first and second write to */

static void remove_fifos(int sig)
{
	unlink(path[0]); /* best effort */
	unlink(path[1]);
	_exit(128 + sig);
}

static void on_end_signals(void (*action)(int))
{
	if (signal(SIGINT, action) == SIG_ERR ||
	    signal(SIGTERM, action) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
}

/* Open both FIFOs: fd[me] to write, the other one to read. Both halves open
 * them in the same order, so each open meets that of the peer */
static void meet(int me, int fd[2])
{
	on_end_signals(remove_fifos);
	for (int i = 0; i < 2; i++)
		if (mkfifo(path[i], 0600) == -1 && errno != EEXIST)
			err(EXIT_FAILURE, "mkfifo %s", path[i]);
	for (int i = 0; i < 2; i++) {
		fd[i] = open(path[i], i == me ? O_WRONLY : O_RDONLY);
		if (fd[i] == -1)
			err(EXIT_FAILURE, "open %s", path[i]);
		/* The first half has started, and will remove the names. From
		 * then on they may be those of another pair */
		if (me == 1)
			on_end_signals(SIG_DFL);
	}
	/* Both FIFOs are open, so nobody needs their names any more */
	on_end_signals(SIG_DFL);
	if (me == 0 && (unlink(path[0]) == -1 || unlink(path[1]) == -1))
		err(EXIT_FAILURE, "unlink %s, %s", path[0], path[1]);
}

/* Returns 1 if the line of standard input is printed, 0 if there is none */
static int print_line(void)
{
	static char *line;
	static size_t size;
	ssize_t length = getline(&line, &size, stdin);

	if (length == -1 && ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	if (length == -1)
		return 0;
	fputs(line, stdout);
	if (line[length - 1] != '\n')
		putchar('\n');
	/* Before the peer has its turn */
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return 1;
}

int main(int argc, char *argv[])
{
	int is_first = argc == 3 && strcmp(argv[1], "first") == 0;
	int is_second = argc == 3 && strcmp(argv[1], "second") == 0;
	int fd[2], me = is_second, peer = is_first;

	if (!is_first && !is_second)
		errx(2, "usage: turns first|second NAME <lines");
	if (snprintf(path[0], PATH_MAX, "%s.first", argv[2]) >= PATH_MAX ||
	    snprintf(path[1], PATH_MAX, "%s.second", argv[2]) >= PATH_MAX)
		errx(2, "NAME is too long");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* write fails instead */
		err(EXIT_FAILURE, "signal");
	meet(me, fd);

	int has_turn = is_first, is_alone = 0;
	for (;;) {
		char said = TURN;
		if (!has_turn && read(fd[peer], &said, 1) != 1)
			errx(EXIT_FAILURE, "the peer has ended too early");
		/* A peer says so once: all turns are ours from then on */
		is_alone |= said == DONE;

		int is_printed = print_line();
		char say = is_printed ? TURN : DONE;
		if (!is_alone && write(fd[me], &say, 1) != 1)
			err(EXIT_FAILURE, "the peer has ended: write");
		if (!is_printed)
			return EXIT_SUCCESS;
		has_turn = is_alone;
	}
}
