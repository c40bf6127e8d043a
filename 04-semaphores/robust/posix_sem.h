// SPDX-License-Identifier: MIT
/*
 * posix_sem.h - what posix_sem_producer and posix_sem_consumer have in common
 *
 * Name:   a POSIX shared memory object. The half that starts first creates it,
 *         mode 0600. The second one removes the name: the mapping is enough.
 * Wire:   slots in a ring. The producer waits for a free one and fills it, the
 *         consumer waits for a full one and writes it out. Length 0 is the end.
 *         The producer exits when the consumer has set done and unlocked.
 * Errors: a semaphore has no owner, so a dead peer would never post again.
 *         Each half locks the byte of its role, fcntl(2). The kernel unlocks
 *         it when the process ends, in whatever way.
 *
 * Both halves need the same C library, for 32 or for 64 bits: it decides what a
 * semaphore looks like. An object of another size is refused.
 */
#ifndef POSIX_SEM_H
#define POSIX_SEM_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes that are locked: by each half, and by one that is attaching */
enum role { PRODUCER, CONSUMER, SETUP };
static const char *const role_name[] = { "producer", "consumer" };

enum { SLOTS = 8, SLOT_DATA = 16384 };

struct posix_sem {
	sem_t arrived; /* posted once, by the half that comes second */
	sem_t free_slots, full_slots;
	_Atomic uint32_t done; /* the consumer has written everything */
	struct slot {
		_Atomic uint32_t len;
		char data[SLOT_DATA];
	} slot[SLOTS];
};
_Static_assert(sizeof(struct slot) == 4 + SLOT_DATA, "a slot has no padding");

static const char *name;
static volatile sig_atomic_t created; /* name is ours to remove */
static int shm_fd;
static struct posix_sem *shared;
static enum role peer; /* the role of the other half */

static int print_usage(FILE *out, const char *usage)
{
	fputs(usage, out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* If descriptor 0, 1 or 2 is closed, the next open() gets its number, and
 * messages end up in the data */
static void check_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", fd);
}

/* The operand, or the default without one. NULL: no object has such a name */
static const char *object_name(const char *operand)
{
	static char buf[64];

	snprintf(buf, sizeof buf, "/linux-ipc-%ju.sem", (uintmax_t)geteuid());
	if (operand == NULL)
		return buf;
	if (*operand != '/' || strchr(operand + 1, '/') || !operand[1] ||
	    !strcmp(operand, "/.") || !strcmp(operand, "/.."))
		return NULL;
	if (strlen(operand) > NAME_MAX)
		errx(2, "/NAME is longer than %d bytes", NAME_MAX);
	return operand;
}

/* Best effort, at exit or in a handler. shm_unlink is not in signal-safety(7),
 * but in glibc and musl it builds a path, on the stack, and calls unlink(2) */
static void remove_created(void)
{
	if (created)
		shm_unlink(name);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* ends this process when the handler returns */
}

/* True: the byte is now locked, or unlocked. False: another half holds it */
static bool set_lock(int command, short type, off_t byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(shm_fd, command, &fl) == -1) {
		if (errno == EAGAIN || errno == EACCES)
			return false;
		if (errno != EINTR)
			err(EXIT_FAILURE, "fcntl %s", name);
	}
	return true;
}

/* Open the object, new or old, and keep others out with its SETUP byte */
static void open_object(void)
{
	struct stat st = { .st_nlink = 0 };

	while (st.st_nlink == 0) { /* the name was removed before the lock */
		shm_fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (shm_fd == -1 && errno == EEXIST)
			shm_fd = shm_open(name, O_RDWR, 0);
		if (shm_fd == -1 && errno == ENOENT)
			continue;
		if (shm_fd == -1 || fstat(shm_fd, &st) == -1)
			err(EXIT_FAILURE, "shm_open %s", name);
		if (st.st_uid != geteuid())
			errx(EXIT_FAILURE, "%s: not a buffer of ours", name);
		if (st.st_size != 0 && st.st_size != sizeof *shared)
			errx(EXIT_FAILURE, "%s: not a buffer of %zu-bit halves",
			     name, 8 * sizeof(void *));
		set_lock(F_OFD_SETLKW, F_WRLCK, SETUP);
		if (fstat(shm_fd, &st) == -1 ||
		    (st.st_nlink == 0 && close(shm_fd) == -1))
			err(EXIT_FAILURE, "fstat %s", name);
	}
}

/* The first half starts afresh, whatever a crash left in the object */
static void map_object(bool is_first)
{
	/* Reserved, not just promised: a full /dev/shm would mean SIGBUS */
	while ((errno = posix_fallocate(shm_fd, 0, sizeof *shared)) == EINTR)
		;
	if (errno != 0)
		err(EXIT_FAILURE, "posix_fallocate %s", name);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED,
		      shm_fd, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	shared->done = 0;
	if (is_first && (sem_init(&shared->arrived, 1, 0) == -1 ||
			 sem_init(&shared->free_slots, 1, SLOTS) == -1 ||
			 sem_init(&shared->full_slots, 1, 0) == -1))
		err(EXIT_FAILURE, "sem_init %s", name);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "sem_wait %s", name);
}

/* A thread that gets the lock of the peer's byte when the peer has ended.
 * (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch_peer(void *unused)
{
	set_lock(F_SETLKW, F_WRLCK, peer);
	if (!shared->done) {
		warnx("%s: the %s has exited", name, role_name[peer]);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* The rendezvous. Signals wait until it is known what there is to remove */
static void attach(enum role me)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	peer = me == PRODUCER ? CONSUMER : PRODUCER;
	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	open_object();
	if (!set_lock(F_OFD_SETLK, F_WRLCK, me))
		errx(EXIT_FAILURE, "%s: another %s is at work", name,
		     role_name[me]);
	/* If no peer is attached, this half is the first */
	created = set_lock(F_OFD_SETLK, F_WRLCK, peer);
	map_object(created);
	if (created)
		set_lock(F_OFD_SETLK, F_UNLCK, peer);
	else if (sem_post(&shared->arrived) == -1 ||
		 (shm_unlink(name) == -1 && errno != ENOENT))
		err(EXIT_FAILURE, "meet the %s at %s", role_name[peer], name);
	set_lock(F_OFD_SETLK, F_UNLCK, SETUP);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created) {
		warnx("waiting on %s", name);
		wait_for(&shared->arrived);
		created = 0; /* the second half has removed the name */
	}
}

#endif
