// SPDX-License-Identifier: MIT
/*
 * words.c - several processes count words in one hash table
 *
 * Build:  cc words.c -o words
 * Run:    ./words count /NAME <file
 *         ./words show /NAME
 *         ./words forget /NAME WORD
 *         ./words remove /NAME
 * Exit:   0 done; 1 a call failed, or a word does not fit; 2 usage
 * See:    shm_open(3), mmap(2), pthread_mutexattr_setrobust(3), flock(2); task
 *         words of the lab
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

enum { LONGEST = 31, WORDS = 8192 };

struct table {
	int is_ready; /* the mutex is initialised */
	pthread_mutex_t mutex;
	struct entry {
		unsigned count;		/* 0 if the word was forgotten */
		char word[LONGEST + 1]; /* empty if it is free */
	} entries[WORDS];
};

static void check(int error)
{
	errno = error;
	if (error != 0)
		err(EXIT_FAILURE, "pthread");
}

static struct table *open_table(const char *name, int flags)
{
	int fd = shm_open(name, flags, 0600);
	/* One process at a time looks whether the mutex is initialised */
	if (fd == -1 || flock(fd, LOCK_EX) == -1 ||
	    ftruncate(fd, sizeof(struct table)) == -1)
		err(EXIT_FAILURE, "open %s", name);
	struct table *t =
	    mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (t == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	if (!t->is_ready) {
		pthread_mutexattr_t a;
		check(pthread_mutexattr_init(&a));
		check(pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED));
		check(pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST));
		check(pthread_mutex_init(&t->mutex, &a));
		t->is_ready = 1;
	}
	if (flock(fd, LOCK_UN) == -1)
		err(EXIT_FAILURE, "flock %s", name);
	return t;
}

/* An owner that was killed does no harm: a word that it has copied only in part
 * is one that nobody has counted */
static void lock(struct table *t)
{
	int error = pthread_mutex_lock(&t->mutex);
	check(error == EOWNERDEAD ? pthread_mutex_consistent(&t->mutex)
				  : error);
}

/* The entry of the word, or the free one where it belongs. NULL: neither */
static struct entry *find(struct table *t, const char *word)
{
	unsigned at = 0;
	for (const char *c = word; *c != '\0'; c++)
		at = 31 * at + (unsigned char)*c;
	for (unsigned i = 0; i < WORDS; i++) {
		struct entry *e = &t->entries[(at + i) % WORDS];
		if (e->word[0] == '\0' || strcmp(e->word, word) == 0)
			return e;
	}
	return NULL;
}

/* Add 1 to the number of the word, or set it to 0. Then the word stays: a free
 * entry would hide those behind it */
static void change(struct table *t, const char *word, int forgets)
{
	if (strlen(word) > LONGEST)
		errx(EXIT_FAILURE, "%s: too long", word);
	lock(t);
	struct entry *e = find(t, word);
	if (e != NULL && forgets) {
		e->count = 0;
	} else if (e != NULL) {
		strcpy(e->word, word);
		e->count++;
	}
	check(pthread_mutex_unlock(&t->mutex));
	if (e == NULL && !forgets)
		errx(EXIT_FAILURE, "%s: no room", word);
}

int main(int argc, char *argv[])
{
	int counts = argc == 3 && strcmp(argv[1], "count") == 0;
	int shows = argc == 3 && strcmp(argv[1], "show") == 0;
	int forgets = argc == 4 && strcmp(argv[1], "forget") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	if (!counts && !shows && !forgets && !removes)
		errx(2, "usage: words count|show|forget|remove /NAME [WORD]");
	if (removes && shm_unlink(argv[2]) == -1)
		err(EXIT_FAILURE, "shm_unlink %s", argv[2]);
	if (removes)
		return EXIT_SUCCESS;

	struct table *t = open_table(argv[2], O_RDWR | (counts ? O_CREAT : 0));
	char *line = NULL;
	size_t room = 0;
	while (counts && getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			change(t, line, 0);
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	free(line);
	if (forgets)
		change(t, argv[3], 1);
	if (shows) {
		/* Not while it is locked: printing may take any time */
		static struct entry copy[WORDS];
		lock(t);
		memcpy(copy, t->entries, sizeof copy);
		check(pthread_mutex_unlock(&t->mutex));
		for (int i = 0; i < WORDS; i++)
			if (copy[i].count > 0)
				printf("%u %s\n", copy[i].count, copy[i].word);
	}
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
