// SPDX-License-Identifier: MIT
/*
 * posix_shm_consumer.c - copy a ring in memory to standard output
 *
 * Shows:  two indices, one writer each, need no lock; futex(2) sleeps
 * Build:  cc posix_shm_consumer.c -o posix_shm_consumer
 * Run:    ./posix_shm_consumer [/NAME] >file
 * Prints: on standard error: where it waits, and what came
 * Exit:   0 all received; 1 a call or the producer failed; 2 usage
 * See:    shm_overview(7), futex(2), F_OFD_SETLK in fcntl(2);
 *         posix_shm_producer.c, posix_shm.h
 */
#define _GNU_SOURCE

#include "posix_shm.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ME = POSIX_SHM_CONSUMER, PEER = POSIX_SHM_PRODUCER };

static const char *name;
static volatile sig_atomic_t created; /* name is ours to remove */
static struct posix_shm *shared;
static int shm_fd;

static int usage(FILE *out)
{
	fputs("usage: posix_shm_consumer [/NAME]\n"
	      "Copy the ring /NAME, made if missing, to standard output.\n"
	      "/NAME is /linux-ipc-UID.shm unless given.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_created(void)
{
	if (created)
		shm_unlink(name);
}

static void on_signal(int sig)
{
	remove_created();
	if (getpid() == 1) /* as in a container: no default action ends it */
		_exit(128 + sig);
	signal(sig, SIG_DFL);
	raise(sig); /* kills us when the handler returns */
}

/* Lock or unlock a byte of the object; 0 if another process has it locked */
static int lock_byte(int cmd, short type, off_t byte)
{
	struct flock fl = { .l_type = type, .l_start = byte, .l_len = 1 };

	while (fcntl(shm_fd, cmd, &fl) == -1) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		if (errno != EINTR)
			err(EXIT_FAILURE, "fcntl %s", name);
	}
	return 1;
}

/* Open the object, old or new, and by its SETUP byte keep others waiting */
static void open_object(void)
{
	struct stat st = { .st_nlink = 0 };

	while (st.st_nlink == 0) { /* no name left: removed before we had it */
		shm_fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (shm_fd == -1 && errno == EEXIST)
			shm_fd = shm_open(name, O_RDWR, 0);
		if (shm_fd == -1 && errno == ENOENT)
			continue;
		if (shm_fd == -1 || fstat(shm_fd, &st) == -1)
			err(EXIT_FAILURE, "shm_open %s", name);
		if (st.st_uid != geteuid() ||
		    (st.st_size != 0 && st.st_size != sizeof *shared))
			errx(EXIT_FAILURE, "%s: not a ring of ours", name);
		lock_byte(F_OFD_SETLKW, F_WRLCK, POSIX_SHM_SETUP);
		if (fstat(shm_fd, &st) == -1 ||
		    (st.st_nlink == 0 && close(shm_fd) == -1))
			err(EXIT_FAILURE, "fstat %s", name);
	}
}

/* Whatever a crash left in the object, whoever is first begins afresh */
static void map_object(int first)
{
	/* Reserved, not just promised: a full /dev/shm would mean SIGBUS */
	do
		errno = posix_fallocate(shm_fd, 0, sizeof *shared);
	while (errno == EINTR);
	if (errno != 0)
		err(EXIT_FAILURE, "posix_fallocate %s", name);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED,
		      shm_fd, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap %s", name);
	if (first)
		memset(shared, 0, sizeof *shared);
}

/* Sleep while *word is what we saw; a signal may end it early */
static void futex_wait(_Atomic uint32_t *word, uint32_t seen)
{
	if (syscall(SYS_futex, word, POSIX_SHM_FUTEX_WAIT, seen, NULL) == -1 &&
	    errno != EAGAIN && errno != EINTR)
		err(EXIT_FAILURE, "futex %s", name);
}

/* Change *word from what it was, and wake the half that sleeps on it */
static void futex_wake(_Atomic uint32_t *word, uint32_t value)
{
	*word = value;
	if (syscall(SYS_futex, word, POSIX_SHM_FUTEX_WAKE, 1) == -1)
		err(EXIT_FAILURE, "futex %s", name);
}

/* The rendezvous. Signals wait until we know if there is something to remove */
static void attach(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t old;

	sigfillset(&sa.sa_mask);
	if (sigprocmask(SIG_BLOCK, &sa.sa_mask, &old) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1 || atexit(remove_created) != 0)
		err(EXIT_FAILURE, "catch signals");
	open_object();
	if (!lock_byte(F_OFD_SETLK, F_WRLCK, ME))
		errx(EXIT_FAILURE, "%s: another consumer is at work", name);
	created = lock_byte(F_OFD_SETLK, F_WRLCK, PEER); /* nobody else here */
	map_object(created);
	if (created) {
		lock_byte(F_OFD_SETLK, F_UNLCK, PEER);
	} else {
		futex_wake(&shared->arrived, 1);
		if (shm_unlink(name) == -1 && errno != ENOENT)
			err(EXIT_FAILURE, "shm_unlink %s", name);
	}
	lock_byte(F_OFD_SETLK, F_UNLCK, POSIX_SHM_SETUP);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created) {
		warnx("waiting on %s", name);
		while (!shared->arrived)
			futex_wait(&shared->arrived, 0);
		created = 0; /* the second half has removed the name */
	}
}

