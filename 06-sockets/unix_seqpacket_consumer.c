// SPDX-License-Identifier: MIT
/*
 * unix_seqpacket_consumer.c - copy the messages of one connection to output
 *
 * Shows:  one recv returns one whole message, in the order of the sends
 * Build:  cc unix_seqpacket_consumer.c -o unix_seqpacket_consumer
 * Run:    ./unix_seqpacket_consumer PATH >copy
 * Exit:   0 received up to EOF; 1 a call failed; 2 usage
 * See:    unix(7), bind(2), accept(2), recv(2); unix_seqpacket_producer.c
 *
 * If the producer is killed, this program reports success. If this program
 * is killed while it waits, its socket file stays: see robust/.
 */
#include "unix_seqpacket.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if (argc != 2 || strlen(argv[1]) >= sizeof addr.sun_path)
		errx(2, "usage: unix_seqpacket_consumer PATH >copy "
			"(PATH: at most 107 bytes)");
	const char *path = strcpy(addr.sun_path, argv[1]);

	/* bind creates the socket file, and fails if PATH exists */
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (listener == -1)
		err(EXIT_FAILURE, "socket");
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) == -1)
		err(EXIT_FAILURE, "bind %s", path);
	if (listen(listener, 1) == -1)
		err(EXIT_FAILURE, "listen %s", path);
	fprintf(stderr, "unix_seqpacket_consumer: ready on %s\n", path);

	/* Blocks until a producer connects */
	int fd = accept(listener, NULL, NULL);
	if (fd == -1)
		err(EXIT_FAILURE, "accept %s", path);
	/* The connection needs neither the name nor the listener */
	if (unlink(path) == -1 || close(listener) == -1)
		err(EXIT_FAILURE, "unlink %s, close", path);

	/* Blocks while there is no message. 0 is EOF, or an empty message:
	 * recv cannot tell them apart, so this producer sends no empty one */
	static char buf[MESSAGE_MAX];
	ssize_t n;
	size_t messages = 0;
	while ((n = recv(fd, buf, sizeof buf, 0)) > 0) {
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n ||
		    fflush(stdout) == EOF)
			err(EXIT_FAILURE, "write standard output");
		messages++;
	}
	if (n == -1)
		err(EXIT_FAILURE, "recv %s", path);

	if (close(fd) == -1)
		err(EXIT_FAILURE, "close %s", path);
	fprintf(stderr, "unix_seqpacket_consumer: messages received: %zu\n",
		messages);
	return EXIT_SUCCESS;
}
