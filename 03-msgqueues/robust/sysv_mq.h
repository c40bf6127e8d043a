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

/* What msgsnd(2) calls msgbuf; the size that it takes leaves out the type */
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

/* The operand, decimal or 0x...; without one, 'q' and the user's id */
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

/* Exit with the cause. If the machine forbids the call it is 77, with what to
 * echo to which file if remedy says which limit may be in the way */
static _Noreturn void fail(const char *call, const char *remedy)
{
	const char *path = remedy ? strchr(remedy, '/') : NULL;
	const char *cause = strerror(errno);
	char value[80] = "used up\n";

	if (errno == ENOSYS || errno == EPERM)
		err(77, "%s %s: no CONFIG_SYSVIPC, or a sandbox", call, name);
	if (path == NULL ||
	    (errno != ENOSPC && errno != E2BIG && errno != EINVAL))
		err(EXIT_FAILURE, "%s %s", call, name);
	FILE *file = fopen(path, "r");
	if (file != NULL)
		(void)fgets(value, sizeof value, file);
	errx(77, "%s %s: %s: kernel.%s is %.*s: as root: echo %s", call, name,
	     cause, strrchr(path, '/') + 1, (int)strcspn(value, "\n"), value,
	     remedy);
}

#define SEM_LIMITS "32000 1024000000 500 32000 >/proc/sys/kernel/sem"
#define MSGMNI	   "32000 >/proc/sys/kernel/msgmni"

#endif
