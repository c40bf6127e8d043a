// SPDX-License-Identifier: MIT
/*
 * signal_producer.c - send standard input to a process, by signals
 *
 * Shows:  a realtime signal carries an int: 3 bytes, and how many of them count
 * Build:  cc signal_producer.c -o signal_producer
 * Run:    ./signal_producer PID <file
 * Exit:   0 the consumer has written everything; 1 a call failed; 2 usage
 * See:    signal(7), sigqueue(3), sigwaitinfo(2); signal_consumer.c
 *
 * If the consumer is killed before it acknowledges a piece, this program waits
 * forever. If PID is another process, the first signal kills that process. For
 * both see robust/.
 */
#define _POSIX_C_SOURCE 200809L /* sigqueue, sigwaitinfo */
#include "signal_pair.h"
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: signal_producer PID <file");
	pid_t consumer = (pid_t)strtol(argv[1], NULL, 10);

	/* A signal that is not blocked would kill this process. A blocked one
	 * stays pending until sigwaitinfo takes it */
	sigset_t acks;
	sigemptyset(&acks);
	sigaddset(&acks, SIGNAL_ACK);
	if (sigprocmask(SIG_BLOCK, &acks, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");

	struct piece piece = { 0 };
	size_t signals = 0;
	do {
		ssize_t n = read(STDIN_FILENO, piece.data, sizeof piece.data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		piece.len = (unsigned char)n;

		union sigval value = { 0 };
		memcpy(&value.sival_int, &piece, sizeof piece);
		if (sigqueue(consumer, SIGNAL_DATA, value) == -1)
			err(EXIT_FAILURE, "sigqueue %s", argv[1]);
		signals++;

		/* Blocks until the consumer has written the piece */
		if (sigwaitinfo(&acks, NULL) == -1)
			err(EXIT_FAILURE, "sigwaitinfo");
	} while (piece.len > 0);

	fprintf(stderr, "signal_producer: signals sent: %zu\n", signals);
	return EXIT_SUCCESS;
}
