// SPDX-License-Identifier: MIT
/*
 * posix_no_space.c - ask for more memory than a file system has
 *
 * Shows:  ftruncate only promises; posix_fallocate reserves, or tells ENOSPC
 * Build:  cc posix_no_space.c -o posix_no_space
 * Run:    ./posix_no_space
 * Prints: what both say, and what becomes of one who believes the promise
 * Exit:   0 done; 1 a call failed; 2 usage; 77 this machine forbids it
 * See:    ftruncate(2), posix_fallocate(3), tmpfs(5); posix_shm.h
 */
#define _GNU_SOURCE /* unshare, O_TMPFILE */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WANTED = 1024 * 1024 };

static int usage(FILE *out)
{
	fputs("usage: posix_no_space\n"
	      "Want 1 MiB of a file system of 64 KiB.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Print the call that failed, the reason and the remedy. unshare(0) changes
 * nothing: it fails only where a seccomp filter refuses the call */
static void forbidden(const char *call)
{
	const char *remedy = "a chroot or sysctl refuses it: run it as root";
	int cause = errno;

	if (cause == ENOSPC)
		remedy = "as root: echo 15000 | "
			 "tee /proc/sys/user/max_*_namespaces";
	else if (cause == EROFS)
		remedy = "a container needs --privileged";
	else if (unshare(0) == -1)
		remedy = "seccomp refuses it: a container needs --privileged";
	else if (geteuid() == 0)
		remedy = "a chroot refuses it: run it outside";
	errx(77, "%s: %s: %s", call, strerror(cause), remedy);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		forbidden(path);
}

/* A small /dev/shm that only this process sees, and that goes with it. A user
 * namespace lends the right to mount, to an ordinary user as well: but a user
 * without a number in there could not own a file */
static void mount_small(void)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWNS) == -1) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
			forbidden("unshare CLONE_NEWUSER");
		write_file("/proc/self/setgroups", "deny");
		write_file("/proc/self/uid_map", uid_map);
		write_file("/proc/self/gid_map", gid_map);
	}
	/* In a chroot "/" is no mount point: but /dev/shm may be one */
	if ((mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == -1 &&
	     mount("none", "/dev/shm", "", MS_PRIVATE, NULL) == -1) ||
	    mount("none", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV,
		  "size=64k") == -1)
		forbidden("mount /dev/shm");
}

/* Write to every page of what ftruncate promised; tell how that ends */
static int use(int fd)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		char *p = mmap(NULL, WANTED, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd, 0);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
		(void)prctl(PR_SET_DUMPABLE, 0);	/* no core file */
		if (p == MAP_FAILED)
			err(EXIT_FAILURE, "mmap");
		memset(p, 1, WANTED); /* a page that is not to be had: SIGBUS */
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) == -1) /* no handler here: no EINTR */
		err(EXIT_FAILURE, "waitpid");
	return status;
}

int main(int argc, char *argv[])
{
	int fd, told, status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	mount_small();
	fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd == -1)
		err(EXIT_FAILURE, "open O_TMPFILE");
	off_t size = ftruncate(fd, WANTED) == -1 ? -1 : lseek(fd, 0, SEEK_END);
	if (size == -1)
		err(EXIT_FAILURE, "ftruncate");
	printf("ftruncate:       %jd bytes promised\n", (intmax_t)size);
	do
		told = posix_fallocate(fd, 0, WANTED); /* errno is not set */
	while (told == EINTR);
	printf("posix_fallocate: %s\n", strerror(told));
	status = use(fd);
	printf("using it:        %s\n",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "went well");
	if (told != ENOSPC || !WIFSIGNALED(status) ||
	    WTERMSIG(status) != SIGBUS)
		errx(EXIT_FAILURE, "expected ENOSPC and SIGBUS");

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
