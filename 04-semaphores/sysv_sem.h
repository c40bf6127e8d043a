// SPDX-License-Identifier: MIT
/*
 * sysv_sem.h - what sysv_sem_producer and sysv_sem_consumer agree on
 *
 * The shared resource is a file, ./NAME, of SLOTS slots that are used in turn,
 * again and again. A set of two semaphores, with a key from ftok(NAME), belongs
 * to it: FREE counts the slots that may be filled, FULL those that may be
 * emptied. Linux creates both with 0. A slot of length 0 is the end.
 */
#ifndef SYSV_SEM_H
#define SYSV_SEM_H

#include <stdint.h>

enum { FREE, FULL, SEMAPHORES };       /* numbers in the set, and their count */
enum { SLOTS = 8, SLOT_DATA = 65536 }; /* data: in bytes */

struct slot {
	uint32_t len; /* how many bytes of data are in use */
	char data[SLOT_DATA];
};

#endif
