// SPDX-License-Identifier: MIT
/*
 * sysv_lifetime.c - use a System V segment that has been removed
 *
 * Shows:  IPC_RMID removes the key, the last detach frees the memory
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
#include <sys/shm.h>

#ifndef SHM_DEST
#define SHM_DEST 01000 /* musl has no name for it */
#endif

/* Print the state of the segment. Expected: nattch, and the mark */
static void show(const char *when, int shmid, unsigned nattch)
{
	struct shmid_ds ds;

	if (shmctl(shmid, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "shmctl IPC_STAT");
	int is_marked = (ds.shm_perm.mode & SHM_DEST) != 0;
	printf("%-11s nattch %lu%s\n", when, (unsigned long)ds.shm_nattch,
	       is_marked ? ", dest" : "");
	if (ds.shm_nattch != nattch || !is_marked)
		errx(EXIT_FAILURE, "expected nattch %u, dest", nattch);
}

int main(void)
{
	sigset_t all, old;

	/* The segment would outlive the process. So signals stay blocked, and
	 * errors unreported, until the segment is marked for removal */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	int shmid = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (shmid == -1)
		err(77, "shmget: no System V memory; see sysctl kernel.shmmni, "
			"kernel.shmmax and kernel.shmall");
	/* Attach, then remove at once: a crash leaves no segment behind. Two
	 * processes would attach once each; here one process does both */
	char *p = shmat(shmid, NULL, 0);
	char *q = shmat(shmid, NULL, 0);
	if (shmctl(shmid, IPC_RMID, NULL) == -1)
		err(EXIT_FAILURE, "shmctl IPC_RMID");
	if (p == (void *)-1 || q == (void *)-1)
		err(77, "shmat: see ulimit -v");
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	show("removed:", shmid, 2);

	strcpy(p, "still here");
	if (shmdt(p) == -1)
		err(EXIT_FAILURE, "shmdt");
	show("p detached:", shmid, 1);
	printf("q reads:    %s\n", q);

	if (shmdt(q) == -1)
		err(EXIT_FAILURE, "shmdt");
	if (shmctl(shmid, IPC_STAT, &(struct shmid_ds){ 0 }) == 0 ||
	    (errno != EINVAL && errno != EIDRM))
		errx(EXIT_FAILURE, "expected EINVAL or EIDRM, no segment");
	printf("q detached: %s\n", strerror(errno));
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
