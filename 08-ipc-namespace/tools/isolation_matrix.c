// SPDX-License-Identifier: MIT
/*
 * isolation_matrix.c - which namespace hides what
 *
 * Shows:  for each mechanism of the chapters 01 to 07 whether a process in a
 *         fresh namespace of each kind reaches an object made outside
 * Build:  cc isolation_matrix.c -o isolation_matrix
 * Run:    ./isolation_matrix [--csv]
 * Prints: a table; each cell is one process that tried to deliver a number:
 *         yes: it arrived; no: it did not; -: not measured, with the reason
 * Exit:   0 measured; 1 a call failed, or even a process in the same namespaces
 *         did not reach an object; 2 usage; 77 this machine or a limit forbids
 *         it
 * See:    namespaces(7), ipc_namespaces(7), mount_namespaces(7),
 *         network_namespaces(7), pid_namespaces(7), user_namespaces(7)
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A mechanism is one function. It makes the object, tries to deliver the token
 * to it from another process, looks for what has arrived, and removes the
 * object. It returns -1 if that fails. LOOK returns what has arrived */
enum phase { MAKE, TRY, LOOK, END };
enum how { BY_NAME, BY_ID, BEFORE }; /* how the other process finds it */

static int token; /* another for each cell */

static int usage(FILE *out)
{
	fputs("usage: isolation_matrix [--csv]\n"
	      "Try which objects are reached from fresh namespaces of each "
	      "kind.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int put_token(int fd)
{
	return fd == -1 || write(fd, &token, sizeof token) == -1 ? -1 : 0;
}

static int get_token(int fd)
{
	int got;

	return read(fd, &got, sizeof got) == sizeof got ? got : -1;
}

static int anonymous_pipe(enum phase phase, enum how how)
{
	static int pfd[2];

	(void)how; /* it has no name */
	switch (phase) {
	case MAKE:
		return pipe2(pfd, O_CLOEXEC | O_NONBLOCK);
	case TRY:
		return put_token(pfd[1]);
	case LOOK:
		return get_token(pfd[0]);
	default:
		return close(pfd[0]) | close(pfd[1]);
	}
}

/* Return -1 with the errno of the call that failed before */
static int unlink_and_fail(const char *path)
{
	int saved = errno;

	(void)unlink(path);
	errno = saved;
	return -1;
}

static int fifo(enum phase phase, enum how how)
{
	static const char path[] = "/dev/shm/fifo";
	static int fifo_fd;

	switch (phase) {
	case MAKE:
		if (mkfifo(path, 0600) == -1)
			return -1;
		fifo_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fifo_fd == -1) /* the next row makes it again */
			return unlink_and_fail(path);
		return 0;
	case TRY:
		if (how == BEFORE)
			return put_token(fifo_fd);
		return put_token(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
	case LOOK:
		return get_token(fifo_fd);
	default:
		return close(fifo_fd) | unlink(path);
	}
}

enum { KEY = 0x6e000003 };

static int sysv_queue(enum phase phase, enum how how)
{
	static int msqid;
	struct {
		long type;
		int token;
	} msg = { 1, token };
	int id;

	switch (phase) {
	case MAKE:
		msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
		return msqid;
	case TRY:
		id = how == BY_ID ? msqid : msgget(KEY, 0);
		return id == -1 ? -1 : msgsnd(id, &msg, sizeof msg.token, 0);
	case LOOK:
		msg.token = -1;
		(void)msgrcv(msqid, &msg, sizeof msg.token, 0, IPC_NOWAIT);
		return msg.token;
	default:
		return msgctl(msqid, IPC_RMID, NULL);
	}
}

/* A semaphore carries no token. It is 0 before. If it has been reached, it is 1
 * afterwards */
static int sysv_set(enum phase phase, enum how how)
{
	static int semid;
	struct sembuf give = { .sem_op = 1 };
	struct sembuf take = { .sem_op = -1, .sem_flg = IPC_NOWAIT };
	int id;

	switch (phase) {
	case MAKE:
		semid = semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600);
		return semid;
	case TRY:
		id = how == BY_ID ? semid : semget(KEY, 0, 0);
		return id == -1 ? -1 : semop(id, &give, 1);
	case LOOK:
		return semop(semid, &take, 1) == -1 ? -1 : token;
	default:
		return semctl(semid, 0, IPC_RMID);
	}
}

static int segment(enum phase phase, enum how how)
{
	static int shmid, *memory;
	int id, *p = memory;

	switch (phase) {
	case MAKE:
		shmid =
		    shmget(KEY, sizeof *memory, IPC_CREAT | IPC_EXCL | 0600);
		if (shmid == -1)
			return -1;
		memory = shmat(shmid, NULL, 0);
		if (memory == (void *)-1) {
			id = errno; /* the next row makes the segment again */
			(void)shmctl(shmid, IPC_RMID, NULL);
			errno = id;
			return -1;
		}
		return 0;
	case TRY:
		id = how == BY_ID ? shmid : shmget(KEY, 0, 0);
		if (how != BEFORE)
			p = id == -1 ? (void *)-1 : shmat(id, NULL, 0);
		if (p == (void *)-1)
			return -1;
		*p = token;
		return 0;
	case LOOK:
		return *memory;
	default:
		return shmdt(memory) | shmctl(shmid, IPC_RMID, NULL);
	}
}

static const char name[] = "/isolation_matrix";

static int posix_queue(enum phase phase, enum how how)
{
	static mqd_t mqd;
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = sizeof token };
	mqd_t to;
	int got = -1;

	switch (phase) {
	case MAKE:
		mqd = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK,
			      0600, &attr);
		return mqd == (mqd_t)-1 ? -1 : 0;
	case TRY:
		to = how == BEFORE ? mqd : mq_open(name, O_WRONLY | O_NONBLOCK);
		if (to == (mqd_t)-1)
			return -1;
		return mq_send(to, (char *)&token, sizeof token, 0);
	case LOOK:
		(void)mq_receive(mqd, (char *)&got, sizeof got, NULL);
		return got;
	default:
		return mq_close(mqd) | mq_unlink(name);
	}
}

