// SPDX-License-Identifier: MIT
/*
 * other.c - turns, where each half makes, names and removes its own FIFO, and
 * says how many lines it has printed, or that it is done, in a line of text
 *
 * Build:  cc other.c -o turns
 * Run:    ./turns first|second NAME <lines
 * Exit:   0 all lines are printed; 1 a call or the peer failed; 2 usage
 * See:    fifo(7), sigprocmask(2), sigtimedwait(2), pthread_create(3)
 */
#define _GNU_SOURCE /* asprintf */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sigset_t end_signals;
static char *own, *theirs;
static pthread_mutex_t names = PTHREAD_MUTEX_INITIALIZER;
static int has_met;

static void *wait_for_signals(void *unused)
{
	int sig;

	sigwait(&end_signals, &sig);
	pthread_mutex_lock(&names);
	if (!has_met) {
		unlink(own);
		unlink(theirs);
	}
	_exit(128 + sig);
	return unused;
}

static FILE *open_end(const char *name, const char *mode)
{
	if (mkfifo(name, 0600) == -1 && errno != EEXIST)
		err(EXIT_FAILURE, "mkfifo %s", name);
	FILE *end = fopen(name, mode);
	if (end == NULL)
		err(EXIT_FAILURE, "open %s", name);
	return end;
}

int main(int argc, char *argv[])
{
	char *line = NULL, answer[32];
	size_t size = 0;
	int printed = 0;
	ssize_t length;
	pthread_t thread;
	FILE *to = NULL, *from = NULL;

	if (argc != 3 ||
	    (strcmp(argv[1], "first") && strcmp(argv[1], "second")))
		errx(2, "usage: turns first|second NAME <lines");
	int is_first = strcmp(argv[1], "first") == 0;
	if (asprintf(&own, "%s%c", argv[2], is_first ? '>' : '<') == -1 ||
	    asprintf(&theirs, "%s%c", argv[2], is_first ? '<' : '>') == -1)
		errx(EXIT_FAILURE, "no memory");
	sigemptyset(&end_signals);
	sigaddset(&end_signals, SIGINT);
	sigaddset(&end_signals, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	if (pthread_sigmask(SIG_BLOCK, &end_signals, NULL) != 0 ||
	    pthread_create(&thread, NULL, wait_for_signals, NULL) != 0)
		errx(EXIT_FAILURE, "no thread for signals");

	/* The second half listens first */
	if (!is_first)
		from = open_end(theirs, "r");
	to = open_end(own, "w");
	if (is_first)
		from = open_end(theirs, "r");
	pthread_mutex_lock(&names);
	has_met = 1;
	if (is_first && (remove(own) == -1 || remove(theirs) == -1))
		err(EXIT_FAILURE, "remove %s, %s", own, theirs);
	pthread_mutex_unlock(&names);

	for (int is_mine = is_first;; is_mine = 0) {
		if (!is_mine && from != NULL) {
			if (fgets(answer, sizeof answer, from) == NULL)
				errx(EXIT_FAILURE, "%s: no word", theirs);
			if (strcmp(answer, "done\n") == 0)
				from = NULL;
		}
		length = getline(&line, &size, stdin);
		if (length > 0 && line[length - 1] == '\n')
			length--;
		if (length != -1 &&
		    dprintf(STDOUT_FILENO, "%.*s\n", (int)length, line) < 0)
			err(EXIT_FAILURE, "print");
		if (from != NULL &&
		    ((length == -1 ? fputs("done\n", to)
				   : fprintf(to, "%d\n", ++printed)) < 0 ||
		     fflush(to) == EOF))
			err(EXIT_FAILURE, "write %s", own);
		if (length == -1)
			return EXIT_SUCCESS;
	}
}
