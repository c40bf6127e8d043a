// SPDX-License-Identifier: MIT
/*
 * mmap_private.c - map one file twice, and write through both mappings
 *
 * Shows:  only writes through MAP_SHARED reach the file and other processes
 * Build:  cc mmap_private.c -o mmap_private
 * Run:    ./mmap_private
 * Prints: what the parent and the file hold after the child wrote
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    mmap(2), memfd_create(2), fork(2); mmap_anonymous.c
 */
#define _GNU_SOURCE /* memfd_create */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "........"; /* the file at the start */

static char *map(int fd, int kind)
{
	char *p = mmap(NULL, sizeof text, PROT_READ | PROT_WRITE, kind, fd, 0);

	if (p == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	return p;
}

int main(void)
{
	int fd = memfd_create("mmap_private", MFD_CLOEXEC);
	if (fd == -1)
		err(77, "memfd_create: needs Linux 3.17; see ulimit -n");
	signal(SIGXFSZ, SIG_IGN); /* at ulimit -f a call fails instead */
	if (write(fd, text, sizeof text) != sizeof text)
		err(77, "write: see ulimit -f");
	char *shared = map(fd, MAP_SHARED);
	char *private = map(fd, MAP_PRIVATE);

	/* The child inherits both mappings, each of its kind */
	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		private[0] = 'P'; /* copies the page first */
		shared[1] = 'S';  /* not in that copy */
		_exit(memcmp(private, "P.", 2) == 0 ? 0 : EXIT_FAILURE);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(EXIT_FAILURE, "the child's own copy has changed");

	char file[sizeof text];
	if (pread(fd, file, sizeof file, 0) != sizeof file)
		err(EXIT_FAILURE, "pread");
	printf("the file holds         %s\n", file);
	printf("parent, by MAP_SHARED  %s\n", shared);
	/* The parent has not written yet, so it has no copy, and still sees
	 * the file. (POSIX leaves this open. Linux copies page by page) */
	printf("parent, by MAP_PRIVATE %s\n", private);
	private[7] = 'p';
	shared[2] = 's';
	printf("then, by MAP_SHARED    %s\n", shared);
	printf("then, by MAP_PRIVATE   %s\n", private);
	if (strcmp(file, ".S......") != 0 || strcmp(shared, ".Ss.....") != 0 ||
	    private[0] != '.' || private[2] != '.')
		errx(EXIT_FAILURE, "a write went where it should not");

	if (munmap(shared, sizeof text) == -1 ||
	    munmap(private, sizeof text) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "munmap, close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
