// SPDX-License-Identifier: MIT
/*
 * other.c - rw by locks of two bytes of the file, without a semaphore
 *
 * Build:  cc other.c -o rw
 * Run:    ./rw read|write FILE COMMAND [ARGUMENT...]; ./rw remove FILE
 * Exit:   the command's status; 1 a call failed; 2 usage; 127 no such command
 * See:    fcntl_locking(2); 04-semaphores/lab/solution/rw.c
 *
 * Locks of the open file, not of the process: those would be lost as soon as
 * the command closes a descriptor of the same file.
 */
#define _GNU_SOURCE /* F_OFD_SETLKW */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void lock(int fd, short type, off_t byte)
{
	struct flock range = { .l_type = type,
			       .l_whence = SEEK_SET,
			       .l_start = byte,
			       .l_len = 1 };
	if (fcntl(fd, F_OFD_SETLKW, &range) == -1)
		err(EXIT_FAILURE, "fcntl, lock");
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "remove") == 0)
		return EXIT_SUCCESS;
	if (argc < 4)
		errx(2, "usage: rw read|write FILE COMMAND..., rw remove FILE");
	int fd = open(argv[2], O_RDWR);
	if (fd == -1)
		err(EXIT_FAILURE, "open %s", argv[2]);

	/* Byte 0 is a turnstile, which a waiting writer keeps */
	lock(fd, F_WRLCK, 0);
	lock(fd, strcmp(argv[1], "read") == 0 ? F_RDLCK : F_WRLCK, 1);
	lock(fd, F_UNLCK, 0);
	execvp(argv[3], argv + 3);
	err(127, "exec %s", argv[3]);
}
