// SPDX-License-Identifier: MIT
/*
 * memfd_sealed.c - hand memory to a reader, and try to change it
 *
 * Shows:  what is sealed nobody can write, grow or shrink, its maker neither
 * Build:  cc memfd_sealed.c -o memfd_sealed
 * Run:    ./memfd_sealed
 * Prints: what the kernel answers to the maker, and how the reader ends
 * Exit:   0 done; 1 a call failed; 2 usage; 77 this machine forbids it
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* F_SEAL_SEAL: and nobody adds seals, which is all that can still be done */
enum { SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL };
static const char text[] = "as agreed";

static int usage(FILE *out)
{
	fputs("usage: memfd_sealed\n"
	      "Change memory while another process reads it.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The other process has the descriptor, by fork (or SCM_RIGHTS): it asks
 * F_GET_SEALS before it relies on them. Here it reads whatever the answer is */
static void reader(int fd, int sock)
{
	char copy[sizeof text], byte = 'm';
	volatile char *p;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
	(void)prctl(PR_SET_DUMPABLE, 0);	/* no core file */
	p = mmap(NULL, sizeof text, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(EXIT_FAILURE, "reader: mmap");
	printf("reader: %s\n", fcntl(fd, F_GET_SEALS) & F_SEAL_SHRINK
				   ? "sealed"
				   : "not sealed");
	if (write(sock, &byte, 1) != 1 || read(sock, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
	for (size_t i = 0; i < sizeof text; i++)
		copy[i] = p[i]; /* SIGBUS where the file is no longer */
	printf("reader: reads \"%s\"\n", copy);
	_exit(EXIT_SUCCESS);
}

/* Come back when the reader has mapped the memory */
static pid_t start_reader(int fd, int sv[2])
{
	char byte;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)close(sv[0]); /* so that we see the maker's end */
		reader(fd, sv[1]);
	}
	if (close(sv[1]) == -1 || read(sv[0], &byte, 1) != 1)
		errx(EXIT_FAILURE, "the reader has not come so far");
	return pid;
}

/* 1 if the call was refused by a seal */
static int refused(const char *what, ssize_t result)
{
	if (result == -1 && errno != EPERM)
		err(EXIT_FAILURE, "%s", what);
	printf("maker:  %s: %s\n", what, result == -1 ? strerror(errno) : "ok");
	return result == -1;
}

static int make(void)
{
	int fd = memfd_create("lesson", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1 && errno == ENOSYS)
		errx(77, "memfd_create: not here, needs Linux 3.17");
	if (fd == -1 || write(fd, text, sizeof text) != sizeof text)
		err(EXIT_FAILURE, "memfd_create");
	if (SEALS != 0 && fcntl(fd, F_ADD_SEALS, SEALS) == -1)
		err(EXIT_FAILURE, "fcntl F_ADD_SEALS");
	return fd;
}

int main(int argc, char *argv[])
{
	int fd, sv[2], n, status;
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	fd = make();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EXIT_FAILURE, "socketpair");
	pid = start_reader(fd, sv);

	n = refused("write", pwrite(fd, "changed", 7, 0));
	n += refused("grow", ftruncate(fd, 4096));
	n += refused("shrink", ftruncate(fd, 0));
	if (send(sv[0], "", 1, MSG_NOSIGNAL) != 1 || close(sv[0]) == -1)
		err(EXIT_FAILURE, "send");
	if (waitpid(pid, &status, 0) == -1) /* no handler here: no EINTR */
		err(EXIT_FAILURE, "waitpid");
	printf("reader: %s\n",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "ends well");
	if (n != (SEALS ? 3 : 0) || status != (SEALS ? 0 : SIGBUS))
		errx(EXIT_FAILURE, "%d refused, status %#x", n, status);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
