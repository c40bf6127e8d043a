// SPDX-License-Identifier: MIT
/*
 * sysv_shm.h - the memory that sysv_shm_producer and sysv_shm_consumer share
 *
 * SLOTS slots are used in turn; after the last comes the first. As in chapter
 * 04, semaphore FREE of the set counts the slots that may be filled, and FULL
 * those that may be emptied. A slot with len 0 is the end. Segment and set
 * have the same KEY.
 *
 * With many slots the halves rarely find none that is free, or none that is
 * full: each sleep and wake-up costs as much time as copying several slots.
 */
#ifndef SYSV_SHM_H
#define SYSV_SHM_H

#include <stdint.h>

enum { FREE, FULL, SEMAPHORES };	/* numbers in the set */
enum { SLOTS = 64, SLOT_DATA = 65536 }; /* data in bytes */

struct slot {
	uint32_t len; /* how many bytes of data are in use */
	char data[SLOT_DATA];
};

#endif
