// SPDX-License-Identifier: MIT
/*
 * limits.c - the limits that each IPC namespace has for itself
 *
 * Shows:  a new namespace begins with the kernel's defaults, not its parent's
 *         limits; what is changed in it is not changed outside
 * Build:  cc limits.c -o limits
 * Run:    ./limits
 * Prints: each limit outside, in a new namespace, there when changed, in a new
 *         one begun from that; and what the changed ones refuse
 * Exit:   0 as claimed; 1 a call failed, or it was otherwise; 2 usage; 77 this
 *         machine allows no namespace, or not to change its limits
 * See:    proc_sys_kernel(5), sysvipc(7), mq_overview(7), ipc_namespaces(7);
 *         chapter 03's sysv_limits.c and posix_limits.c
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
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *path; /* below /proc/sys */
	const char *value;
} limits[] = {
	{ "kernel/msgmax", "16" },	    /* bytes a message */
	{ "kernel/msgmnb", "32" },	    /* bytes a queue */
	{ "kernel/msgmni", "2" },	    /* queues */
	{ "kernel/sem", "10 20 5 4" },	    /* a set, in all, a call, sets */
	{ "kernel/shmmax", "8192" },	    /* bytes a segment */
	{ "kernel/shmall", "16" },	    /* pages in all */
	{ "kernel/shmmni", "3" },	    /* segments */
	{ "fs/mqueue/queues_max", "1" },    /* POSIX queues */
	{ "fs/mqueue/msg_max", "3" },	    /* messages a queue */
	{ "fs/mqueue/msgsize_max", "256" }, /* bytes a message */
};
enum { LIMITS = sizeof limits / sizeof limits[0], LENGTH = 48 };
typedef char values[LIMITS][LENGTH];
struct shared {
	values fresh, changed, nested;
	int refused, taken;
};
static struct shared *inside; /* shared with the process that is inside */

static int usage(FILE *out)
{
	fputs("usage: limits\n"
	      "Change the limits of a new IPC namespace.\n",
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

/* A process finds those of its own namespace there, in whatever /proc */
static FILE *open_limit(int i, const char *mode)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/sys/%s", limits[i].path);
	FILE *f = fopen(path, mode);
	if (f == NULL && errno == EROFS)
		forbidden(path);
	if (f == NULL && errno == EACCES) /* an older kernel */
		err(77, "%s: run it as root", path);
	if (f == NULL)
		err(EXIT_FAILURE, "%s", path);
	return f;
}

static void look(values to)
{
	for (int i = 0; i < LIMITS; i++) {
		FILE *f = open_limit(i, "re");
		if (fgets(to[i], LENGTH, f) == NULL || fclose(f) == EOF)
			err(EXIT_FAILURE, "read %s", limits[i].path);
		to[i][strcspn(to[i], "\n")] = '\0';
		for (char *tab = to[i]; (tab = strchr(tab, '\t')) != NULL;)
			*tab = ' ';
	}
}

static void change(void)
{
	for (int i = 0; i < LIMITS; i++) {
		FILE *f = open_limit(i, "we");
		if (fputs(limits[i].value, f) == EOF || fclose(f) == EOF)
			err(EXIT_FAILURE, "write %s", limits[i].path);
	}
}

/* Root of the user namespace that owns an IPC namespace may set its limits */
static void begin_as_root(void)
{
	char map[32];

	snprintf(map, sizeof map, "0 %u 1", geteuid());
	if (unshare(CLONE_NEWIPC) == 0)
		return;
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		forbidden("unshare");
	int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, map, strlen(map)) == -1 || close(fd) == -1)
		forbidden("/proc/self/uid_map");
}

/* One byte more than the changed msgmax, to a queue that ends with us: 0, or
 * why not */
static int send_message(void)
{
	struct {
		long type;
		char text[17];
	} msg = { 1, "" };
	int msqid = msgget(IPC_PRIVATE, 0600);

	if (msqid == -1)
		err(EXIT_FAILURE, "msgget");
	return msgsnd(msqid, &msg, sizeof msg.text, IPC_NOWAIT) ? errno : 0;
}

/* To a new namespace, where all is changed, and from that to another */
static void go_inside(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_FAILURE);
	begin_as_root();
	look(inside->fresh);
	change();
	look(inside->changed);
	inside->refused = send_message();
	raise(SIGSTOP); /* our parent looks, outside, and continues us */
	if (unshare(CLONE_NEWIPC) == -1)
		err(EXIT_FAILURE, "unshare CLONE_NEWIPC");
	look(inside->nested);
	inside->taken = send_message();
	_exit(EXIT_SUCCESS);
}

static void watch_outside(values before, values after)
{
	int status;
	pid_t parent = getpid(), pid;

	look(before);
	pid = fork();
	if (pid == 0)
		go_inside(parent);
	if (pid == -1 || waitpid(pid, &status, WUNTRACED) == -1)
		err(EXIT_FAILURE, "fork, waitpid");
	look(after);
	if (WIFSTOPPED(status) &&
	    (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1))
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	if (status != 0) /* it has said why */
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

static void report(values before, values after)
{
	printf("%-21s %-27s changed to\n", "limit", "in a new namespace");
	for (int i = 0; i < LIMITS; i++) {
		printf("%-21s %-27s %s\n", limits[i].path, inside->fresh[i],
		       inside->changed[i]);
		if (strcmp(inside->changed[i], limits[i].value) != 0)
			errx(EXIT_FAILURE, "it is not what was written");
	}
	printf("17 bytes to a queue there: %s\n", strerror(inside->refused));
	printf("in a new one begun from it: %s\n",
	       inside->taken ? strerror(inside->taken) : "done");
	if (inside->refused != EINVAL || inside->taken != 0)
		errx(EXIT_FAILURE, "not as claimed");
	if (memcmp(before, after, sizeof(values)) != 0)
		errx(EXIT_FAILURE, "the limits outside have changed");
	puts("outside nothing has changed");
	if (memcmp(inside->fresh, inside->nested, sizeof(values)) != 0)
		errx(EXIT_FAILURE, "the changes were inherited");
	puts("nor was any change inherited");
}

int main(int argc, char *argv[])
{
	static values before, after;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	inside = mmap(NULL, sizeof *inside, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (inside == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	watch_outside(before, after);
	report(before, after);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
