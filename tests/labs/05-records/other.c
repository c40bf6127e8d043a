// SPDX-License-Identifier: MIT
/*
 * other.c - records, where each half sleeps in futex(2) until a word changes
 *
 * Build:  cc other.c -o records
 * Run:    ./records put /NAME <file; ./records take /NAME >copy
 * Exit:   0 done; 1 a call failed, or a line is too long; 2 usage
 * See:    futex(2); 05-shm/lab/solution/records.c
 *
 * A record does not wrap: one that does not fit before the end of the ring
 * leaves a gap there.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FUTEX_WAIT, FUTEX_WAKE };
enum { RING = 1 << 15, END = 0xffff, GAP = 0xfffe };

static struct ring {
	_Atomic uint32_t head, tail;
	char data[RING];
} * ring;

static void sleep_while(_Atomic uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL);
}
static void set(_Atomic uint32_t *word, uint32_t value)
{
	*word = value;
	syscall(SYS_futex, word, FUTEX_WAKE, 1);
}

static void put(uint16_t mark, const char *line, uint32_t length)
{
	uint32_t head = ring->head, tail, left = RING - head % RING;

	if (left < 2 + length) {
		while (head + left - (tail = ring->tail) > RING)
			sleep_while(&ring->tail, tail);
		if (left >= 2)
			memcpy(ring->data + head % RING, &(uint16_t){ GAP }, 2);
		head += left;
		set(&ring->head, head);
	}
	while (head + 2 + length - (tail = ring->tail) > RING)
		sleep_while(&ring->tail, tail);
	memcpy(ring->data + head % RING, &mark, 2);
	memcpy(ring->data + head % RING + 2, line, length);
	set(&ring->head, head + 2 + length);
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		errx(2, "usage: records put|take /NAME");
	int fd = shm_open(argv[2], O_RDWR | O_CREAT, 0600);
	if (fd == -1 || ftruncate(fd, sizeof *ring) == -1)
		err(EXIT_FAILURE, "%s", argv[2]);
	ring =
	    mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");

	static char line[4002];
	if (strcmp(argv[1], "put") == 0) {
		char *text = NULL;
		ssize_t n;
		while ((n = getline(&text, &(size_t){ 0 }, stdin)) > 0) {
			if (n > 4000)
				errx(EXIT_FAILURE, "too long");
			put((uint16_t)n, text, (uint32_t)n);
			free(text);
			text = NULL;
		}
		free(text);
		put(END, "", 0);
		return EXIT_SUCCESS;
	}
	for (;;) {
		uint32_t tail = ring->tail, head, left = RING - tail % RING;
		uint16_t mark = GAP;
		while ((head = ring->head) == tail)
			sleep_while(&ring->head, head);
		if (left >= 2)
			memcpy(&mark, ring->data + tail % RING, 2);
		if (mark == GAP) {
			set(&ring->tail, tail + left);
			continue;
		}
		if (mark == END)
			break;
		memcpy(line, ring->data + tail % RING + 2, mark);
		if (fwrite(line, 1, mark, stdout) != mark ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "standard output");
		set(&ring->tail, tail + 2 + mark);
	}
	shm_unlink(argv[2]);
	return EXIT_SUCCESS;
}
