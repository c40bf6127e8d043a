// SPDX-License-Identifier: MIT
/*
 * other.c - note by a file lock on the object, and without a mutex
 *
 * Build:  cc other.c -o note
 * Run:    ./note edit /NAME; ./note show /NAME; ./note remove /NAME
 * Exit:   0 done; 1 a call failed, or there is no new line; 2 usage
 * See:    flock(2), getline(3); 05-shm/lab/solution/note.c
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 3)
		errx(2, "usage: note edit|show|remove /NAME");
	if (strcmp(argv[1], "remove") == 0) {
		if (shm_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}
	int edits = strcmp(argv[1], "edit") == 0;
	int fd = shm_open(argv[2], O_RDWR | (edits ? O_CREAT : 0), 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "shm_open %s", argv[2]);
	if (flock(fd, edits ? LOCK_EX : LOCK_SH) == -1 ||
	    ftruncate(fd, 4096) == -1)
		err(EXIT_FAILURE, "flock, ftruncate %s", argv[2]);
	char *note =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (note == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", argv[2]);

	/* Byte 0 says in which of two places the note is */
	size_t length;
	if (dprintf(1, "%s\n", note + 1 + 1000 * note[0]) < 0)
		err(EXIT_FAILURE, "write standard output");
	if (!edits)
		return EXIT_SUCCESS;
	char *line = NULL;
	ssize_t n = getline(&line, &(size_t){ 0 }, stdin);
	length = n < 0 ? 0 : (size_t)n;
	if (length == 0 || length > 200 || line[length - 1] != '\n')
		errx(EXIT_FAILURE, "no line of at most 200 bytes");
	line[length - 1] = '\0';
	memcpy(note + 1 + 1000 * !note[0], line, length);
	note[0] = !note[0];
	free(line);
	return EXIT_SUCCESS;
}
