// SPDX-License-Identifier: MIT
/*
 * signal_consumer.c - receive signals, and write what they carry
 *
 * Shows:  blocked signals queue; sigwaitinfo(2) takes one, without a handler
 * Build:  cc signal_consumer.c -o signal_consumer
 * Run:    ./signal_consumer >copy
 * Prints: on standard error: its process id, which the producer needs
 * Exit:   0 everything up to the end was written; 1 a call failed; 2 usage
 * See:    signal(7), sigprocmask(2), sigwaitinfo(2); signal_producer.c
 *
 * If the producer is killed, this program waits forever. A signal from any
 * other process is taken for a piece of the data, and the acknowledgement kills
 * that process. For both see robust/.
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
	if (argc > 1)
		errx(2, "usage: signal_consumer >copy, without %s", argv[1]);

	/* A signal that is not blocked would kill this process. A blocked one
	 * stays pending until sigwaitinfo takes it */
	sigset_t data;
	sigemptyset(&data);
	sigaddset(&data, SIGNAL_DATA);
	if (sigprocmask(SIG_BLOCK, &data, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	fprintf(stderr, "signal_consumer: ready: pid %d\n", (int)getpid());

	struct piece piece;
	size_t signals = 0;
	do {
		siginfo_t info;
		if (sigwaitinfo(&data, &info) == -1)
			err(EXIT_FAILURE, "sigwaitinfo");
		memcpy(&piece, &info.si_value.sival_int, sizeof piece);
		signals++;

		fwrite(piece.data, 1, piece.len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			err(EXIT_FAILURE, "write standard output");

		/* The kernel has noted who sent the signal: reply to it */
		if (sigqueue(info.si_pid, SIGNAL_ACK, info.si_value) == -1)
			err(EXIT_FAILURE, "sigqueue %d", (int)info.si_pid);
	} while (piece.len > 0);

	fprintf(stderr, "signal_consumer: signals received: %zu\n", signals);
	return EXIT_SUCCESS;
}
