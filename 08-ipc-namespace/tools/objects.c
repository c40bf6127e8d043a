// SPDX-License-Identifier: MIT
/*
 * objects.c - create, list and remove System V objects
 *
 * Shows:  what ipcmk, ipcs and ipcrm do: a table of each kind for the whole
 *         namespace, read by *_INFO and *_STAT or from /proc/sysvipc
 * Build:  cc objects.c -o objects
 * Run:    ./objects make segment 1024; ./objects list; ./objects --help
 * Prints: make: the id; list: kind, key, id, owner, permissions, then bytes
 *         and messages, bytes and attaches, or semaphores, as ipcs does
 * Exit:   0 done; 1 a call failed; 2 usage; 77 a limit or a missing /proc
 *         forbids it
 * See:    msgctl(2), shmctl(2), semctl(2), sysvipc(7), proc_sysvipc(5),
 *         ipcmk(1), ipcs(1), ipcrm(1)
 */
#define _GNU_SOURCE /* MSG_INFO, MSG_STAT and their like */

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { QUEUE, SEGMENT, SET, KINDS };
static const char *const kinds[KINDS] = { "queue", "segment", "set" };

union semun {
	int val;
	struct semid_ds *buf;
	struct seminfo *info;
};

struct object {
	int id, key;
	unsigned uid, mode;
	unsigned long long size;  /* bytes, or semaphores */
	unsigned long long count; /* messages, or attaches */
};

static int usage(FILE *out)
{
	fputs("usage: objects list | proc\n"
	      "       objects make queue | segment BYTES | set COUNT [0xKEY]\n"
	      "       objects remove queue | segment | set ID | 0xKEY\n"
	      "List the System V objects, by system calls or from "
	      "/proc/sysvipc;\n"
	      "make one, of that key or of any that is free; remove one.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* The highest index in use in the table of this kind */
static int last_index(int kind)
{
	struct msginfo msg;
	struct shm_info shm;
	struct seminfo sem;
	int last;

	if (kind == QUEUE)
		last = msgctl(0, MSG_INFO, (struct msqid_ds *)&msg);
	else if (kind == SEGMENT)
		last = shmctl(0, SHM_INFO, (struct shmid_ds *)&shm);
	else
		last = semctl(0, 0, SEM_INFO, (union semun){ .info = &sem });
	if (last == -1)
		err(EXIT_FAILURE, "%s: INFO", kinds[kind]);
	return last;
}

static void print(int kind, const struct object *o)
{
	const struct passwd *owner = getpwuid(o->uid);

	printf("%-7s 0x%08x %-10d ", kinds[kind], (unsigned)o->key, o->id);
	if (owner != NULL)
		printf("%-10s", owner->pw_name);
	else
		printf("%-10u", o->uid);
	printf(" %-5o %llu", o->mode & 0777, o->size);
	if (kind != SET)
		printf(" %llu", o->count);
	if (kind == SEGMENT)
		printf("%s%s", o->mode & SHM_DEST ? " dest" : "",
		       o->mode & SHM_LOCKED ? " locked" : "");
	putchar('\n');
}

/* The object at an index: the call returns its id, or -1 if there is none.
 * MSG_STAT reports only objects that the caller may read, MSG_STAT_ANY (Linux
 * 4.17) all of them, as /proc does */
static int stat_index(int kind, int index, struct object *o)
{
	struct msqid_ds msg = { 0 };
	struct shmid_ds shm = { 0 };
	struct semid_ds sem = { 0 };
	union semun arg = { .buf = &sem };
	const struct ipc_perm *perm = &sem.sem_perm;

	if (kind == QUEUE) {
		o->id = msgctl(index, MSG_STAT_ANY, &msg);
		o->size = msg.__msg_cbytes;
		o->count = msg.msg_qnum;
		perm = &msg.msg_perm;
	} else if (kind == SEGMENT) {
		o->id = shmctl(index, SHM_STAT_ANY, &shm);
		o->size = shm.shm_segsz;
		o->count = shm.shm_nattch;
		perm = &shm.shm_perm;
	} else {
		o->id = semctl(index, 0, SEM_STAT_ANY, arg);
		o->size = sem.sem_nsems;
	}
	o->key = perm->__key;
	o->uid = perm->uid;
	o->mode = perm->mode;
	return o->id;
}

static void list(int kind)
{
	struct object object;

	for (int i = 0, last = last_index(kind); i <= last; i++)
		if (stat_index(kind, i, &object) != -1)
			print(kind, &object);
		else if (errno != EINVAL && errno != EIDRM)
			err(EXIT_FAILURE, "%s: STAT_ANY", kinds[kind]);
}

/* The same from a text file, a line each below a heading: key, id, permissions,
 * then numbers, of which the first is the size */
static void list_proc(int kind)
{
	static const struct {
		const char *path;
		int count, uid; /* which of the numbers */
	} files[KINDS] = { { "/proc/sysvipc/msg", 1, 4 },
			   { "/proc/sysvipc/shm", 3, 4 },
			   { "/proc/sysvipc/sem", 0, 1 } };
	const char *path = files[kind].path;
	FILE *f = fopen(path, "re");
	char line[512];
	unsigned long long n[5];
	struct object o;

	if (f == NULL && errno == ENOENT)
		err(77, "%s: as root: mount -t proc proc /proc", path);
	if (f == NULL || fgets(line, sizeof line, f) == NULL)
		err(EXIT_FAILURE, "%s", path);
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%d %d %o %llu %llu %llu %llu %llu", &o.key,
			   &o.id, &o.mode, &n[0], &n[1], &n[2], &n[3],
			   &n[4]) != 8)
			errx(EXIT_FAILURE, "%s: %s", path, line);
		o.size = n[0];
		o.count = n[files[kind].count];
		o.uid = (unsigned)n[files[kind].uid];
		print(kind, &o);
	}
	if (ferror(f) || fclose(f) == EOF)
		err(EXIT_FAILURE, "read %s", path);
}

