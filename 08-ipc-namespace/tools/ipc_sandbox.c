// SPDX-License-Identifier: MIT
/*
 * ipc_sandbox.c - run a command where it can leave no IPC behind, and report
 *                 what it would have left
 *
 * Shows:  fresh IPC, mount, PID and network namespaces together: nothing that
 *         the command makes or starts is seen outside, or outlives it
 * Build:  cc ipc_sandbox.c -o ipc_sandbox
 * Run:    ./ipc_sandbox ipcmk -Q
 * Prints: what COMMAND prints; then, on standard error, a line for each process
 *         and object left, with the command that removes it
 * Exit:   that of COMMAND, 128 + N if signal N ended it; 1 with --strict, if it
 *         ended well and left something; 2 usage; 77 this machine or a limit
 *         forbids it; 125 ipc_sandbox failed; 126 COMMAND cannot be executed;
 *         127 it is not found
 * See:    namespaces(7), pid_namespaces(7), unshare(1), env(1), bwrap(1)
 */
#define _GNU_SOURCE

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125 };
static sigset_t inherited, waited; /* signal masks: for COMMAND, and ours */

static int usage(FILE *out)
{
	fputs("usage: ipc_sandbox [--strict] [--] COMMAND [ARGUMENT...]\n"
	      "Run COMMAND in fresh IPC, mount, PID and network namespaces, "
	      "with a /dev/shm,\n"
	      "POSIX queues and a loopback of its own; report what it leaves. "
	      "Files that it\n"
	      "makes elsewhere stay. With --strict leftovers are a failure.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(FAILED, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 || close(fd) == -1)
		forbidden(path);
}

/* unshare(2) needs CAP_SYS_ADMIN. Every user has it in a new user namespace.
 * Ids are mapped to themselves there, so they stay the same */
static void make_namespaces(int kinds)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	if (unshare(kinds) == 0)
		return;
	if (errno != EPERM)
		forbidden("unshare");
	if (unshare(CLONE_NEWUSER | kinds) == -1)
		forbidden("unshare CLONE_NEWUSER");
	/* First promise to keep all groups: some may be there to deny access */
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uid_map);
	write_file("/proc/self/gid_map", gid_map);
}

/* Process 1 and COMMAND are children, which leave by _exit(2): exit handlers
 * and buffers are those of the parent */
static _Noreturn void fail(int status, const char *what)
{
	warn("%s", what);
	_exit(status);
}

/* If a limit of this user forbids the call, exit with 77 and the remedy */
static _Noreturn void limited(const char *call)
{
	if (errno != EMFILE && errno != EAGAIN)
		fail(FAILED, call);
	warnx("%s: %s: %s", call, strerror(errno),
	      errno == EMFILE ? "ulimit -n 64"
			      : "ulimit -u 4096, or pids.max of the cgroup");
	_exit(77);
}

static _Noreturn void mount_refused(const char *what)
{
	warnx("%s: %s: %s", what, strerror(errno),
	      errno == ENOENT ? "as root: mkdir -p /proc /dev/shm"
			      : "a chroot refuses it: run it outside; a "
				"container needs --privileged");
	_exit(77);
}

/* In a chroot "/" is no mount point. Then make those that matter private */
static void make_mounts(void)
{
	unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == -1 &&
	    (mount("none", "/proc", "", MS_PRIVATE, NULL) == -1 ||
	     mount("none", "/dev/shm", "", MS_PRIVATE, NULL) == -1))
		mount_refused("mount / private");
	/* A user namespace gets no /proc that shows more than the one here */
	int result = mount("proc", "/proc", "proc", safe, NULL);
	if (result == -1 && errno == EPERM) {
		warnx("mount /proc: %s: part of it is hidden or read-only: "
		      "a container needs --privileged",
		      strerror(EPERM));
		_exit(77);
	}
	if (result == -1 || mount("shm", "/dev/shm", "tmpfs",
				  MS_NOSUID | MS_NODEV, "mode=1777") == -1)
		mount_refused("mount /proc, /dev/shm");
	/* Some systems have no such folder. Queues work without it */
	if (mount("mqueue", "/dev/mqueue", "mqueue", safe, NULL) == -1 &&
	    errno != ENOENT)
		mount_refused("mount /dev/mqueue");
}

