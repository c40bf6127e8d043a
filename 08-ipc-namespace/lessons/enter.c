// SPDX-License-Identifier: MIT
/*
 * enter.c - go to the namespace of another process
 *
 * Shows:  setns(2) by a path in /proc, by a pid, by a pidfd; it refuses what is
 *         not of the kind that was asked for
 * Build:  cc enter.c -o enter
 * Run:    ./enter
 * Prints: each way, and whether its queue is found there, or the reason
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 2 usage; 77 this
 *         machine allows no namespace
 * See:    setns(2), pidfd_open(2), namespaces(7), nsenter(1);
 *         ns_consumer.c, persist.c
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 0x6e000002 };
static const struct way {
	const char *name;
	const char *file; /* below /proc/PID; NULL: a pidfd */
	int kinds;	  /* that setns is to enter */
	int cause;	  /* for which it refuses */
} ways[] = {
	{ "path ns/ipc, kind IPC", "ns/ipc", CLONE_NEWIPC, 0 },
	{ "path ns/ipc, any kind", "ns/ipc", 0, 0 },
	{ "path ns/net, kind IPC", "ns/net", CLONE_NEWIPC, EINVAL },
	{ "path comm, kind IPC", "comm", CLONE_NEWIPC, EINVAL },
	{ "pidfd, kind IPC", NULL, CLONE_NEWIPC, 0 },
	{ "pidfd, kinds IPC and UTS", NULL, CLONE_NEWIPC | CLONE_NEWUTS, 0 },
	{ "pidfd, any kind", NULL, 0, EINVAL },
};

static int usage(FILE *out)
{
	fputs("usage: enter\n"
	      "Enter the IPC namespace of a child, in all ways.\n",
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

/* It takes CAP_SYS_ADMIN: root has it, all others in a user namespace of their
 * own. Who needs no ids in there can leave them unmapped */
static void begin_namespaces(int kinds)
{
	if (unshare(kinds) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | kinds) == -1))
		forbidden("unshare");
}

/* The process to go to: it makes a queue in namespaces of its own, and stops */
static void live_elsewhere(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (unshare(CLONE_NEWIPC | CLONE_NEWUTS) == -1 ||
	    msgget(KEY, IPC_CREAT | IPC_EXCL | 0600) == -1)
		err(EXIT_FAILURE, "unshare, msgget");
	raise(SIGSTOP);
	_exit(EXIT_SUCCESS);
}

static int open_way(const struct way *way, pid_t pid)
{
	char path[64];

	if (way->file == NULL)
		return (int)syscall(SYS_pidfd_open, pid, 0);
	snprintf(path, sizeof path, "/proc/%d/%s", pid, way->file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Enter in a child, which ends there: 0, or why it may not */
static int enter(int fd, int kinds)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setns(fd, kinds) == -1)
			_exit(errno);
		/* Our own namespace has no such queue */
		_exit(msgget(KEY, 0) == -1 ? errno : 0);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	if (!WIFEXITED(status))
		errx(EXIT_FAILURE, "the child that enters was killed");
	return WEXITSTATUS(status);
}

static void show(const char *name, int fd, int kinds, int cause)
{
	char path[32], what[32] = "";
	int got = enter(fd, kinds);

	/* The link of a descriptor says what is open: ipc:[4026532000] */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (readlink(path, what, sizeof what - 1) == -1)
		err(EXIT_FAILURE, "readlink %s", path);
	printf("%-24s %-18s %s\n", name, what,
	       got == 0 ? "entered, its queue is there" : strerror(got));
	if (got != cause)
		errx(EXIT_FAILURE, "not as claimed");
}

int main(int argc, char *argv[])
{
	pid_t parent = getpid();

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	/* Of a namespace that our user namespace owns, we may leave and enter
	 */
	begin_namespaces(CLONE_NEWIPC);
	pid_t pid = fork();
	if (pid == 0)
		live_elsewhere(parent);
	if (pid == -1 || waitpid(pid, NULL, WUNTRACED) == -1)
		err(EXIT_FAILURE, "fork, waitpid");

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		int fd = open_way(&ways[i], pid);
		if (fd == -1 && ways[i].file == NULL && errno == ENOSYS)
			errx(77, "pidfd_open: not here: it takes Linux 5.8");
		if (fd == -1)
			err(EXIT_FAILURE, "%s", ways[i].name);
		show(ways[i].name, fd, ways[i].kinds, ways[i].cause);
		if (close(fd) == -1)
			err(EXIT_FAILURE, "close");
	}

	/* A path may mean another process, once its pid is used again. A pidfd
	 * never does */
	int fd = open_way(&(struct way){ 0 }, pid);
	if (fd == -1 || kill(pid, SIGKILL) == -1 || waitpid(pid, NULL, 0) == -1)
		err(EXIT_FAILURE, "end the process");
	show("pidfd, the process ended", fd, CLONE_NEWIPC, ESRCH);
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
