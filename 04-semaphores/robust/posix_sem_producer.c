// SPDX-License-Identifier: MIT
/*
 * posix_sem_producer.c - copy standard input into a bounded buffer
 *
 * Shows:  one semaphore counts the empty slots, a second one the full slots
 * Build:  cc posix_sem_producer.c -o posix_sem_producer
 * Run:    ./posix_sem_producer [/NAME] <file
 * Prints: on standard error: where it waits, and what it sent
 * Exit:   0 all sent; 1 a call or the consumer failed; 2 usage
 * See:    sem_overview(7), shm_overview(7), F_OFD_SETLK in fcntl(2);
 *         posix_sem_consumer.c, posix_sem.h
 */
#define _GNU_SOURCE

#include "posix_sem.h"
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
#include <unistd.h>

enum { ME = POSIX_SEM_PRODUCER, PEER = POSIX_SEM_CONSUMER };

static const char *name;
static volatile sig_atomic_t created; /* name is ours to remove */
static struct posix_sem *shared;
static int shm_fd;

static int usage(FILE *out)
{
	fputs("usage: posix_sem_producer [/NAME]\n"
	      "Copy standard input into the buffer /NAME, made if missing.\n"
	      "/NAME is /linux-ipc-UID.sem unless given.\n",
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
		if (st.st_uid != geteuid())
			errx(EXIT_FAILURE, "%s: not a buffer of ours", name);
		if (st.st_size != 0 && st.st_size != sizeof *shared)
			errx(EXIT_FAILURE, "%s: not a buffer of %zu-bit halves",
			     name, 8 * sizeof(void *));
		lock_byte(F_OFD_SETLKW, F_WRLCK, POSIX_SEM_SETUP);
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
	if (!first)
		return;
	memset(shared, 0, sizeof *shared);
	if (sem_init(&shared->arrived, 1, 0) == -1 ||
	    sem_init(&shared->empty, 1, POSIX_SEM_SLOTS) == -1 ||
	    sem_init(&shared->full, 1, 0) == -1)
		err(EXIT_FAILURE, "sem_init %s", name);
}

static void take(sem_t *sem)
{
	while (sem_wait(sem) == -1)
		if (errno != EINTR)
			err(EXIT_FAILURE, "sem_wait %s", name);
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
		errx(EXIT_FAILURE, "%s: another producer is at work", name);
	created = lock_byte(F_OFD_SETLK, F_WRLCK, PEER); /* nobody else here */
	map_object(created);
	if (created)
		lock_byte(F_OFD_SETLK, F_UNLCK, PEER);
	else if (sem_post(&shared->arrived) == -1 ||
		 (shm_unlink(name) == -1 && errno != ENOENT))
		err(EXIT_FAILURE, "meet the consumer at %s", name);
	lock_byte(F_OFD_SETLK, F_UNLCK, POSIX_SEM_SETUP);
	if (sigprocmask(SIG_SETMASK, &old, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (created) {
		warnx("waiting on %s", name);
		take(&shared->arrived);
		created = 0; /* the second half has removed the name */
	}
}

/* Another thread waits for the peer's byte, which is free when the peer has
 * ended. (Valgrind 3.19 does not know that F_OFD_SETLKW blocks as well) */
static void *watch(void *unused)
{
	lock_byte(F_SETLKW, F_WRLCK, PEER);
	if (!shared->done) {
		warnx("%s: the consumer has gone", name);
		_exit(EXIT_FAILURE);
	}
	return unused;
}

/* read(2), begun again where a signal interrupted it */
static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

int main(int argc, char *argv[])
{
	static char preset[sizeof POSIX_SEM_DEFAULT + 20];
	uintmax_t bytes = 0, messages = 0;
	pthread_t watcher;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	snprintf(preset, sizeof preset, POSIX_SEM_DEFAULT,
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

	attach();
	errno = pthread_create(&watcher, NULL, watch, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");

	do {
		struct posix_sem_slot *slot =
		    &shared->slot[messages % POSIX_SEM_SLOTS];

		take(&shared->empty);
		n = read_some(STDIN_FILENO, slot->data, sizeof slot->data);
		if (n == -1)
			err(EXIT_FAILURE, "read standard input");
		slot->length = (uint32_t)n; /* 0 is the end, here and there */
		if (sem_post(&shared->full) == -1)
			err(EXIT_FAILURE, "sem_post %s", name);
		bytes += (size_t)n;
		messages += n > 0;
	} while (n > 0);

	/* All is sent; the watcher comes back when the consumer has it all */
	errno = pthread_join(watcher, NULL);
	if (errno != 0 || close(shm_fd) == -1)
		err(EXIT_FAILURE, "leave %s", name);
	warnx("sent %ju byte%s in %ju message%s", bytes, bytes == 1 ? "" : "s",
	      messages, messages == 1 ? "" : "s");
	return EXIT_SUCCESS;
}
