// SPDX-License-Identifier: MIT
/*
 * posix_counting.c - a semaphore with N permits, and more processes than that
 *
 * Shows:  a semaphore that begins with N lets N processes in; the next one
 *         blocks until one of them leaves
 * Build:  cc posix_counting.c -o posix_counting
 * Run:    ./posix_counting [PERMITS]
 * Prints: permits, processes, that the room was full, and the most ever inside
 * Exit:   0 done; 1 a call failed, or more were inside; 2 usage
 * See:    sem_wait(3), sem_trywait(3), sem_getvalue(3); posix_unnamed.c
 */
#define _GNU_SOURCE /* pipe2 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct room {
	sem_t permits;
	atomic_int inside, most;
};

static int usage(FILE *out)
{
	fputs("usage: posix_counting [PERMITS]\n"
	      "Three times as many processes as PERMITS (1 to 20) want in.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* A byte each way: "I am in" to the parent, "now leave" from it */
static void visit(struct room *room, int in, int leave)
{
	char byte = 0;
	int now, most;

	if (sem_wait(&room->permits) == -1)
		err(EXIT_FAILURE, "sem_wait");
	now = atomic_fetch_add(&room->inside, 1) + 1;
	most = atomic_load(&room->most);
	while (now > most &&
	       !atomic_compare_exchange_weak(&room->most, &most, now))
		; /* most was changed by another: it has the new value now */
	if (write(in, &byte, 1) != 1 || read(leave, &byte, 1) != 1)
		err(EXIT_FAILURE, "talk to the parent");
	atomic_fetch_sub(&room->inside, 1);
	if (sem_post(&room->permits) == -1)
		err(EXIT_FAILURE, "sem_post");
}

static void start(struct room *room, int n, const int in[2], const int leave[2])
{
	for (int i = 0; i < n; i++) {
		pid_t parent = getpid(), pid = fork();

		if (pid == -1)
			err(EXIT_FAILURE, "fork");
		if (pid > 0)
			continue;
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		visit(room, in[1], leave[0]);
		_exit(EXIT_SUCCESS);
	}
	if (close(in[1]) == -1 || close(leave[0]) == -1)
		err(EXIT_FAILURE, "close");
}

/* N come in; then one leaves and another one comes, until none wants in */
static void watch(struct room *room, int permits, int n, int in, int leave)
{
	char byte = 0;

	for (int i = 0; i < n; i++) {
		if (read(in, &byte, 1) != 1)
			errx(EXIT_FAILURE, "a child is missing");
		if (i + 1 < permits)
			continue;
		if (i + 1 == permits) {
			if (sem_trywait(&room->permits) == 0)
				errx(EXIT_FAILURE, "there is one permit more");
			printf("full: %d inside, sem_trywait: %s\n",
			       atomic_load(&room->inside), strerror(errno));
		}
		if (write(leave, &byte, 1) != 1)
			err(EXIT_FAILURE, "let one leave");
	}
	for (int i = 1; i < permits; i++)
		if (write(leave, &byte, 1) != 1)
			err(EXIT_FAILURE, "let one leave");
	for (int i = 0, status; i < n; i++)
		if (wait(&status) == -1 || status != 0)
			errx(EXIT_FAILURE, "a child failed");
	if (close(in) == -1 || close(leave) == -1)
		err(EXIT_FAILURE, "close");
}

int main(int argc, char *argv[])
{
	struct room *room;
	int in[2], leave[2], free_now;
	char *end = "";
	long permits = 3;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc == 2)
		permits = strtol(argv[1], &end, 10);
	if (argc > 2 || *end || end == argv[1] || permits < 1 || permits > 20)
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	room = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (sem_init(&room->permits, 1, (unsigned int)permits) == -1)
		err(EXIT_FAILURE, "sem_init");
	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(leave, O_CLOEXEC) == -1)
		err(EXIT_FAILURE, "pipe2");
	printf("%ld permits, %ld processes\n", permits, 3 * permits);
	start(room, 3 * (int)permits, in, leave);
	watch(room, (int)permits, 3 * (int)permits, in[0], leave[1]);
	if (sem_getvalue(&room->permits, &free_now) == -1)
		err(EXIT_FAILURE, "sem_getvalue");
	printf("most ever inside: %d, free at the end: %d\n", room->most,
	       free_now);
	if (room->most != permits || free_now != permits)
		errx(EXIT_FAILURE, "expected %ld and %ld", permits, permits);
	if (sem_destroy(&room->permits) == -1)
		err(EXIT_FAILURE, "sem_destroy");
	if (munmap(room, sizeof(*room)) == -1)
		err(EXIT_FAILURE, "munmap");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
