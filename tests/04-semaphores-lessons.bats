# 04-semaphores-lessons.bats - chapter 04, the lessons
load lib/helper
load lib/lessons

MAN='sem_overview(7)'

# bats test_tags=memcheck
@test "race: what was counted and what was lost make up what was expected" {
  local counted lost
  lesson race 200 # each yields the processor: slow on a busy machine
  prints_only 'expected 400' 'counted [1-9][0-9]*' 'lost [0-9]+'
  counted=$(sed -n 's/^counted //p' <<<"$output")
  lost=$(sed -n 's/^lost //p' <<<"$output")
  ((counted + lost == 400)) || fail "$output"
  misuse race 0
  misuse race 1x
  full race 1
}

# bats test_tags=memcheck
@test "race_fixed: with the semaphore the total is exact" {
  lesson race_fixed 200
  prints_only 'expected 400' 'counted 400' 'lost 0'
  misuse race_fixed 0
  full race_fixed 1
}

# bats test_tags=memcheck
@test "posix_counting: never more than N processes are inside, and N are" {
  lesson posix_counting 3
  prints_only '3 permits, 9 processes' \
    'full: 3 inside, sem_trywait: Resource temporarily unavailable' \
    'most ever inside: 3, free at the end: 3'
  lesson posix_counting 1
  prints 'most ever inside: 1, free at the end: 1'
  misuse posix_counting 0
  misuse posix_counting 3x
  full posix_counting
}

# bats test_tags=memcheck
@test "posix_unnamed: the child's post arrives through shared memory only" {
  lesson posix_unnamed
  prints_only 'child: posted the private one, it is 1' \
    'parent: took what the child posted to the shared one' \
    'parent: the private one: Resource temporarily unavailable'
  misuse posix_unnamed x
  full posix_unnamed
}

# bats test_tags=memcheck
@test "sysv_sets: two are taken at once or not at all, and zero is waited for" {
  lesson sysv_sets
  prints_only 'two forks and the workers: 1 0 2' \
    'take both: Resource temporarily unavailable' \
    'neither is taken: 1 0 2' \
    'the other one is given back: 1 1 2' \
    'both taken at once: 0 0 2' \
    'is it zero, not waiting: Resource temporarily unavailable' \
    'both workers are done: 0 0 0'
  misuse sysv_sets x
  full sysv_sets
}

# bats test_tags=memcheck
@test "sysv_init_race: the second process finds no value; sem_otime tells" {
  lesson sysv_init_race
  prints_only 'second, wrong: finds the set, its value is 0' \
    'second, wrong: adds 1, it is 1' \
    'creator: SETVAL, its value is 1' \
    'second, right: ready: no' \
    'creator: SETVAL, its value is 0' \
    'second, right: ready: yes, its value is 1' \
    'creator: the second took it, its value is 0'
  misuse sysv_init_race 1
  full sysv_init_race
}


# bats test_tags=memcheck
@test "sysv_undo: with SEM_UNDO a third process gets what the killed one had" {
  lesson sysv_undo
  prints_only 'without SEM_UNDO' 'held: value 0' \
    'holder: Killed; last to change it: the holder' \
    'third: Resource temporarily unavailable' \
    'with SEM_UNDO' 'held: value 0' \
    'holder: Killed; last to change it: the holder' \
    'third: took it'
  misuse sysv_undo x
  full sysv_undo
}

# bats test_tags=memcheck
@test "posix_timed: each wait in vain ends at once, in time, or by a handler" {
  lesson posix_timed
  prints_only 'sem_trywait: Resource temporarily unavailable' \
    "sem_timedwait: $ETIMEDOUT" \
    'time of day is past: yes' \
    "sem_timedwait, a duration: $ETIMEDOUT" \
    'sem_wait, a handler ran: Interrupted system call' \
    'sem_wait, with SA_RESTART, posted: took it'
  misuse posix_timed 0
  full posix_timed
}

# bats test_tags=memcheck
@test "mutex_robust: who locks after a dead owner is told, repairs and goes on" {
  lesson mutex_robust
  prints_only 'owner: killed by signal 9' 'lock: EOWNERDEAD, and it is mine' \
    'found: 70 \+ 0' 'repaired: 70 \+ 30' 'owner: exit status 0' \
    'used again: 40 \+ 60'
  misuse mutex_robust x
  full mutex_robust
}

# bats test_tags=memcheck
@test "mutex_plain: the mutex of a dead owner stays locked" {
  lesson mutex_plain
  prints_only 'owner: killed by signal 9' 'lock: ETIMEDOUT, still locked'
  misuse mutex_plain x
  full mutex_plain
}

# bats test_tags=memcheck
@test "futex: the lock is free of calls alone, and holds" {
  lesson futex
  prints_only 'alone: 10000 times, 0 calls of futex' 'together: 40000 of 40000'
}

@test "futex: refuses operands, and a full output" {
  misuse futex 0
  full futex
}
# bats test_tags=memcheck
@test "futex_interrupted: a signal ends the wait, and the lock is still held" {
  lesson futex_interrupted
  prints_only 'waiter: Interrupted system call, lock state 2' \
    'given back: lock state 0'
}
@test "futex_interrupted: refuses operands, and a full output" {
  misuse futex_interrupted 0
  full futex_interrupted
}

# bats test_tags=memcheck
@test "philosophers: all starve who take the left fork first" {
  lesson philosophers
  prints_only 'left first: 0 meals, 5 wait for a fork'
}
# bats test_tags=memcheck
@test "philosophers_fixed: in order, or with four seats, all eat" {
  lesson philosophers_fixed
  prints_only 'in order: 500 meals' 'four seats: 500 meals'
}
@test "philosophers_fixed: refuses operands, and a full output" {
  misuse philosophers_fixed 0
  full philosophers_fixed
}
@test "philosophers: refuses operands, and a full output" {
  misuse philosophers 0
  full philosophers
}

# bats test_tags=memcheck
@test "readers_writers: a writer alone, and no new reader before one who waits" {
  lesson readers_writers
  prints_only 'in the room: 3 readers' \
    'a writer waits, and a reader behind him: 3 are in' \
    'the late reader saw 1 write' \
    'all at once: 400 of 400 writes, rule broken 0 times'
}
@test "readers_writers: refuses operands, and a full output" {
  misuse readers_writers 0
  full readers_writers
}