/* A number from 0 to max; as 0x... it is a key */
static long long number(const char *text, long long max)
{
	char *end;

	errno = 0;
	long long n = strtoll(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (end == text || *end != '\0' || errno != 0 || n < 0 || n > max)
		errx(2, "%s: not a number, or too large", text);
	return n;
}

static int get(int kind, key_t key, long size, int flags)
{
	if (kind == QUEUE)
		return msgget(key, flags);
	if (kind == SEGMENT)
		return shmget(key, (size_t)size, flags);
	return semget(key, size > INT_MAX ? -1 : (int)size, flags);
}

static int destroy(int kind, int id)
{
	if (kind == QUEUE)
		return msgctl(id, IPC_RMID, NULL);
	if (kind == SEGMENT)
		return shmctl(id, IPC_RMID, NULL);
	return semctl(id, 0, IPC_RMID);
}

/* If a limit of this IPC namespace forbids the object, print its value and the
 * remedy, and exit with 77 */
static void refused(int kind, long size)
{
	struct msginfo msg;
	struct shminfo shm;
	struct shm_info used;
	struct seminfo sem;
	const char *limit = NULL, *why = strerror(errno);
	unsigned long long value = 0, remedy = 0;
	unsigned long bytes = (unsigned long)size, pages = bytes / 4096 + 1;

	if ((errno != ENOSPC && errno != EINVAL) || (kind != QUEUE && size < 1))
		err(EXIT_FAILURE, "make %s", kinds[kind]);
	int full = errno == ENOSPC;
	if (msgctl(0, IPC_INFO, (struct msqid_ds *)&msg) == -1 ||
	    shmctl(0, IPC_INFO, (struct shmid_ds *)&shm) == -1 ||
	    shmctl(0, SHM_INFO, (struct shmid_ds *)&used) == -1 ||
	    semctl(0, 0, IPC_INFO, (union semun){ .info = &sem }) == -1)
		err(EXIT_FAILURE, "IPC_INFO");
	if (kind == SET) /* at most so many in a set, in all, and sets */
		errx(77,
		     "make set: %s: kernel.sem is %d %d %d %d: as root: "
		     "echo 32000 1024000000 500 32000 >/proc/sys/kernel/sem",
		     why, sem.semmsl, sem.semmns, sem.semopm, sem.semmni);
	if (kind == QUEUE)
		limit = "msgmni", value = (unsigned)msg.msgmni, remedy = 32000;
	else if (!full)
		limit = "shmmax", value = shm.shmmax, remedy = bytes;
	else if ((unsigned)used.used_ids >= shm.shmmni)
		limit = "shmmni", value = shm.shmmni, remedy = 4096;
	else
		limit = "shmall", value = shm.shmall,
		remedy = used.shm_tot + pages;
	errx(77, "make %s: %s: kernel.%s is %llu: as root: echo %llu >%s/%s",
	     kinds[kind], why, limit, value, remedy, "/proc/sys/kernel", limit);
}

/* IPC_EXCL: an object that exists already was not made here. Without a key in
 * text choose a free one at random, as ipcmk does: by the key IPC_PRIVATE (0)
 * no process could find the object */
static void make(int kind, long size, const char *text)
{
	key_t key = text == NULL ? IPC_PRIVATE : (key_t)number(text, UINT_MAX);
	int id;

	do {
		if (text == NULL &&
		    getrandom(&key, sizeof key, 0) != sizeof key)
			err(EXIT_FAILURE, "getrandom");
		id = get(kind, key, size, IPC_CREAT | IPC_EXCL | 0600);
	} while (id == -1 && errno == EEXIST && text == NULL);
	if (id == -1)
		refused(kind, size);
	if (printf("%s %d\n", kinds[kind], id) < 0 || fflush(stdout) == EOF) {
		warn("write standard output");
		(void)destroy(kind, id); /* its id is lost */
		exit(EXIT_FAILURE);
	}
}

/* By id, or by key. The key 0 finds no object: msgget creates another one */
static void remove_object(int kind, const char *text)
{
	int is_key = strncmp(text, "0x", 2) == 0,
	    id = (int)number(text, is_key ? UINT_MAX : INT_MAX);

	if (is_key && id == IPC_PRIVATE)
		errx(2, "%s: IPC_PRIVATE is no key: use the id", text);
	if (is_key && (id = get(kind, id, 0, 0)) == -1)
		err(EXIT_FAILURE, "%s %s", kinds[kind], text);
	if (destroy(kind, id) == -1)
		err(EXIT_FAILURE, "remove %s %s", kinds[kind], text);
}

static int kind_named(const char *name)
{
	int kind = 0;

	while (kind < KINDS && strcmp(name, kinds[kind]) != 0)
		kind++;
	return kind;
}

int main(int argc, char *argv[])
{
	const char *verb = argc > 1 ? argv[1] : "";
	int kind = argc > 2 ? kind_named(argv[2]) : KINDS;
	int sized = kind == SEGMENT || kind == SET;

	if (argc == 2 && strcmp(verb, "--help") == 0)
		return usage(stdout);
	if (argc == 2 && strcmp(verb, "list") == 0)
		for (kind = 0; kind < KINDS; kind++)
			list(kind);
	else if (argc == 2 && strcmp(verb, "proc") == 0)
		for (kind = 0; kind < KINDS; kind++)
			list_proc(kind);
	else if (strcmp(verb, "make") == 0 && kind < KINDS &&
		 (argc == 3 + sized || argc == 4 + sized))
		make(kind, sized ? (long)number(argv[3], LONG_MAX) : 0,
		     argc == 4 + sized ? argv[3 + sized] : NULL);
	else if (strcmp(verb, "remove") == 0 && kind < KINDS && argc == 4)
		remove_object(kind, argv[3]);
	else
		return usage(stderr);

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
