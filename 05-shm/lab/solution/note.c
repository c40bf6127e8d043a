// SPDX-License-Identifier: MIT
/*
 * note.c - a line that several processes edit, one after the other
 *
 * Build:  cc note.c -o note
 * Run:    ./note edit /NAME
 *         ./note show /NAME
 *         ./note remove /NAME
 * Exit:   0 done; 1 a call failed, or there is no new line; 2 usage
 * See:    shm_open(3), mmap(2), pthread_mutexattr_setrobust(3),
 *         pthread_mutex_consistent(3), flock(2); task note of the lab
 */
#define _GNU_SOURCE /* flock */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 200 }; /* bytes of a line, with its newline */

struct note {
	int is_ready; /* the mutex is initialised */
	pthread_mutex_t mutex;
	int current; /* which of the lines is the note */
	char line[2][LONGEST + 1];
};

/* The pthread functions return the error that others leave in errno */
static void check(int error, const char *what)
{
	errno = error;
	if (error != 0)
		err(EXIT_FAILURE, "%s", what);
}

static struct note *open_note(const char *name, int flags)
{
	int fd = shm_open(name, flags, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "shm_open %s", name);
	/* One process at a time looks whether the mutex is initialised. The
	 * kernel releases this lock, too, if the process is killed */
	if (flock(fd, LOCK_EX) == -1)
		err(EXIT_FAILURE, "flock %s", name);
	if (ftruncate(fd, sizeof(struct note)) == -1)
		err(EXIT_FAILURE, "ftruncate %s", name);
	struct note *note =
	    mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (note == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	if (!note->is_ready) {
		pthread_mutexattr_t attr;
		check(pthread_mutexattr_init(&attr), "attr_init");
		check(
		    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED),
		    "setpshared");
		check(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST),
		      "setrobust");
		check(pthread_mutex_init(&note->mutex, &attr), "mutex_init");
		note->is_ready = 1;
	}
	/* close would not unlock: the mapping keeps the file open */
	if (flock(fd, LOCK_UN) == -1)
		err(EXIT_FAILURE, "flock %s", name);
	return note;
}

/* 0 if standard input has no such line. Not into the current line: this process
 * may be killed before the new one is whole */
static int replace_line(struct note *note)
{
	char *line = note->line[!note->current];
	if (fgets(line, LONGEST + 1, stdin) == NULL)
		return 0;
	char *end = strchr(line, '\n');
	if (end == NULL)
		return 0;
	*end = '\0';
	note->current = !note->current;
	return 1;
}

int main(int argc, char *argv[])
{
	int edits = argc == 3 && strcmp(argv[1], "edit") == 0;
	int shows = argc == 3 && strcmp(argv[1], "show") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	if (!edits && !shows && !removes)
		errx(2, "usage: note edit|show|remove /NAME");
	if (removes) {
		if (shm_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}

	struct note *note = open_note(argv[2], O_RDWR | (edits ? O_CREAT : 0));
	int error = pthread_mutex_lock(&note->mutex);
	/* The owner was killed. The line is whole: it is the one before */
	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(&note->mutex);
	check(error, "mutex_lock");

	printf("%s\n", note->line[note->current]);
	if (fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
	int is_done = !edits || replace_line(note);
	check(pthread_mutex_unlock(&note->mutex), "mutex_unlock");
	if (!is_done)
		errx(EXIT_FAILURE, "expected a line of at most %d bytes",
		     LONGEST);
	return EXIT_SUCCESS;
}
