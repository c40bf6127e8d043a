// SPDX-License-Identifier: MIT
/*
 * sysv_lifetime.c - use a System V segment that has been removed
 *
 * Shows:  IPC_RMID takes the key away, the last detach takes the memory
 * Build:  cc sysv_lifetime.c -o sysv_lifetime
 * Run:    ./sysv_lifetime
 * Prints: how many are attached, and whether it is marked, step by step
 * Exit:   0 done; 1 a call failed; 2 usage; 77 this machine forbids it
 * See:    shmctl(2), shmop(2), sysvipc(7); sysv_shm.h
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

static int usage(FILE *out)
{
	fputs("usage: sysv_lifetime\n"
	      "Remove a segment first, and use it afterwards.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Tell what the kernel says, which must be nattch and whether it is marked */
static void show(const char *when, int shmid, unsigned nattch, int marked)
{
	struct shmid_ds ds;
	int dest;

	if (shmctl(shmid, IPC_STAT, &ds) == -1)
		err(EXIT_FAILURE, "shmctl IPC_STAT");
	dest = (ds.shm_perm.mode & SHM_DEST) != 0;
	printf("%-18s nattch %lu%s\n", when, (unsigned long)ds.shm_nattch,
	       dest ? ", dest" : "");
	if (ds.shm_nattch != nattch || dest != marked)
		errx(EXIT_FAILURE, "expected nattch %u, dest %d", nattch,
		     marked);
}

/* Make it, attach, mark it: no signal may come in between and leave it there.
 * SIGKILL can: do not hold what can be avoided for longer than this */
static char *make(int *shmid)
{
	sigset_t all, old;
	char *p;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &old) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	*shmid = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (*shmid == -1 && (errno == ENOSYS || errno == ENOSPC))
		err(77, "shmget: no System V memory; see sysctl kernel.shmmni");
	if (*shmid == -1)
		err(EXIT_FAILURE, "shmget");
	p = shmat(*shmid, NULL, 0);
	if (shmctl(*shmid, IPC_RMID, NULL) == -1 || p == (void *)-1)
		err(EXIT_FAILURE, "shmat, shmctl IPC_RMID");
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	return p;
}

static void attach_in_child(int shmid)
{
	int status;
	char *p;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* best effort */
		show("after fork", shmid, 2, 1);	/* inherited: counts */
		/* Linux allows it as long as somebody is attached. POSIX leaves
		 * open whether what is marked can be attached to */
		p = shmat(shmid, NULL, 0);
		if (p == (void *)-1)
			err(EXIT_FAILURE, "shmat by id");
		show("attached by id", shmid, 3, 1);
		printf("child reads        %s\n", p);
		strcpy(p, "child's words");
		_exit(EXIT_SUCCESS); /* detaches both */
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the child failed");
}

int main(int argc, char *argv[])
{
	struct shmid_ds ds;
	int shmid;
	char *p;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	p = make(&shmid);
	show("removed", shmid, 1, 1);
	strcpy(p, "parent's words"); /* there as ever */
	attach_in_child(shmid);
	printf("parent reads       %s\n", p);
	show("the child has gone", shmid, 1, 1);

	if (shmdt(p) == -1)
		err(EXIT_FAILURE, "shmdt");
	if (shmctl(shmid, IPC_STAT, &ds) == 0 || errno != EINVAL)
		err(EXIT_FAILURE, "nobody attached, but it is still there");
	printf("detached           %s\n", strerror(errno));

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
