// SPDX-License-Identifier: MIT
/*
 * sysv_mq.h - what sysv_mq_producer and sysv_mq_consumer have in common
 *
 * Name:   a key of one queue and one set of semaphores, sysv_mq_set.h. The half
 *         that starts first creates them, mode 0600; the consumer removes both.
 * Wire:   a message for each read(2) of the producer; an empty one is the end.
 *         The producer may exit before the consumer starts.
 * Trust:  another user has no access. A process of the same user can send
 *         messages to the queue: they are taken for the producer's.
 */
#ifndef SYSV_MQ_H
#define SYSV_MQ_H

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

enum { SYSV_MQ_TEXT = 8192 }; /* bytes; the system may allow less */

/* The msgbuf of msgsnd(2). The size that msgsnd takes excludes the type */
struct sysv_mq_message {
	long type; /* always 1 */
	char text[SYSV_MQ_TEXT];
};

_Static_assert(offsetof(struct sysv_mq_message, text) == sizeof(long),
	       "msgsnd takes the text from right behind the type");

static key_t key;
static char name[sizeof "0x71000000"]; /* key, as ipcs(1) prints it */
static int msqid = -1;

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The key unless one is given: 'q', which is 0x71, and the user's id */
#define SYSV_MQ_DEFAULT "0x71000000 + UID"

/* The operand, decimal or 0x..., or the default */
static void parse_key(int argc, char *argv[], const char *usage)
{
	uintmax_t n = 'q' << 24 | (0xffffff & geteuid());
	char *end;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		exit(print_usage(stdout, usage));
	if (argc == 2) {
		n = strtoumax(argv[1], &end,
			      strncmp(argv[1], "0x", 2) ? 10 : 16);
		if (!isdigit((unsigned char)*argv[1]) || *end || n > UINT32_MAX)
			n = 0; /* IPC_PRIVATE, which is no key */
	}
	if (argc > 2 || n == 0)
		exit(print_usage(stderr, usage));
	snprintf(name, sizeof name, "0x%08x", (unsigned int)n);
	key = (key_t)n;
}

#endif