static int posix_semaphore(enum phase phase, enum how how)
{
	static sem_t *sem;
	sem_t *to;

	switch (phase) {
	case MAKE:
		sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
		return sem == SEM_FAILED ? -1 : 0;
	case TRY:
		to = how == BEFORE ? sem : sem_open(name, 0);
		return to == SEM_FAILED ? -1 : sem_post(to);
	case LOOK:
		return sem_trywait(sem) == -1 ? -1 : token;
	default:
		return sem_close(sem) | sem_unlink(name);
	}
}

static int *map(int fd)
{
	return mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
}

static int posix_memory(enum phase phase, enum how how)
{
	static int *memory, shm_fd;
	int fd, *p = memory;

	switch (phase) {
	case MAKE:
		shm_fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (shm_fd == -1)
			return -1;
		memory = MAP_FAILED;
		if (ftruncate(shm_fd, sizeof(int)) == 0)
			memory = map(shm_fd);
		if (memory == MAP_FAILED)
			return unlink_and_fail("/dev/shm/isolation_matrix");
		return 0;
	case TRY:
		if (how != BEFORE && ((fd = shm_open(name, O_RDWR, 0)) == -1 ||
				      (p = map(fd)) == MAP_FAILED))
			return -1;
		*p = token;
		return 0;
	case LOOK:
		return *memory;
	default:
		return munmap(memory, sizeof(int)) | close(shm_fd) |
		       shm_unlink(name);
	}
}

static int memfd(enum phase phase, enum how how)
{
	static int fd;
	int got;

	(void)how; /* it has no name either: it is inherited or received */
	switch (phase) {
	case MAKE:
		fd = memfd_create("isolation_matrix", MFD_CLOEXEC);
		return fd;
	case TRY:
		return pwrite(fd, &token, sizeof token, 0) == -1 ? -1 : 0;
	case LOOK:
		return pread(fd, &got, sizeof got, 0) == sizeof got ? got : -1;
	default:
		return close(fd);
	}
}

/* A datagram to a Unix socket that has this address */
static int unix_socket(enum phase phase, const char *path, socklen_t len)
{
	static int server;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct sockaddr *to = (struct sockaddr *)&address;
	int fd;

	memcpy(address.sun_path, path, len);
	len += (socklen_t)offsetof(struct sockaddr_un, sun_path);
	if (phase == LOOK)
		return get_token(server);
	if (phase == END)
		return close(server);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (phase == TRY)
		return connect(fd, to, len) == -1 ? -1 : put_token(fd);
	server = fd;
	return bind(server, to, len);
}

