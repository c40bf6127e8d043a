// SPDX-License-Identifier: MIT
/*
 * memfd_unsealed.c - share memory with a reader, and try to change it
 *
 * Shows:  access beyond the new end of shrunken memory raises SIGBUS
 * Build:  cc memfd_unsealed.c -o memfd_unsealed
 * Run:    ./memfd_unsealed
 * Prints: what the kernel permits the maker, and how the reader ends
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    memfd_create(2), F_GET_SEALS in fcntl(2); memfd_sealed.c
 */
#define _GNU_SOURCE /* memfd_create, F_GET_SEALS */
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

static const char text[] = "as agreed";

/* The reader has the descriptor from fork (it could have come by SCM_RIGHTS).
 * It asks for the seals before it relies on them; here it reads in any case */
static void read_after_stop(int fd, pid_t maker)
{
	char copy[sizeof text];
	volatile char *p =
	    mmap(NULL, sizeof text, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    getppid() != maker)
		_exit(EXIT_FAILURE);
	(void)prctl(PR_SET_DUMPABLE, 0); /* best effort: no core file */
	printf("reader: %s\n", fcntl(fd, F_GET_SEALS) & F_SEAL_SHRINK
				   ? "sealed"
				   : "not sealed");
	raise(SIGSTOP); /* until the maker has tried everything */
	for (size_t i = 0; i < sizeof text; i++)
		copy[i] = p[i]; /* SIGBUS if the memory has been shrunk */
	printf("reader: reads \"%s\"\n", copy);
	_exit(EXIT_SUCCESS);
}

static int is_refused(const char *call, ssize_t result)
{
	if (result == -1 && errno != EPERM)
		err(EXIT_FAILURE, "%s", call);
	printf("maker:  %s: %s\n", call, result == -1 ? strerror(errno) : "ok");
	return result == -1;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* two processes print */
	int fd = memfd_create("lesson", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1 && errno == ENOSYS)
		errx(77, "memfd_create: needs Linux 3.17");
	if (fd == -1 || write(fd, text, sizeof text) != sizeof text)
		err(EXIT_FAILURE, "memfd_create");

	int status;
	pid_t maker = getpid(), reader = fork();
	if (reader == -1)
		err(EXIT_FAILURE, "fork");
	if (reader == 0)
		read_after_stop(fd, maker);
	if (waitpid(reader, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the reader failed");

	int refused = is_refused("write", pwrite(fd, "changed", 7, 0));
	refused += is_refused("grow", ftruncate(fd, 4096));
	refused += is_refused("shrink", ftruncate(fd, 0));
	if (kill(reader, SIGCONT) == -1 || waitpid(reader, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	printf("reader: %s\n",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exits");
	if (refused != 0 || status != SIGBUS)
		errx(EXIT_FAILURE, "refused %d, status %#x", refused, status);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
