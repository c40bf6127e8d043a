// SPDX-License-Identifier: MIT
/*
 * rw.c - run a command while other readers, or nobody else, may run theirs
 *
 * Build:  cc rw.c -o rw
 * Run:    ./rw read FILE COMMAND [ARGUMENT...]
 *         ./rw write FILE COMMAND [ARGUMENT...]
 *         ./rw remove FILE
 * Exit:   the command's status; 1 a call failed; 2 usage; 127 no such command
 * See:    semget(2), semop(2), semctl(2), ftok(3), execvp(3); task rw of the
 *         lab
 */
#define _XOPEN_SOURCE 700 /* sys/sem.h is an X/Open extension */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <unistd.h>

/* Both start at 0, so no process has to set a value. WRITER is 1 while a writer
 * is inside, or is the next one; READERS counts the readers inside */
enum { WRITER, READERS, SEMAPHORES };

int main(int argc, char *argv[])
{
	int removes = argc == 3 && strcmp(argv[1], "remove") == 0;
	int reads = argc > 3 && strcmp(argv[1], "read") == 0;
	int writes = argc > 3 && strcmp(argv[1], "write") == 0;
	if (!removes && !reads && !writes)
		errx(2, "usage: rw read|write FILE COMMAND..., rw remove FILE");

	key_t key = ftok(argv[2], 'w');
	if (key == -1)
		err(EXIT_FAILURE, "ftok %s", argv[2]);
	int set = semget(key, SEMAPHORES, IPC_CREAT | 0600);
	if (set == -1)
		err(EXIT_FAILURE, "semget %s", argv[2]);
	if (removes) {
		if (semctl(set, 0, IPC_RMID) == -1)
			err(EXIT_FAILURE, "semctl %s, IPC_RMID", argv[2]);
		return EXIT_SUCCESS;
	}

	/* One call: no writer can come between the look and the count */
	struct sembuf enter[] = {
		{ .sem_num = WRITER, .sem_op = 0 },
		{ .sem_num = READERS, .sem_op = 1, .sem_flg = SEM_UNDO },
	};
	struct sembuf claim[] = {
		{ .sem_num = WRITER, .sem_op = 0 },
		{ .sem_num = WRITER, .sem_op = 1, .sem_flg = SEM_UNDO },
	};
	struct sembuf alone = { .sem_num = READERS, .sem_op = 0 };
	if (reads && semop(set, enter, 2) == -1)
		err(EXIT_FAILURE, "semop %s, enter", argv[2]);
	/* From the claim on no reader enters, so that those inside become fewer
	 * and the writer's turn comes */
	if (writes && semop(set, claim, 2) == -1)
		err(EXIT_FAILURE, "semop %s, claim", argv[2]);
	if (writes && semop(set, &alone, 1) == -1)
		err(EXIT_FAILURE, "semop %s, wait for readers", argv[2]);

	/* The undo values stay with this process, which becomes the command.
	 * The kernel applies them when it ends */
	execvp(argv[3], argv + 3);
	err(127, "exec %s", argv[3]);
}