static int path_socket(enum phase phase, enum how how)
{
	static const char path[] = "/dev/shm/socket";

	(void)how;
	return unix_socket(phase, path, sizeof path) |
	       (phase == END ? unlink(path) : 0);
}

static int abstract_socket(enum phase phase, enum how how)
{
	static char address[24]; /* it begins with a null byte */

	(void)how;
	if (phase == MAKE)
		snprintf(address + 1, sizeof address - 1, "matrix.%d",
			 getpid());
	return unix_socket(phase, address, sizeof address);
}

/* Read from a connection, or from the next one that waits, within a second */
static int read_either(int connected, int listener)
{
	struct pollfd fds[] = { { .fd = connected, .events = POLLIN },
				{ .fd = listener, .events = POLLIN } };
	int got, fd;

	if (poll(fds, 2, 1000) < 1)
		return -1;
	if (fds[0].revents != 0)
		return get_token(connected);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	got = get_token(fd);
	return close(fd) == -1 ? -1 : got;
}

/* A connection that waits to be accepted, or one that was there before */
static int tcp(enum phase phase, enum how how)
{
	static struct sockaddr_in address;
	static int listener, ours, theirs;
	socklen_t len = sizeof address;
	int fd;

	switch (phase) {
	case MAKE:
		address = (struct sockaddr_in){ .sin_family = AF_INET };
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		theirs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (listener == -1 || theirs == -1 ||
		    bind(listener, (void *)&address, len) == -1 ||
		    listen(listener, 1) == -1 ||
		    getsockname(listener, (void *)&address, &len) == -1 ||
		    connect(theirs, (void *)&address, len) == -1)
			return -1;
		ours = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		return ours;
	case TRY:
		if (how == BEFORE)
			return put_token(theirs);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd == -1 || connect(fd, (void *)&address, len) == -1)
			return -1;
		return put_token(fd);
	case LOOK:
		return read_either(ours, listener);
	default:
		return close(listener) | close(ours) | close(theirs);
	}
}

static int signal_itself(enum phase phase, enum how how)
{
	static pid_t maker;
	static int pidfd = -1;
	static sigset_t blocked;
	static const struct timespec no_time = { 0 };
	union sigval value = { .sival_int = token };
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	switch (phase) {
	case MAKE:
		maker = getpid();
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGUSR1);
		if (signal(SIGUSR1, SIG_DFL) == SIG_ERR ||
		    sigprocmask(SIG_BLOCK, &blocked, NULL) == -1)
			return -1;
		if (how != BEFORE)
			return 0;
		pidfd = (int)syscall(SYS_pidfd_open, maker, 0);
		/* Signal 0 is only checked: a sandbox may lack this call */
		if (pidfd != -1 &&
		    syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == -1) {
			(void)close(pidfd); /* errno is that of the signal */
			pidfd = -1;
		}
		return pidfd;
	case TRY:
		info.si_value = value;
		if (how == BEFORE)
			return (int)syscall(SYS_pidfd_send_signal, pidfd,
					    SIGUSR1, &info, 0);
		return sigqueue(maker, SIGUSR1, value);
	case LOOK: /* with ulimit -i 0 its value is lost */
		return sigtimedwait(&blocked, NULL, &no_time) == -1 ? -1
								    : token;
	default:
		return how == BEFORE ? close(pidfd) : 0;
	}
}

