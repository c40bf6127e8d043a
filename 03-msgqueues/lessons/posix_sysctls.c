// SPDX-License-Identifier: MIT
/*
 * posix_sysctls.c - how large a POSIX queue may be made
 *
 * Shows:  a queue for more messages than the limit msg_max is not created
 * Build:  cc posix_sysctls.c -o posix_sysctls
 * Run:    ./posix_sysctls
 * Prints: the limit, and the error for one message more
 * Exit:   0 done; 1 a call failed, or another error; 77 a limit forbids it here
 * See:    mq_overview(7), mq_open(3), capabilities(7); posix_limits.c
 */
#define _GNU_SOURCE /* syscall */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	const char *file = "/proc/sys/fs/mqueue/msg_max";
	long max;

	FILE *f = fopen(file, "re");
	if (f == NULL)
		err(77, "%s: needs /proc, and POSIX queues", file);
	if (fscanf(f, "%ld", &max) != 1 || fclose(f) == EOF)
		errx(EXIT_FAILURE, "%s: no number", file);

	/* The limit does not bind a process with CAP_SYS_RESOURCE: give up all
	 * capabilities. The C library has no capset(2) and no structures for
	 * it: here are version 3, process 0, which is this one, and none */
	uint32_t header[2] = { 0x20080522, 0 }, none[6] = { 0 };
	if (syscall(SYS_capset, header, none) == -1)
		err(77, "capset: a sandbox refuses it: leave the sandbox");

	struct mq_attr attr = { .mq_maxmsg = max + 1, .mq_msgsize = 1 };
	char name[32];
	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mqd == -1 && errno != EINVAL && errno != EEXIST)
		err(77, "mq_open %s: see ulimit -n, -q, fs.mqueue.*_max", name);
	if (mqd != -1) {
		mq_unlink(name); /* best effort */
		errx(EXIT_FAILURE, "expected: %s", strerror(EINVAL));
	}
	if (errno != EINVAL)
		err(EXIT_FAILURE, "mq_open %s", name);
	printf("msg_max is %ld, mq_open with one more: %s\n", max,
	       strerror(errno));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
