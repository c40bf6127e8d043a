// SPDX-License-Identifier: MIT
/*
 * stream_record_fixed.c - a length in front of each record
 *
 * Shows:  a length restores the boundaries that a stream does not keep
 * Build:  cc stream_record_fixed.c -o stream_record_fixed
 * Run:    ./stream_record_fixed
 * Prints: each record, and how many records that makes
 * Exit:   0 as many records as sent; 1 a call failed, or not as many;
 *         77 this machine forbids it
 * See:    unix(7), tcp(7), recv(2); stream_record.c, the fault
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD_MAX = 255 };

static void send_record(int fd, const char *text)
{
	unsigned char len = (unsigned char)strlen(text);

	if (send(fd, &len, 1, MSG_NOSIGNAL) != 1 ||
	    send(fd, text, len, MSG_NOSIGNAL) != len)
		err(EXIT_FAILURE, "send");
}

/* Returns the length of the next record; 0 at the end of the stream */
static int receive_record(int fd, char *record)
{
	unsigned char len = 0;
	ssize_t n = recv(fd, &len, 1, 0);

	/* MSG_WAITALL: until all len bytes have arrived */
	if (n == 1)
		n = recv(fd, record, len, MSG_WAITALL);
	if (n != len)
		err(EXIT_FAILURE, "recv");
	return len;
}

int main(void)
{
	char record[RECORD_MAX];
	int sv[2], len, received = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(77, "socketpair: see ulimit -n");

	/* No send blocks: the socket buffers all three */
	send_record(sv[0], "one");
	send_record(sv[0], "two");
	send_record(sv[0], "three");
	if (close(sv[0]) == -1)
		err(EXIT_FAILURE, "close");

	for (; (len = receive_record(sv[1], record)) > 0; received++)
		printf("record: %.*s\n", len, record);
	if (close(sv[1]) == -1)
		err(EXIT_FAILURE, "close");
	printf("records sent: 3, received: %d\n", received);
	if (received != 3)
		errx(EXIT_FAILURE, "unexpected number of records");

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