static const struct mechanism {
	const char *name;
	int (*act)(enum phase, enum how);
	enum how how;
} mechanisms[] = {
	{ "pipe, inherited", anonymous_pipe, BEFORE },
	{ "FIFO, by path", fifo, BY_NAME },
	{ "FIFO, opened before", fifo, BEFORE },
	{ "SysV queue, by key", sysv_queue, BY_NAME },
	{ "SysV queue, by id", sysv_queue, BY_ID },
	{ "SysV set, by key", sysv_set, BY_NAME },
	{ "SysV set, by id", sysv_set, BY_ID },
	{ "SysV segment, by key", segment, BY_NAME },
	{ "SysV segment, by id", segment, BY_ID },
	{ "SysV segment, attached before", segment, BEFORE },
	{ "POSIX queue, by name", posix_queue, BY_NAME },
	{ "POSIX queue, opened before", posix_queue, BEFORE },
	{ "POSIX semaphore, by name", posix_semaphore, BY_NAME },
	{ "POSIX semaphore, opened before", posix_semaphore, BEFORE },
	{ "POSIX memory, by name", posix_memory, BY_NAME },
	{ "POSIX memory, mapped before", posix_memory, BEFORE },
	{ "memfd, inherited", memfd, BEFORE },
	{ "Unix socket, by path", path_socket, BY_NAME },
	{ "Unix socket, abstract", abstract_socket, BY_NAME },
	{ "TCP on loopback, by port", tcp, BY_NAME },
	{ "TCP, connected before", tcp, BEFORE },
	{ "signal, by pid", signal_itself, BY_ID },
	{ "signal, by a pidfd from before", signal_itself, BEFORE },
};
enum { MECHANISMS = sizeof mechanisms / sizeof mechanisms[0] };

/* Exit with 77: this machine forbids the call. Print what it takes */
static void forbidden(const char *call)
{
	const char *remedy = "echo 15000 | tee /proc/sys/user/max_*_namespaces";

	if (errno == ENOSPC) /* a limit is used up */
		errx(77, "%s: %s: as root: %s", call, strerror(errno), remedy);
	err(77, "%s: needs root, no chroot, in a container --privileged", call);
}

/* If a limit of this user forbids the call, exit with 77 and the remedy */
static void fail(const char *call)
{
	const char *remedy = errno == EMFILE   ? "ulimit -n 1024"
			     : errno == EAGAIN ? "ulimit -u 4096"
			     : errno == EFBIG  ? "ulimit -f unlimited"
			     : errno == ENOMEM ? "ulimit -v unlimited"
					       : NULL;

	if (remedy == NULL)
		err(EXIT_FAILURE, "%s", call);
	errx(77, "%s: %s: %s", call, strerror(errno), remedy);
}

static uid_t uid;
static gid_t gid;

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd == -1 || write(fd, text, strlen(text)) == -1 ? -1 : close(fd);
}

/* In a new user namespace this process keeps its ids */
static int map_ids(void)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof uids, "%u %u 1", uid, uid);
	snprintf(gids, sizeof gids, "%u %u 1", gid, gid);
	return put("/proc/self/setgroups", "deny") |
	       put("/proc/self/uid_map", uids) |
	       put("/proc/self/gid_map", gids);
}

/* A new mount namespace is a copy of the mounts. Only a mount on a folder hides
 * its files. All files of this program are in /dev/shm */
static int mount_shm(void)
{
	return mount("shm", "/dev/shm", "tmpfs", 0, NULL);
}

/* A new network namespace has its own loopback device, which is down */
static int start_loopback(void)
{
	struct ifreq device = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || ioctl(fd, SIOCGIFFLAGS, &device) == -1)
		return -1;
	device.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &device) | close(fd);
}

/* unshare(CLONE_NEWPID) does not move the caller. Only its later children are
 * in the new namespace */
static int go_on_in_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid > 0)
		_exit(waitpid(pid, &status, 0) == -1 || status != 0);
	return pid;
}

static const struct kind {
	const char *name;
	int flag;
	int (*furnish)(void);
} kinds[] = {
	{ "none", 0, NULL },
	{ "IPC", CLONE_NEWIPC, NULL },
	{ "mount", CLONE_NEWNS, NULL },
	{ "+shm", CLONE_NEWNS, mount_shm },
	{ "net", CLONE_NEWNET, start_loopback },
	{ "PID", CLONE_NEWPID, go_on_in_child },
	{ "user", CLONE_NEWUSER, map_ids },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct cell {
	enum { UNTRIED, REFUSED, DELIVERED, ARRIVED } state;
	int cause; /* of the first two */
};
static struct cell *cells; /* shared with the processes that try */

static struct cell *cell(int row, int kind)
{
	return &cells[row * KINDS + kind];
}

/* In a process of its own: move to a new namespace of this kind, and try */
static void reach(const struct mechanism *m, const struct kind *kind,
		  struct cell *to)
{
	if (unshare(kind->flag) == -1 ||
	    (kind->furnish != NULL && kind->furnish() == -1)) {
		to->cause = errno;
		return;
	}
	int sent = m->act(TRY, m->how);
	to->cause = errno;
	to->state = sent == -1 ? REFUSED : DELIVERED;
}

static void measure(const struct mechanism *m, const struct kind *kind,
		    struct cell *to)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EXIT_FAILURE);
		reach(m, kind, to);
		_exit(EXIT_SUCCESS);
	}
	int status = -1;
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		fail("fork, waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "%s: the process that tries failed",
		     m->name);
	/* The token may have arrived at another object of that name */
	if (to->state == DELIVERED && m->act(LOOK, m->how) == token)
		to->state = ARRIVED;
}

