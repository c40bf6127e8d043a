// SPDX-License-Identifier: MIT
/*
 * sysv_lifetime.c - use a System V segment that has been removed
 *
 * Shows:  IPC_RMID takes the key away, the last detach takes the memory
 * Build:  cc sysv_lifetime.c -o sysv_lifetime
 * Run:    ./sysv_lifetime
 * Prints: how often the segment is attached, and whether it is marked
 * Exit:   0 done; 1 a call failed; 77 this machine forbids it
 * See:    shmctl(2), shmop(2), sysvipc(7); sysv_shm_consumer.c
 */
#define _GNU_SOURCE /* SHM_DEST */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SHM_DEST
#define SHM_DEST 01000 /* musl has no name for it */
#endif

/* Print what the kernel reports, which must be nattch, and marked */
static void show(const char *when, int shmid, unsigned nattch)
{
	struct shmid_ds ds;

	if (shmctl(shmid, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "shmctl IPC_STAT");
	int is_marked = (ds.shm_perm.mode & SHM_DEST) != 0;
	printf("%-18s nattch %lu%s\n", when, (unsigned long)ds.shm_nattch,
	       is_marked ? ", dest" : "");
	if (ds.shm_nattch != nattch || !is_marked)
		errx(EXIT_FAILURE, "expected nattch %u, dest", nattch);
}

/* fork() inherited one attachment. Linux lets a process attach once more, by
 * the id, while any is left. POSIX leaves that open for a marked segment */
static void attach_and_stop(int shmid, pid_t parent)
{
	char *p = shmat(shmid, NULL, 0);

	if (p == (void *)-1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    getppid() != parent)
		_exit(EXIT_FAILURE);
	strcpy(p, "the child's words");
	raise(SIGSTOP);
	_exit(EXIT_SUCCESS); /* detaches both */
}

int main(void)
{
	/* Attach, then remove at once: a crash leaves no segment behind */
	int shmid = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (shmid == -1 && (errno == ENOSYS || errno == ENOSPC))
		err(77, "shmget: no System V memory; see sysctl kernel.shmmni");
	if (shmid == -1)
		err(EXIT_FAILURE, "shmget");
	char *p = shmat(shmid, NULL, 0);
	if (shmctl(shmid, IPC_RMID, NULL) == -1 || p == (void *)-1)
		err(EXIT_FAILURE, "shmat, shmctl IPC_RMID");
	show("removed", shmid, 1);

	int status;
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0)
		attach_and_stop(shmid, parent);
	if (waitpid(pid, &status, WUNTRACED) == -1 || !WIFSTOPPED(status))
		errx(EXIT_FAILURE, "the child failed");
	show("child attached", shmid, 3);
	printf("%-18s %s\n", "parent reads", p);
	if (kill(pid, SIGCONT) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_FAILURE, "kill SIGCONT, waitpid");
	show("child exited", shmid, 1);

	if (shmdt(p) == -1)
		err(EXIT_FAILURE, "shmdt");
	if (shmctl(shmid, IPC_STAT, &(struct shmid_ds){ 0 }) == 0)
		errx(EXIT_FAILURE, "detached, but the segment still exists");
	printf("%-18s %s\n", "detached", strerror(errno));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
