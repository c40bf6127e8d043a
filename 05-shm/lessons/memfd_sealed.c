// SPDX-License-Identifier: MIT
/*
 * memfd_sealed.c - share memory with a reader, and try to change it
 *
 * Shows:  sealed memory cannot be written, grown or shrunk, even by its maker
 * Build:  cc memfd_sealed.c -o memfd_sealed
 * Run:    ./memfd_sealed
 * Prints: what the kernel permits the maker, and how the reader ends
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    memfd_create(2), F_ADD_SEALS in fcntl(2); memfd_unsealed.c
 */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* F_SEAL_SEAL: no process can add or remove a seal any more */
enum { SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL };
static const char text[] = "as agreed";

static int is_refused(const char *call, ssize_t result)
{
	if (result == -1 && errno != EPERM)
		err(77, "%s: see ulimit -f", call);
	printf("maker:  %s: %s\n", call, result == -1 ? strerror(errno) : "ok");
	return result == -1;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* fork finds an empty buffer */
	int fd = memfd_create("lesson", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		err(77, "memfd_create: needs Linux 3.17; see ulimit -n");
	signal(SIGXFSZ, SIG_IGN); /* at ulimit -f a call fails instead */
	if (write(fd, text, sizeof text) != sizeof text)
		err(77, "write: see ulimit -f");
	if (fcntl(fd, F_ADD_SEALS, SEALS) == -1)
		err(EXIT_FAILURE, "fcntl F_ADD_SEALS");

	/* The reader inherits this mapping. MAP_PRIVATE: before Linux 6.7 a
	 * seal against writing forbids every shared mapping, also to read */
	char *p = mmap(NULL, sizeof text, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		err(77, "mmap: see ulimit -v");
	int refused = is_refused("write", pwrite(fd, "changed", 7, 0));
	refused += is_refused("grow", ftruncate(fd, 4096));
	refused += is_refused("shrink", ftruncate(fd, 0));

	int status;
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */
	pid_t reader = fork();
	if (reader == -1)
		err(77, "fork: see ulimit -u");
	if (reader == 0) {
		(void)prctl(PR_SET_DUMPABLE, 0); /* best effort: no core file */
		_exit(memcmp(p, text, sizeof text) == 0 ? 0 : EXIT_FAILURE);
	}
	if (waitpid(reader, &status, 0) == -1)
		err(EXIT_FAILURE, "waitpid");
	printf("reader: %s\n",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : text);
	if (refused != 3 || status != EXIT_SUCCESS)
		errx(EXIT_FAILURE, "refused %d, status %#x", refused, status);

	if (munmap(p, sizeof text) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "munmap, close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
