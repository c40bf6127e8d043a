// SPDX-License-Identifier: MIT
/*
 * 05-step.c - run a program instruction by instruction, with its peer in
 * between
 *
 * Build:  cc 05-step.c -o 05-step
 * Run:    ./05-step PID FIFO LINE LIMIT SENT PROGRAM [ARGUMENT...]
 * Exit:   as the program; 1 a call failed; 2 usage
 * See:    ptrace(2)
 *
 * The peer, process PID, reads lines from FIFO. When the program has read its
 * second line, or written it (the first one has loaded its libraries), each
 * instruction is followed by a LINE for the peer, which the peer handles before
 * the next instruction. A peer that sleeps in a lock gets no more lines, and
 * the program goes on. So does it after LIMIT lines. Their number goes to SENT.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int fifo;
static char stat_name[40];

/* Has the peer taken all lines, and does it sleep? */
static int is_idle(void)
{
	int left = 0;
	char state = '?', text[200] = "";
	int fd = open(stat_name, O_RDONLY);

	if (fd != -1) {
		if (read(fd, text, sizeof text - 1) > 0 && strrchr(text, ')'))
			state = strrchr(text, ')')[2];
		close(fd);
	}
	return ioctl(fifo, FIONREAD, &left) == 0 && left == 0 && state == 'S';
}

static int becomes_idle(int tries)
{
	while (!is_idle() && tries-- > 0)
		nanosleep(&(struct timespec){ 0, 10000 }, NULL);
	return is_idle();
}

/* How often the program has read its standard input, and written its output */
static int lines[2];

/* It is at the start or at the end of a system call */
static void count_lines(pid_t pid)
{
	static int fd; /* 0, 1, or another one */
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
		err(EXIT_FAILURE, "PTRACE_GET_SYSCALL_INFO");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		int nr = (int)info.entry.nr, of = (int)info.entry.args[0];
		int reads = of == 0 && (nr == SYS_read || nr == SYS_readv);
		int writes = of == 1 && (nr == SYS_write || nr == SYS_writev);
		fd = reads || writes ? of : -1;
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && fd != -1 &&
		   info.exit.rval > 0) {
		lines[fd]++;
	}
}

/* Let the program go on to its next stop; 0 if it has ended. A signal that has
 * stopped it is delivered */
static int goes_on(pid_t pid, int request, int *status)
{
	int sig = WIFSTOPPED(*status) ? WSTOPSIG(*status) & 0x7f : 0;

	if (sig == SIGTRAP)
		sig = 0;
	return ptrace(request, pid, NULL, (void *)(long)sig) != -1 &&
	       waitpid(pid, status, 0) != -1 && WIFSTOPPED(*status);
}

int main(int argc, char *argv[])
{
	int status, sent = 0;
	if (argc < 7)
		errx(2, "usage: 05-step PID FIFO LINE LIMIT SENT PROGRAM...");
	int limit = atoi(argv[4]);
	snprintf(stat_name, sizeof stat_name, "/proc/%s/stat", argv[1]);
	fifo = open(argv[2], O_WRONLY | O_CLOEXEC);
	if (fifo == -1)
		err(EXIT_FAILURE, "open %s", argv[2]);
	pid_t pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			err(EXIT_FAILURE, "ptrace");
		execvp(argv[6], argv + 6);
		err(127, "exec %s", argv[6]);
	}
	waitpid(pid, &status, 0);
	if (!WIFSTOPPED(status))
		return EXIT_FAILURE;
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	while (lines[0] < 2 && lines[1] < 2) {
		if (!goes_on(pid, PTRACE_SYSCALL, &status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			count_lines(pid);
	}

	int tries = 2000; /* none while the peer seems to sleep in a lock */
	for (int steps = 0; steps < 20000 && sent < limit; steps++) {
		if (becomes_idle(tries)) {
			dprintf(fifo, "%s\n", argv[3]);
			sent++;
			tries = becomes_idle(2000) ? 2000 : 0;
		}
		if (!goes_on(pid, PTRACE_SINGLESTEP, &status))
			break;
	}
	FILE *out = fopen(argv[5], "w");
	if (out == NULL || fprintf(out, "%d\n", sent) < 0 || fclose(out) == EOF)
		err(EXIT_FAILURE, "%s", argv[5]);
	close(fifo);
	if (WIFSTOPPED(status) && ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
