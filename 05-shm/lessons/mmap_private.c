// SPDX-License-Identifier: MIT
/*
 * mmap_private.c - map one file twice, and write through both mappings
 *
 * Shows:  MAP_SHARED writes reach the file and everyone, MAP_PRIVATE nobody
 * Build:  cc mmap_private.c -o mmap_private
 * Run:    ./mmap_private
 * Prints: what the parent and the file have after the child wrote
 * Exit:   0 done; 1 a call failed; 2 usage; 77 this machine forbids it
 * See:    mmap(2), memfd_create(2), fork(2); mmap_anonymous.c
 */
#define _GNU_SOURCE /* memfd_create */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "........"; /* what the file begins with */

static int usage(FILE *out)
{
	fputs("usage: mmap_private\n"
	      "A child writes to one file through two kinds of mapping.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static char *map(int fd, int kind)
{
	char *p = mmap(NULL, sizeof text, PROT_READ | PROT_WRITE, kind, fd, 0);

	if (p == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return p;
}

/* The child's mappings are copies of the parent's: of the same two kinds */
static void write_in_child(char *shared, char *private)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
		private[0] = 'P'; /* the kernel copies the page for us first */
		shared[1] = 'S';
		/* Our copy is of before: what comes by the file is not in it */
		_exit(memcmp(private, "P.", 2) != 0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "child: its own copy is not as it was");
}

int main(int argc, char *argv[])
{
	char file[sizeof text], *shared, *private;
	int fd;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	fd = memfd_create("mmap_private", MFD_CLOEXEC);
	if (fd == -1 && errno == ENOSYS)
		errx(77, "memfd_create: not here, needs Linux 3.17");
	if (fd == -1 || write(fd, text, sizeof text) != sizeof text)
		err(EXIT_FAILURE, "memfd_create");
	shared = map(fd, MAP_SHARED);
	private = map(fd, MAP_PRIVATE);

	write_in_child(shared, private);
	if (pread(fd, file, sizeof file, 0) != sizeof file)
		err(EXIT_FAILURE, "pread");
	printf("the file holds         %s\n", file);
	printf("parent, by MAP_SHARED  %s\n", shared);
	/* Not written to yet, so there is no copy: it still shows the file.
	 * POSIX leaves this open; Linux does so page by page */
	printf("parent, by MAP_PRIVATE %s\n", private);
	private[7] = 'p'; /* now the parent has a copy of its own, too */
	shared[2] = 's';
	printf("then, by MAP_SHARED    %s\n", shared);
	printf("then, by MAP_PRIVATE   %s\n", private);
	if (file[0] != '.' || file[1] != 'S' || shared[7] != '.' ||
	    private[2] != '.')
		errx(EXIT_FAILURE, "a write went where it should not");

	if (munmap(shared, sizeof text) == -1 ||
	    munmap(private, sizeof text) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "munmap, close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