static void measure_row(int row)
{
	const struct mechanism *m = &mechanisms[row];

	if (m->act(MAKE, m->how) == -1) {
		for (int i = 0; i < KINDS; i++)
			cell(row, i)->cause = errno;
		return;
	}
	for (int i = 0; i < KINDS; i++) {
		token++;
		measure(m, &kinds[i], cell(row, i));
	}
	if (m->act(END, m->how) == -1)
		err(EXIT_FAILURE, "%s: end", m->name);
	if (cell(row, 0)->state != ARRIVED) {
		warnx("%s: not reached even without a new namespace", m->name);
		errno = cell(row, 0)->cause;
		fail(m->name);
	}
}

static const char *const marks[] = { "-", "no", "no", "yes" };

static void print_csv(void)
{
	puts("mechanism,namespace,reached,reason");
	for (int row = 0; row < MECHANISMS; row++)
		for (int i = 0; i < KINDS; i++) {
			const struct cell *c = cell(row, i);
			printf("\"%s\",%s,%s,%s\n", mechanisms[row].name,
			       kinds[i].name, marks[c->state],
			       c->state < DELIVERED ? strerror(c->cause) : "");
		}
}

static void print_table(void)
{
	printf("%-30s", "reached from a fresh");
	for (int i = 0; i < KINDS; i++)
		printf(" %6s", kinds[i].name);
	putchar('\n');
	for (int row = 0; row < MECHANISMS; row++) {
		printf("%-30s", mechanisms[row].name);
		for (int i = 0; i < KINDS; i++)
			printf(" %6s", marks[cell(row, i)->state]);
		putchar('\n');
	}
	for (int row = 0; row < MECHANISMS; row++)
		for (int i = 0; i < KINDS; i++)
			if (cell(row, i)->state == UNTRIED)
				printf("- %s, %s: %s\n", mechanisms[row].name,
				       kinds[i].name,
				       strerror(cell(row, i)->cause));
}

/* All objects are made in new namespaces, and end with this process */
static void begin(void)
{
	int ours = CLONE_NEWIPC | CLONE_NEWNS;

	uid = geteuid();
	gid = getegid();
	if (unshare(ours) == -1 &&
	    (errno != EPERM || unshare(CLONE_NEWUSER | ours) == -1 ||
	     map_ids() == -1))
		forbidden("unshare");
	if (access("/dev/shm", F_OK) == -1)
		err(77, "as root: mkdir -p -m 1777 /dev/shm");
	/* In a chroot "/" is no mount point: but /dev/shm may be one */
	if ((mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == -1 &&
	     mount("none", "/dev/shm", "", MS_PRIVATE, NULL) == -1) ||
	    mount_shm() == -1)
		forbidden("mount /dev/shm");
	cells = mmap(NULL, sizeof *cells * MECHANISMS * KINDS,
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cells == MAP_FAILED)
		fail("mmap");
	/* Otherwise ulimit -f ends this process without a message. An ignored
	 * SIGCHLD would keep the status of a process from waitpid */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(EXIT_FAILURE, "signal");
}

int main(int argc, char *argv[])
{
	int csv = argc == 2 && strcmp(argv[1], "--csv") == 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 1 + csv)
		return usage(stderr);

	begin();
	for (int row = 0; row < MECHANISMS; row++)
		measure_row(row);
	if (csv)
		print_csv();
	else
		print_table();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return EXIT_SUCCESS;
}
