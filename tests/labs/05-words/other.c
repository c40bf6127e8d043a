// SPDX-License-Identifier: MIT
/*
 * other.c - words in chained entries, with a file lock for each word
 *
 * Build:  cc other.c -o words
 * Run:    ./words count /NAME <file; ./words show /NAME
 *         ./words forget /NAME WORD; ./words remove /NAME
 * Exit:   0 done; 1 a call failed, or a word does not fit; 2 usage
 * See:    fcntl_locking(2); 05-shm/lab/solution/words.c
 *
 * A chain holds numbers of entries, not pointers. 0 is its end.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WORDS = 8192, CHAINS = 1024 };

static struct table {
	int used, first[CHAINS];
	struct entry {
		int next, count;
		char word[32];
	} entries[WORDS + 1];
} * table, copy;
static int fd;

static void lock(short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLKW, &whole) == -1)
		err(EXIT_FAILURE, "fcntl");
}

static int find(const char *word, int makes)
{
	unsigned hash = 5381;
	for (const char *c = word; *c; c++)
		hash = 33 * hash ^ (unsigned char)*c;
	int *link = &table->first[hash % CHAINS];
	while (*link != 0 && strcmp(table->entries[*link].word, word) != 0)
		link = &table->entries[*link].next;
	if (*link == 0 && makes && table->used < WORDS) {
		table->used++;
		strcpy(table->entries[table->used].word, word);
		*link = table->used;
	}
	return *link;
}

int main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: words count|show|forget|remove /NAME [WORD]");
	const char *name = argv[2];
	char what = argv[1][0];
	if (what == 'r') {
		if (shm_unlink(name) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", name);
		return EXIT_SUCCESS;
	}
	fd = shm_open(name, O_RDWR | (what == 'c' ? O_CREAT : 0), 0600);
	if (fd == -1 || ftruncate(fd, sizeof *table) == -1)
		err(EXIT_FAILURE, "%s", name);
	table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (table == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");

	char line[100];
	int entry = 1;
	while (what == 'c' && fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			continue;
		if (strlen(line) > 31)
			errx(EXIT_FAILURE, "%s: too long", line);
		lock(F_WRLCK);
		if ((entry = find(line, 1)) != 0)
			table->entries[entry].count++;
		lock(F_UNLCK);
		if (entry == 0)
			errx(EXIT_FAILURE, "%s: the table is full", line);
	}
	lock(F_WRLCK);
	if (what == 'f' && (entry = find(argv[3], 0)) != 0)
		table->entries[entry].count = 0;
	if (what == 's')
		copy = *table;
	lock(F_UNLCK);
	for (entry = copy.used; entry > 0; entry--)
		if (copy.entries[entry].count > 0)
			printf("%d %s\n", copy.entries[entry].count,
			       copy.entries[entry].word);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "standard output");
	return EXIT_SUCCESS;
}
