// SPDX-License-Identifier: MIT
/*
 * posix_sysctls.c - how large a POSIX queue may be made
 *
 * Shows:  beyond the limits in /proc/sys/fs/mqueue mq_open fails with EINVAL,
 *         unless the caller has CAP_SYS_RESOURCE
 * Build:  cc posix_sysctls.c -o posix_sysctls
 * Run:    ./posix_sysctls
 * Prints: each limit, and the error for one more
 * Exit:   0 done; 1 a call failed, or gave another error; 77 this system has no
 *         POSIX queues, or no /proc/sys/fs/mqueue
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

/* CAP_SYS_RESOURCE lifts these limits: give up all capabilities. The C library
 * has no capset(2), and musl does not have its structures */
static void drop_capabilities(void)
{
	uint32_t header[2] = { 0x20080522 }; /* version 3; pid 0: this one */
	uint32_t none[6] = { 0 };

	if (syscall(SYS_capset, header, none) == -1)
		err(EXIT_FAILURE, "capset");
}

static long limit(const char *file)
{
	FILE *f = fopen(file, "re");
	long n;

	if (f == NULL)
		err(77, "%s: needs /proc, and POSIX queues", file);
	if (fscanf(f, "%ld", &n) != 1 || fclose(f) == EOF)
		errx(EXIT_FAILURE, "%s: no number", file);
	return n;
}

/* Ask for a queue that is too large; its name is removed if it is created */
static void exceed(const char *file, long limit, long messages, long size)
{
	struct mq_attr attr = { .mq_maxmsg = messages, .mq_msgsize = size };
	char name[32];

	snprintf(name, sizeof name, "/linux-ipc-%d.mq", (int)getpid());
	mqd_t mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	int error = mqd == (mqd_t)-1 ? errno : 0;
	if (error == 0)
		(void)mq_unlink(name);
	if (error == ENOSYS)
		errx(77, "mq_open: no POSIX queues in this kernel");
	printf("%s is %ld, mq_open with one more: %s\n", file, limit,
	       strerror(error));
	if (error != EINVAL)
		errx(EXIT_FAILURE, "expected: %s", strerror(EINVAL));
}

int main(void)
{
	long messages = limit("/proc/sys/fs/mqueue/msg_max");
	long size = limit("/proc/sys/fs/mqueue/msgsize_max");
	drop_capabilities();
	exceed("msg_max", messages, messages + 1, 1);
	exceed("msgsize_max", size, 1, size + 1);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
