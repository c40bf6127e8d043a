// SPDX-License-Identifier: MIT
/*
 * safe_open.c - open a FIFO at a name where others may have put something else
 *
 * Shows:  refuse what is no FIFO of ours: look at what was opened, not at names
 * Build:  cc safe_open.c -o safe_open
 * Run:    ./safe_open [PATH]
 * Prints: whether PATH, or each of five things put there, is taken or refused
 * Exit:   0 all as said here; 1 a call failed, or PATH is refused; 2 usage;
 *         77 TMPDIR is too long
 * See:    open(2), fstat(2), mkdtemp(3), fifo(7); open_modes.c
 */
#define _GNU_SOURCE	     /* O_NOFOLLOW, mkdtemp */
#define _FILE_OFFSET_BITS 64 /* fstat, in a 32-bit program, of any file */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[4088], path[sizeof dir + 8], file[sizeof dir + 8];

static int usage(FILE *out)
{
	fputs("usage: safe_open [PATH]\n"
	      "Open the FIFO at PATH if it is ours alone; without PATH, try\n"
	      "what others could have put there.\n",
	      out);
	if (fflush(out) == EOF || ferror(out))
		err(EXIT_FAILURE, "write usage");
	return out == stdout ? EXIT_SUCCESS : 2;
}

/* Why this is not to be used; NULL if it is. O_NONBLOCK: what stands there must
 * not make us wait before we have looked at it. O_NOFOLLOW: no link as the last
 * part. fstat asks for what is open: stat(2) of a name, before or after, may
 * have seen another file than open did */
static const char *safe_open(const char *name, int *fd)
{
	struct stat st;

	*fd = open(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (*fd == -1)
		return strerror(errno);
	if (fstat(*fd, &st) == -1)
		err(EXIT_FAILURE, "fstat %s", name);
	if (!S_ISFIFO(st.st_mode))
		return "not a FIFO";
	if (st.st_uid != geteuid())
		return "another user's";
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return "others may open it too";
	/* From here on a read waits for a writer's bytes, as usual */
	if (fcntl(*fd, F_SETFL, 0) == -1)
		err(EXIT_FAILURE, "fcntl %s", name);
	return NULL;
}

/* The answer for name; expected is what it must be, if that is known */
static int judge(const char *what, const char *name, int expected)
{
	int fd;
	const char *why = safe_open(name, &fd);

	printf("%s: %s%s\n", what, why ? "refused: " : "taken", why ? why : "");
	if (fd != -1 && close(fd) == -1)
		err(EXIT_FAILURE, "close");
	if (expected != -1 && expected != (why == NULL))
		errx(EXIT_FAILURE, "%s: not as expected", what);
	return why == NULL;
}

/* Best effort, on the way out: there is nobody left to tell */
static void remove_all(void)
{
	unlink(path);
	unlink(file);
	rmdir(dir);
}

/* A folder that nobody else can enter is the other, and better, answer. Signals
 * that would end us wait until we end, a moment later: nothing stays behind */
static void make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EXIT_FAILURE, "sigprocmask");
	if (snprintf(dir, sizeof dir, "%s/fifo-XXXXXX", tmp ? tmp : "/tmp") >=
	    (int)sizeof dir)
		errx(77, "TMPDIR is too long: set a shorter one, such as /tmp");
	if (mkdtemp(dir) == NULL)
		err(EXIT_FAILURE, "mkdtemp %s", dir);
	snprintf(path, sizeof path, "%s/fifo", dir);
	snprintf(file, sizeof file, "%s/file", dir);
	if (atexit(remove_all) != 0)
		errx(EXIT_FAILURE, "atexit: no room");
}

/* Each thing stands at path until the next one takes its place */
static void try_all(void)
{
	make_folder();
	if (mkfifo(path, 0600) == -1)
		err(EXIT_FAILURE, "mkfifo %s", path);
	judge("our FIFO, mode 0600", path, 1);
	if (chmod(path, 0622) == -1)
		err(EXIT_FAILURE, "chmod %s", path);
	judge("our FIFO, mode 0622", path, 0);
	if (chmod(path, 0600) == -1)
		err(EXIT_FAILURE, "chmod %s", path);
	if (chown(path, geteuid() + 1, (gid_t)-1) == 0)
		judge("a FIFO of another user", path, 0);
	else /* only root can give a file away */
		printf("a FIFO of another user: %s\n", strerror(errno));
	if (rename(path, file) == -1 || symlink(file, path) == -1)
		err(EXIT_FAILURE, "symlink %s", path);
	judge("a symbolic link to a FIFO", path, 0);
	if (unlink(path) == -1 || mknod(path, S_IFREG | 0600, 0) == -1)
		err(EXIT_FAILURE, "mknod %s", path);
	judge("a regular file", path, 0);
}

int main(int argc, char *argv[])
{
	int good = 1;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && (!*argv[1] || *argv[1] == '-')))
		return usage(stderr);
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (argc == 2)
		good = judge(argv[1], argv[1], -1);
	else
		try_all();

	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
