// SPDX-License-Identifier: MIT
/*
 * bounded.c - several producers and consumers share the slots of a file
 *
 * Build:  cc bounded.c -o bounded
 * Run:    ./bounded PRODUCERS CONSUMERS SLOTS ITEMS
 * Exit:   0 all items are printed; 1 a call, or a process, failed; 2 usage
 * See:    sem_init(3), sem_wait(3), pwrite(2), mmap(2), fork(2), wait(2),
 *         setvbuf(3); task bounded of README.md
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct item { /* what a slot holds */
	int producer, number;
};

int main(int argc, char *argv[])
{
	int n[4] = { 0 }; /* the operands */
	for (int i = 0; i < 4; i++)
		if (argc != 5 || (n[i] = atoi(argv[i + 1])) < 1)
			errx(2, "usage: bounded PRODUCERS CONSUMERS SLOTS "
				"ITEMS");
	FILE *file = tmpfile(); /* has no name, and ends with its processes */
	if (file == NULL)
		err(EXIT_FAILURE, "tmpfile");
	int fd = fileno(file);

	/* TODO: map memory that the processes share: for the semaphores, and
	 * for the places where to fill and to empty. Start the producers and
	 * the consumers. They fill slots by pwrite(fd, &item, sizeof item,
	 * place), and empty them by pread. A consumer prints a line for each
	 * item. Wait for all of them */
	errx(EXIT_FAILURE, "%d slots of %zu bytes in %d: this is the skeleton",
	     n[2], sizeof(struct item), fd);
}
