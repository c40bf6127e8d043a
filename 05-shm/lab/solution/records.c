// SPDX-License-Identifier: MIT
/*
 * records.c - a ring of records of any length, from one process to another
 *
 * Build:  cc records.c -o records
 * Run:    ./records put /NAME <file
 *         ./records take /NAME >copy
 * Exit:   0 done; 1 a call failed, or a line is too long; 2 usage
 * See:    shm_open(3), mmap(2), sem_overview(7), getline(3); task records of
 *         the lab
 */
#define _XOPEN_SOURCE 700 /* ftruncate, getline */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 4000, RING = 1 << 15 }; /* in bytes; RING divides 2^32 */

/* A record is its length, in 4 bytes, and its bytes. Length 0 is the end. Only
 * put writes head, and only take writes tail. Both wrap at 2^32 */
struct ring {
	_Atomic uint32_t head; /* bytes ever put in */
	_Atomic uint32_t tail; /* bytes ever taken out */
	char data[RING];
};

/* What the peer does is posted here. The memory says what there is: a semaphore
 * that counts the records would be wrong after a half was killed */
static sem_t *arrived, *taken;

/* A record may begin near the end of the ring, and go on at its start */
static void copy_in(struct ring *r, uint32_t at, const void *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		r->data[(at + i) % RING] = ((const char *)from)[i];
}

static void copy_out(struct ring *r, uint32_t at, void *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		((char *)to)[i] = r->data[(at + i) % RING];
}

static void put(struct ring *r, const char *line, uint32_t length)
{
	uint32_t head = r->head, needed = sizeof length + length;

	while (RING - (head - r->tail) < needed)
		if (sem_wait(taken) == -1)
			err(EXIT_FAILURE, "sem_wait, for room");
	copy_in(r, head, &length, sizeof length);
	copy_in(r, head + sizeof length, line, length);
	r->head = head + needed; /* now take sees all of it */
	if (sem_post(arrived) == -1)
		err(EXIT_FAILURE, "sem_post");
}

/* Print a record, and return its length */
static uint32_t take(struct ring *r)
{
	uint32_t tail = r->tail, length;
	char line[LONGEST];

	while (r->head == tail)
		if (sem_wait(arrived) == -1)
			err(EXIT_FAILURE, "sem_wait, for a record");
	copy_out(r, tail, &length, sizeof length);
	if (length > LONGEST)
		errx(EXIT_FAILURE, "a record of %u bytes", length);
	copy_out(r, tail + sizeof length, line, length);
	if (fwrite(line, 1, length, stdout) != length || fflush(stdout) == EOF)
		err(EXIT_FAILURE, "write standard output");
	r->tail = tail + (uint32_t)sizeof length + length;
	if (sem_post(taken) == -1)
		err(EXIT_FAILURE, "sem_post");
	return length;
}

int main(int argc, char *argv[])
{
	int puts = argc == 3 && strcmp(argv[1], "put") == 0;
	int takes = argc == 3 && strcmp(argv[1], "take") == 0;
	if (!puts && !takes)
		errx(2, "usage: records put|take /NAME");
	char arrived_name[PATH_MAX], taken_name[PATH_MAX];
	snprintf(arrived_name, sizeof arrived_name, "%s.arrived", argv[2]);
	snprintf(taken_name, sizeof taken_name, "%s.taken", argv[2]);

	/* Zeros are an empty ring, so either half may be first */
	int fd = shm_open(argv[2], O_RDWR | O_CREAT, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(struct ring)) == -1)
		err(EXIT_FAILURE, "shm_open, ftruncate %s", argv[2]);
	struct ring *r =
	    mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", argv[2]);
	arrived = sem_open(arrived_name, O_CREAT, 0600, 0);
	taken = sem_open(taken_name, O_CREAT, 0600, 0);
	if (arrived == SEM_FAILED || taken == SEM_FAILED)
		err(EXIT_FAILURE, "sem_open %s, %s", arrived_name, taken_name);

	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	while (puts && (n = getline(&line, &room, stdin)) > 0) {
		if (n > LONGEST)
			errx(EXIT_FAILURE, "a line of %zd bytes", n);
		put(r, line, (uint32_t)n);
	}
	if (ferror(stdin))
		err(EXIT_FAILURE, "read standard input");
	if (puts)
		put(r, "", 0);
	while (takes && take(r) > 0)
		;
	free(line);
	if (takes &&
	    (shm_unlink(argv[2]) == -1 || sem_unlink(arrived_name) == -1 ||
	     sem_unlink(taken_name) == -1))
		err(EXIT_FAILURE, "unlink %s", argv[2]);
	return EXIT_SUCCESS;
}
