// SPDX-License-Identifier: MIT
/*
 * other.c - slots by a counter in shared memory and a futex, not a semaphore
 *
 * Build:  cc other.c -o slots
 * Run:    ./slots /NAME N COMMAND [ARGUMENT...]; ./slots remove /NAME
 * Exit:   the command's status, 128 + N for signal N; 1 a call failed; 2 usage;
 *         127 no such command
 * See:    shm_open(3), futex(2); 04-semaphores/lab/solution/slots.c
 *
 * New memory is all zeros. So it holds how many slots are in use, and how many
 * there are, which the first process writes.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FUTEX_WAIT, FUTEX_WAKE }; /* as in <linux/futex.h> */

struct counter {
	int used, limit;
};

static void take(struct counter *c)
{
	for (;;) {
		int used = __atomic_load_n(&c->used, __ATOMIC_SEQ_CST);
		if (used >= c->limit)
			syscall(SYS_futex, &c->used, FUTEX_WAIT, used, NULL);
		else if (__atomic_compare_exchange_n(&c->used, &used, used + 1,
						     0, __ATOMIC_SEQ_CST,
						     __ATOMIC_SEQ_CST))
			return;
	}
}

static void ignore(int signum)
{
	(void)signum; /* its effect: exec restores the default action */
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "remove") == 0) {
		if (shm_unlink(argv[2]) == -1)
			err(EXIT_FAILURE, "shm_unlink %s", argv[2]);
		return EXIT_SUCCESS;
	}
	int n = argc > 3 ? atoi(argv[2]) : 0;
	if (n < 1)
		errx(2, "usage: slots /NAME N COMMAND..., slots remove /NAME");
	int fd = shm_open(argv[1], O_RDWR | O_CREAT, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(struct counter)) == -1)
		err(EXIT_FAILURE, "shm_open %s", argv[1]);
	struct counter *c =
	    mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (c == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", argv[1]);
	int none = 0;
	__atomic_compare_exchange_n(&c->limit, &none, n, 0, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	take(c);
	signal(SIGINT, ignore);
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		warn("exec %s", argv[3]);
		_exit(127);
	}
	int status = 0;
	while (pid != -1 && waitpid(pid, &status, 0) == -1)
		continue;
	__atomic_sub_fetch(&c->used, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &c->used, FUTEX_WAKE, 1);
	if (pid == -1)
		errx(EXIT_FAILURE, "no process");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
