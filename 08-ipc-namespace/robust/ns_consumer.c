// SPDX-License-Identifier: MIT
/*
 * ns_consumer.c - copy the queue of another namespace to standard output
 *
 * Shows:  setns(2) enters an IPC namespace, named by a file. The key that
 *         meant nothing outside finds the queue there
 * Build:  cc ns_consumer.c -o ns_consumer
 * Run:    ./ns_consumer [PID | PATH] >file
 * Prints: on standard error: what it received
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    ipc_namespaces(7), setns(2), ioctl_ns(2), sysvipc(7); ns_producer.c,
 *         ns.h
 */
#define _GNU_SOURCE

#include "ns.h"
#include <signal.h>

static int is_ours(const struct ipc_perm *perm)
{
	return perm->uid == geteuid() && perm->cuid == geteuid() &&
	       (perm->mode & 077) == 0;
}

/* Find set and queue, and attach: only one consumer can take OPEN, and none if
 * the producer is not attached any more. The undo of SEM_UNDO belongs to the
 * namespace: enter it first */
static void attach(void)
{
	struct sembuf join[] = { { PRODUCER, -1, IPC_NOWAIT },
				 { PRODUCER, 1, 0 },
				 { OPEN, -1, IPC_NOWAIT },
				 { CONSUMER, 1, SEM_UNDO } };
	const key_t key = NS_KEY(geteuid());
	union semun set;
	struct semid_ds sem;
	struct msqid_ds msg;

	set.buf = &sem;
	semid = semget(key, SEMAPHORES, 0);
	msqid = msgget(key, 0);
	if ((semid == -1 || msqid == -1) && errno == ENOENT)
		errx(EXIT_FAILURE,
		     "%s: no queue 0x%08x in there: start ns_producer, then "
		     "ns_consumer PID",
		     name, (unsigned int)key);
	if (semid == -1 || msqid == -1 || semctl(semid, 0, IPC_STAT, set) ||
	    msgctl(msqid, IPC_STAT, &msg) == -1)
		err(EXIT_FAILURE, "msgget, semget %s", name);
	if (!is_ours(&sem.sem_perm) || !is_ours(&msg.msg_perm))
		errx(EXIT_FAILURE, "%s: not a queue of this user", name);
	if (operate(join, 4) == -1 && errno != EAGAIN)
		err(EXIT_FAILURE, "semop %s", name);
	...
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

int main(int argc, char *argv[])
{
	const char *usage =
	    "usage: ns_consumer [PID | PATH]\n"
	    "Copy the message queue of ns_producer to standard output.\n"
	    "PID is the producer's, PATH names a namespace file and has a /;\n"
	    "without either it looks in its own IPC namespace.\n";
	static struct ns_message msg;
	struct watch watch = { .me = CONSUMER };
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc == 2)
		name = namespace_file(argv[1]);
	if (argc > 2 || name == NULL)
		return print_usage(stderr, usage);
	check_standard_descriptors();
	/* Otherwise a closed standard output would end us without a message */
	signal(SIGPIPE, SIG_IGN);

	if (argc == 2)
		enter_namespace(CONSUMER);
	start_watching(&watch, open_queue());
	while ((n = receive_message(&msg)) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* Everything is here: the producer may exit, and the namespace end */
	stop_watching(&watch);
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	if (msgctl(msqid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "msgctl %s", name);
	report("received", bytes, messages);
	return EXIT_SUCCESS;
}