/* The loopback device of a new network namespace is down */
static void start_loopback(void)
{
	struct ifreq device = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || ioctl(fd, SIOCGIFFLAGS, &device) == -1)
		limited("lo");
	device.ifr_flags |= IFF_UP;
	int result = ioctl(fd, SIOCSIFFLAGS, &device);
	if (result == -1 && errno == EPERM) {
		warnx("lo up: %s: a container needs --cap-add NET_ADMIN",
		      strerror(EPERM));
		_exit(77);
	}
	if (result == -1 || close(fd) == -1)
		fail(FAILED, "lo up");
}

/* Wait for the end of CHILD, and pass on signals to it, except those of the
 * terminal, which CHILD gets itself. Process 1 inherits orphans, and reaps
 * them */
static int supervise(pid_t child)
{
	int status, result = -1;
	siginfo_t info;
	pid_t pid;

	while (result == -1) {
		if (sigwaitinfo(&waited, &info) == -1) {
			if (errno == EINTR)
				continue;
			fail(FAILED, "sigwaitinfo");
		}
		if (info.si_signo != SIGCHLD && info.si_code != SI_KERNEL)
			(void)kill(child, info.si_signo); /* it may be dead */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == child)
				result = WIFEXITED(status)
					     ? WEXITSTATUS(status)
					     : 128 + WTERMSIG(status);
		if (pid == -1 && errno != ECHILD)
			fail(FAILED, "waitpid");
	}
	return result;
}

/* COMMAND chose this name. A terminal would obey control characters in it, and
 * a quote would end the name in the command that is printed: show ? instead */
static char *plain(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c) || *c == '\'')
			*c = '?';
	return text;
}

/* The name, in parentheses, may hold parentheses, a space, or nothing: it ends
 * at the last ')'. The state follows, and 17 fields later how many threads run:
 * a process whose first one has ended looks like a zombie */
static int report_process(int pid)
{
	char path[64], text[1024] = "", state = 'Z';
	int fd, threads = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || read(fd, text, sizeof text - 1) == -1) {
		if (errno != ENOENT && errno != ESRCH) /* it has just ended */
			fail(FAILED, path);
	}
	if (fd != -1)
		(void)close(fd); /* it was only read */
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	if (name == NULL || end == NULL ||
	    sscanf(end + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %*s %d",
		   &state, &threads) != 2 ||
	    (state == 'Z' && threads < 2))
		return 0;
	*end = '\0';
	warnx("left: process %d, %s: kill %d", pid, plain(name + 1), pid);
	return 1;
}

/* Stop all processes first. Otherwise one that forks and exits in a loop has
 * another number at each look */
static int report_processes(void)
{
	(void)kill(-1, SIGSTOP); /* perhaps there is none */
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int left = 0;

	if (dir == NULL)
		fail(FAILED, "/proc");
	while ((entry = readdir(dir)) != NULL) {
		int pid = atoi(entry->d_name);
		if (pid > 1) /* 1 is this process; 0: the name is no pid */
			left += report_process(pid);
	}
	if (closedir(dir) == -1)
		fail(FAILED, "/proc");
	return left;
}

static int report_sysv(void)
{
	static const struct {
		const char *path, *kind, *unit;
		char option;
	} tables[] = {
		{ "/proc/sysvipc/msg", "message queue", "bytes", 'q' },
		{ "/proc/sysvipc/shm", "segment", "bytes", 'm' },
		{ "/proc/sysvipc/sem", "semaphore set", "semaphores", 's' },
	};
	unsigned long long size;
	char line[512];
	int left = 0, id;
	unsigned key, mode;

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		FILE *f = fopen(tables[i].path, "re");
		if (f == NULL)
			fail(FAILED, tables[i].path);
		while (fgets(line, sizeof line, f) != NULL)
			if (sscanf(line, "%d %d %o %llu", (int *)&key, &id,
				   &mode, &size) == 4 &&
			    !(mode & SHM_DEST)) { /* else removed already */
				warnx("left: %s %d, key 0x%08x, %llu %s: "
				      "ipcrm -%c %d",
				      tables[i].kind, id, key, size,
				      tables[i].unit, tables[i].option, id);
				left++;
			}
		if (ferror(f) || fclose(f) == EOF)
			fail(FAILED, tables[i].path);
	}
	return left;
}

