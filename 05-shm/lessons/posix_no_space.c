// SPDX-License-Identifier: MIT
/*
 * posix_no_space.c - ask for more memory than a file system has
 *
 * Shows:  ftruncate only promises; posix_fallocate reserves, or returns ENOSPC
 * Build:  cc posix_no_space.c -o posix_no_space
 * Run:    unshare -rm sh -c 'mount -t tmpfs -o size=64k none /mnt &&
 *             ./posix_no_space /mnt'
 * Prints: what both report, and how a process ends that relies on the promise
 * Exit:   0 done; 1 a call failed, or DIR has 1 MiB; 2 usage;
 *         77 this machine forbids it
 * See:    ftruncate(2), posix_fallocate(3), tmpfs(5), unshare(1)
 *
 * DIR is where a small tmpfs is mounted. /dev/shm is a tmpfs, too.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WANTED = 1024 * 1024 };

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: posix_no_space DIR");
	int fd = open(argv[1], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open O_TMPFILE %s", argv[1]);

	signal(SIGXFSZ, SIG_IGN); /* at ulimit -f a call fails instead */
	if (ftruncate(fd, WANTED) == -1)
		err(77, "ftruncate: see ulimit -f");
	off_t size = lseek(fd, 0, SEEK_END);
	if (size == -1)
		err(EXIT_FAILURE, "lseek");
	printf("ftruncate:       size %jd\n", (intmax_t)size);
	int error = posix_fallocate(fd, 0, WANTED); /* does not set errno */
	printf("posix_fallocate: %s\n", strerror(error));
	if (error != ENOSPC)
		errx(EXIT_FAILURE, "expected ENOSPC: is %s small?", argv[1]);

	char *p = mmap(NULL, WANTED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t pid = fork();
	if (pid == -1)
		err(77, "fork: see ulimit -u");
	if (pid == 0) {
		(void)prctl(PR_SET_DUMPABLE, 0); /* best effort: no core file */
		memset(p, 1, WANTED); /* allocates the pages, one by one */
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	printf("memset:          %s\n",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "done");
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGBUS)
		errx(EXIT_FAILURE, "expected SIGBUS");

	if (munmap(p, WANTED) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "munmap, close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