/* Another thread waits for the peer's byte, which is free when the peer has
 * ended. (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch(void *unused)
{
	lock_byte(F_SETLKW, F_WRLCK, PEER);
	if (!shared->done[PEER]) {
		warnx("%s: the producer has gone", name);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* write(2) may take less than it is given: go on until all is written */
static int write_all(int fd, const void *buf, size_t len)
{
	for (const char *p = buf; len > 0;) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Wait for bytes behind tail, and tell how many; none is the end */
static uint32_t wait_data(uint32_t tail)
{
	static uint32_t head; /* as last seen: often enough to go on */
	uint32_t done = 0;

	while (head == tail && !done) {
		done = shared->done[PEER]; /* first: head is final then */
		head = shared->head;
		if (head == tail && !done && shared->asleep[ME])
			futex_wait(&shared->asleep[ME], 1);
		else if (head == tail)
			shared->asleep[ME] = 1; /* and look once more */
	}
	if (head - tail > POSIX_SHM_SIZE)
		errx(EXIT_FAILURE, "%s: bad head", name);
	return head - tail;
}

/* In one piece, or in two where the ring begins again */
static void copy_out(uint32_t tail, char *buf, size_t n)
{
	size_t at = tail % POSIX_SHM_SIZE, first = POSIX_SHM_SIZE - at;

	if (first > n)
		first = n;
	memcpy(buf, shared->data + at, first);
	memcpy(buf + first, shared->data, n - first);
}

/* Show the other half how far we are, and wake it if it sleeps. Both accesses
 * are sequentially consistent, the default of C: of two halves that each write
 * one word and then read the other's, at least one sees what was written. With
 * less, each could miss the other, and both sleep */
static void publish(_Atomic uint32_t *word, uint32_t value)
{
	*word = value; /* and with it all that we wrote to memory before */
	if (shared->asleep[PEER])
		futex_wake(&shared->asleep[PEER], 0);
}

int main(int argc, char *argv[])
{
	static char buf[POSIX_SHM_CHUNK], preset[sizeof POSIX_SHM_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	pthread_t watcher;
	uint32_t tail = 0, n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	snprintf(preset, sizeof preset, POSIX_SHM_DEFAULT,
		 (uintmax_t)geteuid());
	name = argc == 2 ? argv[1] : preset;
	if (argc > 2 || *name != '/' || !name[1] || strchr(name + 1, '/'))
		return usage(stderr);
	if (strlen(name) > NAME_MAX)
		errx(2, "/NAME is longer than %d bytes", NAME_MAX);
	/* The number of a closed one would go to what we open */
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++)
		if (fcntl(std, F_GETFD) == -1)
			err(EXIT_FAILURE, "standard descriptor %d", std);

	/* Else a closed standard output would kill us without a word */
	signal(SIGPIPE, SIG_IGN);
	attach();
	errno = pthread_create(&watcher, NULL, watch, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");

	while ((n = wait_data(tail)) > 0) {
		if (n > sizeof buf)
			n = sizeof buf;
		copy_out(tail, buf, n);
		tail += n;
		publish(&shared->tail, tail);
		if (write_all(STDOUT_FILENO, buf, n) == -1)
			err(EXIT_FAILURE, "write standard output");
		bytes += n;
		messages++;
	}
	if (close(STDOUT_FILENO) == -1)
		err(EXIT_FAILURE, "close standard output");

	/* Nobody leaves before the other is done; watch comes back then */
	shared->done[ME] = 1;
	lock_byte(F_OFD_SETLK, F_UNLCK, ME);
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("received %ju byte%s in %ju message%s", bytes,
	      bytes == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