/* The files in /dev/shm are POSIX objects. The report names them in FOLDER,
 * where COMMAND had them */
static int report_files(const char *folder, const char *kind)
{
	DIR *dir = opendir("/dev/shm");
	struct dirent *entry;
	int left = 0;

	if (dir == NULL)
		fail(FAILED, "/dev/shm");
	while ((entry = readdir(dir)) != NULL) {
		char *name = entry->d_name;
		int sem = strcmp(folder, "/dev/shm") == 0 &&
			  strncmp(name, "sem.", 4) == 0;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		plain(name);
		warnx("left: %s '/%s': rm '%s/%s'",
		      sem ? "POSIX semaphore" : kind, name + (sem ? 4 : 0),
		      folder, name);
		left++;
	}
	if (closedir(dir) == -1)
		fail(FAILED, "/dev/shm");
	return left;
}

static int report(void)
{
	int left = report_processes() + report_sysv() +
		   report_files("/dev/shm", "POSIX shared memory");

	/* Some systems have no /dev/mqueue. So mount the queues of this
	 * namespace on /dev/shm, whose files have been reported */
	if (mount("mqueue", "/dev/shm", "mqueue", 0, NULL) == -1)
		fail(FAILED, "mount mqueue");
	return left + report_files("/dev/mqueue", "POSIX queue");
}

static pid_t run(char *argv[])
{
	pid_t pid = fork();

	if (pid == -1)
		limited("fork");
	if (pid == 0) {
		/* Best effort: what root mounts or unmounts in COMMAND does not
		 * change what report() sees */
		(void)unshare(CLONE_NEWNS);
		if (sigprocmask(SIG_SETMASK, &inherited, NULL) == 0)
			execvp(argv[0], argv);
		fail(errno == ENOENT ? 127 : 126, argv[0]);
	}
	return pid;
}

/* Process 1: when it exits, the kernel kills all that are left in there. It
 * must not outlive its parent, but cannot ask whether that is alive: getppid
 * returns 0 for a parent outside. So the parent holds one end of a pipe */
static int init(const int alive[2], char *argv[], int strict)
{
	char c;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || close(alive[1]) == -1)
		fail(FAILED, "prctl PR_SET_PDEATHSIG");
	if (read(alive[0], &c, 1) != -1 || errno != EAGAIN)
		return FAILED;
	make_mounts();
	start_loopback();
	int status = supervise(run(argv));
	int left = report();
	return status == 0 && strict && left > 0 ? EXIT_FAILURE : status;
}

/* supervise() waits for these signals. An ignored SIGCHLD would not arrive.
 * COMMAND inherits which of the others are ignored, and so ignores them too */
static void block_signals(void)
{
	static const int signals[] = { SIGCHLD, SIGHUP,	 SIGINT,  SIGQUIT,
				       SIGALRM, SIGTERM, SIGUSR1, SIGUSR2 };

	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(FAILED, "signal SIGCHLD");
	sigemptyset(&waited);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaddset(&waited, signals[i]);
	if (sigprocmask(SIG_BLOCK, &waited, &inherited) == -1)
		err(FAILED, "sigprocmask");
}

int main(int argc, char *argv[])
{
	int alive[2], strict = 0, first = 1;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (first < argc && strcmp(argv[first], "--strict") == 0)
		strict = first++;
	if (first < argc && strcmp(argv[first], "--") == 0)
		first++;
	else if (first < argc && argv[first][0] == '-')
		return usage(stderr);
	if (first == argc)
		return usage(stderr);

	block_signals();
	make_namespaces(CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWPID |
			CLONE_NEWNET);
	if (pipe2(alive, O_CLOEXEC | O_NONBLOCK) == -1)
		limited("pipe2");
	pid_t pid = fork();
	if (pid == -1)
		limited("fork");
	if (pid == 0)
		_exit(init(alive, &argv[first], strict));
	int status = supervise(pid);
	if (close(alive[0]) == -1 || close(alive[1]) == -1)
		err(FAILED, "close");
	return status;
}
