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
 *         words of README.md
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

enum { LONGEST = 31, WORDS = 8192 }; /* bytes of a word, words of a table */

int main(int argc, char *argv[])
{
	int counts = argc == 3 && strcmp(argv[1], "count") == 0;
	int shows = argc == 3 && strcmp(argv[1], "show") == 0;
	int forgets = argc == 4 && strcmp(argv[1], "forget") == 0;
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	if (!counts && !shows && !forgets && !removes)
		errx(2, "usage: words count|show|forget|remove /NAME [WORD]");

	/* TODO: remove: remove the object. Otherwise open the object, which
	 * count makes if there is none, and map it: a hash table of WORDS
	 * words. count: read words of at most LONGEST bytes, one a line, and
	 * add 1 to the number of each. show: print the words and their numbers.
	 * forget: set the number of a word to 0 */
	warnx("%s: not started: this is the skeleton", argv[2]);
	return EXIT_SUCCESS;
}
