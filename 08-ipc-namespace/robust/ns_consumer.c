// SPDX-License-Identifier: MIT
/*
 * ns_consumer.c - copy the queue of another namespace to standard output
 *
 * Shows:  setns(2) enters an IPC namespace, named by a file: the key that
 *         meant nothing outside finds the queue in there
 * Build:  cc ns_consumer.c -o ns_consumer
 * Run:    ./ns_consumer [PID | PATH] >file
 * Prints: on standard error: what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    ipc_namespaces(7), setns(2), ioctl_ns(2), sysvipc(7); ns_producer.c,
 *         ns.h
 */
#define _GNU_SOURCE

#include "ns.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in linux/nsfs.h, which not every C library's headers come with */
#define NS_GET_USERNS _IO(0xb7, 0x1)
#define NS_GET_NSTYPE _IO(0xb7, 0x3)

static const char *name = "/proc/self/ns/ipc";
static int msqid, pidfd;
static struct ns_message msg;

static int usage(FILE *out)
{
	fputs(
	    "usage: ns_consumer [PID | PATH]\n"
	    "Copy the message queue of ns_producer to standard output.\n"
	    "PID is the producer's, PATH names a namespace file and has a /;\n"
	    "without either it looks in its own IPC namespace.\n",
	    out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The namespace file that arg, a PID or a PATH, stands for; NULL if none */
static const char *parse_name(const char *arg)
{
	static char file[sizeof "/proc//ns/ipc" + 10];
	size_t digits = strspn(arg, "0123456789");

	if (strchr(arg, '/') != NULL)
		return arg;
	if (*arg == '\0' || *arg == '0' || arg[digits] || digits > 10)
		return NULL;
	snprintf(file, sizeof file, "/proc/%s/ns/ipc", arg);
	return file;
}

static void enter_namespace(void)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC), owner;

	if (fd == -1)
		err(EXIT_FAILURE, "open %s", name);
	if (setns(fd, CLONE_NEWIPC) == -1) {
		if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWIPC)
			errx(EXIT_FAILURE, "%s: not an IPC namespace", name);
		/* Enter the user namespace first that it belongs to: there we
		 * have the privilege, if it was a process of ours that made it
		 */
		owner = ioctl(fd, NS_GET_USERNS);
		if (owner == -1 || setns(owner, CLONE_NEWUSER) == -1 ||
		    setns(fd, CLONE_NEWIPC) == -1 || close(owner) == -1)
			err(EXIT_FAILURE,
			    "setns %s: not of this user, or forbidden here",
			    name);
	}
	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", name);
}

/* Find the queue and say hello; return the producer's pid */
static pid_t open_queue(void)
{
	const long hello = NS_HELLO + getpid();
	struct msqid_ds ds;

	msqid = msgget(NS_KEY(geteuid()), 0);
	if (msqid == -1 && errno == ENOENT)
		errx(EXIT_FAILURE,
		     "%s: no queue 0x%08x in there: start ns_producer, then "
		     "ns_consumer PID",
		     name, (unsigned int)NS_KEY(geteuid()));
	if (msqid == -1 || msgctl(msqid, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "msgget %s", name);
	if (ds.msg_perm.uid != geteuid())
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (ds.msg_lrpid != 0)
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	if (msgsnd(msqid, &hello, 0, 0) == -1)
		err(EXIT_FAILURE, "msgsnd %s", name);
	return ds.msg_lspid;
}

/* A queue wakes nobody when the process at its other end dies: this thread
 * waits for the producer's end, which must not come before ours */
static void *watch(void *unused)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };

	while (poll(&process, 1, -1) == -1 && errno == EINTR)
		;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	warnx("%s: the producer has gone", name);
	_exit(EXIT_FAILURE);
	return unused;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The next message for us; its length is 0 at the end */
static size_t receive_message(void)
{
	ssize_t n;

	while ((n = msgrcv(msqid, &msg, sizeof msg.text, getpid(), 0)) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "msgrcv %s", name);
	return (size_t)n;
}

int main(int argc, char *argv[])
{
	uintmax_t bytes = 0, messages = 0;
	pthread_t watcher;
	size_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		name = parse_name(argv[1]);
	if (argc > 2 || name == NULL)
		return usage(stderr);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2)
		enter_namespace();
	pid_t producer = open_queue();
	pidfd = (int)syscall(SYS_pidfd_open, producer, 0);
	if (pidfd == -1 && errno != ENOSYS) /* before Linux 5.3: not watched */
		err(EXIT_FAILURE, "%s: the producer has gone", name);
	if ((errno = pthread_create(&watcher, NULL, watch, NULL)) != 0)
		err(EXIT_FAILURE, "pthread_create");

	while ((n = receive_message()) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* All is here: the producer may go, and so its namespace */
	pthread_cancel(watcher);
	pthread_join(watcher, NULL);
	if (pidfd != -1)
		close(pidfd);
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl %s", name);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
