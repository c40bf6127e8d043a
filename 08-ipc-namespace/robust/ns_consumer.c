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

/* Receive the next message. Its length is 0 at the end */
static size_t receive_message(struct ns_message *msg)
{
	ssize_t n;

	while ((n = msgrcv(msqid, msg, sizeof msg->text, 0, 0)) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "msgrcv %s", name);
	return (size_t)n;
}

/* write(2) may write less than asked: repeat until all is written */
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
	uintmax_t bytes = 0, messages = 0;
	size_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc == 2)
		name = namespace_file(argv[1]);
	if (argc > 2 || name == NULL)
		return print_usage(stderr, usage);
	check_standard_descriptors();
	/* Otherwise a closed standard output kills this process silently */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* above ulimit -f write(2) fails */

	if (argc == 2)
		enter_namespace(CONSUMER);
	open_queue(CONSUMER);
	start_watching(CONSUMER);
	while ((n = receive_message(&msg)) > 0) {
		if (write_all(STDOUT_FILENO, msg.text, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}

	/* Everything is written: the producer and the namespace may end */
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close");
	if (msgctl(msqid, IPC_RMID, NULL) == -1 ||
	    semctl(semid, 0, IPC_RMID) == -1)
		err(EXIT_FAILURE, "msgctl, semctl %s", name);
	pthread_join(watcher, NULL);
	report("received", bytes, messages);
	return EXIT_SUCCESS;
}
