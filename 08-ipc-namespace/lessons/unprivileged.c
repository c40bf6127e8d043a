// SPDX-License-Identifier: MIT
/*
 * unprivileged.c - an IPC namespace for everybody, step by step
 *
 * Shows:  in a user namespace of its own every process may make an IPC
 *         namespace; in which order ids are mapped, and what each step is for
 * Build:  cc unprivileged.c -o unprivileged
 * Run:    ./unprivileged
 * Prints: for each attempt its steps, and what came of it; root first becomes
 *         the user and group 1
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 2 usage; 77 this
 *         machine allows this user no namespace
 * See:    user_namespaces(7), unshare(2), setgroups(2), capabilities(7);
 *         ns_producer.c, which takes the steps that work
 */
#define _GNU_SOURCE

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static uid_t uid;
static gid_t gid;

static int usage(FILE *out)
{
	fputs("usage: unprivileged\n"
	      "Make a user and an IPC namespace, rightly and wrongly.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* No user namespace: print the reason and the remedy. unshare(0) changes
 * nothing: it fails only where a seccomp filter refuses the call */
static void refused(int cause)
{
	const char *remedy = "a chroot refuses it: run it outside; or "
			     "kernel.unprivileged_userns_clone is 0";

	if (cause == ENOSPC)
		remedy = "as root: echo 15000 | "
			 "tee /proc/sys/user/max_*_namespaces";
	else if (unshare(0) == -1)
		remedy = "seccomp refuses it: a container needs --privileged";
	errx(77, "unshare CLONE_NEWUSER: %s: %s", strerror(cause), remedy);
}

/* Write to a file of /proc/self; the kernel takes a map in one write only */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	int result = write(fd, text, strlen(text)) == -1 ? -1 : 0;
	int cause = errno;
	close(fd); /* nothing was buffered */
	errno = cause;
	return result;
}

/* One id: INSIDE in the namespace is OUTSIDE in its parent */
static int map(const char *path, unsigned inside, unsigned outside)
{
	char line[32];

	snprintf(line, sizeof line, "%u %u 1", inside, outside);
	return put(path, line);
}

/* Who we are, and whether we can make a queue: it goes with the namespace */
static int look(void)
{
	if (msgget(IPC_PRIVATE, 0600) == -1)
		return -1;
	return printf(": uid %u, gid %u", geteuid(), getegid()) < 0 ? -1 : 0;
}

/* What a program has left that this process becomes: as uid 0 in there all
 * privileges, else none. grep(1) fails where that is not so */
static int exec(void)
{
	const char *sets =
	    geteuid() == 0 ? "CapEff:.*[1-9a-f]" : "CapEff:[^1-9a-f]*$";

	if (printf(": ") < 0 || fflush(stdout) == EOF)
		return -1;
	return execlp("grep", "grep", sets, "/proc/self/status", NULL);
}

enum { WITHOUT_DENY = 2 }; /* which of the attempts */
enum { IPC = 1, USER, DENY, GID, UID, ROOT, OTHER, LOOK, EXEC };

static int take(int step)
{
	switch (step) {
	case IPC:
		return unshare(CLONE_NEWIPC);
	case USER:
		return unshare(CLONE_NEWUSER);
	case DENY:
		return put("/proc/self/setgroups", "deny");
	case GID:
		return map("/proc/self/gid_map", gid, gid);
	case UID:
		return map("/proc/self/uid_map", uid, uid);
	case ROOT:
		return map("/proc/self/uid_map", 0, uid);
	case OTHER:
		return map("/proc/self/uid_map", uid, uid + 1);
	case LOOK:
		return look();
	default:
		return exec();
	}
}

static const char *const names[] = {
	[IPC] = "IPC",	       [USER] = "USER",	  [DENY] = "deny",
	[GID] = "map gid",     [UID] = "map uid", [ROOT] = "map to 0",
	[OTHER] = "map other", [LOOK] = "look",	  [EXEC] = "exec",
};
static struct attempt {
	int cause; /* for which its last step fails */
	char steps[8];
} attempts[] = {
	{ EPERM, { IPC } },
	{ 0, { USER, IPC, LOOK } }, /* unmapped, ids are the overflow ids */
	/* To drop a group may open a file that is closed to this group */
	[WITHOUT_DENY] = { EPERM, { USER, UID, GID } },
	{ EPERM, { USER, OTHER } },
	{ EPERM, { USER, UID, UID } }, /* once only */
	{ 0, { USER, DENY, GID, UID, IPC, LOOK } },
	{ 0, { USER, DENY, GID, UID, EXEC } },
	{ 0, { USER, DENY, GID, ROOT, EXEC } },
};

/* Its steps up to the one that fails, in a process of its own */
static void run(const struct attempt *attempt)
{
	const char *step = attempt->steps;
	int cause = 0;

	for (; *step != 0 && cause == 0; step++) {
		printf("%s%s", step == attempt->steps ? "" : ", ",
		       names[(int)*step]);
		if (take(*step) == -1)
			cause = errno;
		if (cause != 0 && *step == USER)
			refused(cause);
	}
	printf("%s%s\n", cause == 0 ? "" : ": ",
	       cause == 0 ? "" : strerror(cause));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	if (*step != 0 || cause != attempt->cause)
		errx(EXIT_FAILURE, "not as claimed");
	_exit(EXIT_SUCCESS);
}

/* Root becomes another user, and with that loses its capabilities. The files of
 * such a process in /proc are root's, unless it may be traced again */
static void become_ordinary(void)
{
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setresgid(1, 1, 1) == -1 ||
	     setresuid(1, 1, 1) == -1 || prctl(PR_SET_DUMPABLE, 1) == -1))
		err(77, "to become user 1: run it as an ordinary user");
	uid = geteuid();
	gid = getegid();
}

/* In a namespace where that is denied already, it is also in those below */
static int setgroups_denied(void)
{
	char c = '\0';
	int fd = open("/proc/self/setgroups", O_RDONLY | O_CLOEXEC);

	if (fd == -1 || read(fd, &c, 1) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "/proc/self/setgroups");
	return c == 'd';
}

int main(int argc, char *argv[])
{
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	become_ordinary();
	if (setgroups_denied())
		attempts[WITHOUT_DENY].cause = 0;

	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
		pid_t pid = fork();
		if (pid == 0)
			run(&attempts[i]);
		if (pid == -1 || waitpid(pid, &status, 0) == -1)
			err(EXIT_FAILURE, "fork, waitpid");
		if (WIFEXITED(status) &&
		    WEXITSTATUS(status) == 77) /* it has said why */
			return 77;
		if (status != 0)
			errx(EXIT_FAILURE, "the last attempt failed");
	}
	return EXIT_SUCCESS;
}
