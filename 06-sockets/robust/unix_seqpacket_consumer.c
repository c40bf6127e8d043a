// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket_consumer.c - copy a Unix packet socket to output
 *
 * Shows:  messages over a connection; an empty one is not EOF
 * Build:  cc unix_seqpacket_consumer.c -o unix_seqpacket_consumer
 * Run:    ./unix_seqpacket_consumer [PATH|@NAME] >file
 * Prints: on standard error: where it waits, and what it received
 * Exit:   0 all received; 1 a call failed; 2 usage; 77 this machine forbids it
 * See:    unix(7), bind(2), accept(2); unix_seqpacket_producer.c
 */
#define _GNU_SOURCE	     /* accept4, struct ucred */
#define _FILE_OFFSET_BITS 64 /* lstat, in a 32-bit program, of any file */

#include "unix_seqpacket.h"
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Each message from now on, also an empty one, comes with the credentials of
 * its sender */
static void ask_for_credentials(int fd)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		fail("setsockopt", "SO_PASSCRED");
}

/* Both the end and EOF are 0 bytes. EOF comes without credentials */
static ssize_t receive(int fd, void *buf, size_t size)
{
	union {
		struct cmsghdr header; /* for the alignment */
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} cred;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &cred,
			      .msg_controllen = sizeof cred };
	ssize_t n;

	do
		n = recvmsg(fd, &msg, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		err(EXIT_FAILURE, "recvmsg %s", path);
	if (n == 0 && msg.msg_controllen == 0)
		errx(EXIT_FAILURE, "%s: the producer died unfinished", path);
	if (msg.msg_flags & MSG_TRUNC)
		errx(EXIT_FAILURE, "%s: a message of more than %zu bytes", path,
		     size);
	return n;
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
	const char usage[] =
	    "usage: unix_seqpacket_consumer [PATH|@NAME]\n"
	    "Listen at PATH, or at the abstract NAME, and copy what one\n"
	    "producer sends to standard output.\n"
	    "PATH is " SEQPACKET_DEFAULT("UID") " unless given.\n";
	static char buf[SEQPACKET_MAX];
	uintmax_t bytes = 0, messages = 0;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(stdout, usage);
	if (argc > 2 || !set_name(argv[1]))
		return print_usage(stderr, usage);
	check_standard_descriptors();

	int fd = meet_peer(CONSUMER);
	ask_for_credentials(fd);
	/* Each recvmsg(2) receives one message, whole, whatever its length */
	while ((n = receive(fd, buf, sizeof buf)) > 0) {
		if (write_all(STDOUT_FILENO, buf, (size_t)n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += (size_t)n;
		messages++;
	}

	/* Closing reports to the producer that everything was written */
	if (close(STDOUT_FILENO) == -1 || close(fd) == -1)
		err(EXIT_FAILURE, "close");
	report(CONSUMER, bytes, messages);
	return EXIT_SUCCESS;
}
