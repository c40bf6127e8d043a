# 04-semaphores-lessons.bats - chapter 04, the lessons
load lib/helper
load lib/lessons

MAN='sem_overview(7)'
ETIMEDOUT='(Connection|Operation) timed out' # glibc, musl

# bats test_tags=memcheck
@test "race: the counted and the lost increments add up to the expected number" {
  local counted lost
  lesson race
  prints_only 'expected 2000' 'counted [1-9][0-9]*' 'lost [0-9]+'
  counted=$(sed -n 's/^counted //p' <<<"$output")
  lost=$(sed -n 's/^lost //p' <<<"$output")
  ((counted + lost == 2000)) || fail "$output"
  full race
}

# bats test_tags=memcheck
@test "race_fixed: with the semaphore no increment is lost" {
  lesson race_fixed
  prints_only 'expected 2000' 'counted 2000' 'lost 0'
  full race_fixed
}

# bats test_tags=memcheck
@test "posix_counting: N permits let N processes in, and the next when one has left" {
  lesson posix_counting
  prints_only \
    '3 are inside, the fourth gets: Resource temporarily unavailable' \
    'one has left, and the fourth is inside'
  full posix_counting
}

# bats test_tags=memcheck
@test "posix_unnamed: the child's post arrives through shared memory only" {
  lesson posix_unnamed
  prints_only 'child: posted the private one, it is 1' \
    'parent: took what the child posted to the shared one' \
    'parent: the private one: Resource temporarily unavailable'
  full posix_unnamed
}

# bats test_tags=memcheck
@test "sysv_sets: both semaphores are taken at once, or none is" {
  lesson sysv_sets
  prints_only 'only fork A is on the table' \
    'take both: Resource temporarily unavailable, left: 1 0' \
    'fork B is put down, too' \
    'take both: done, left: 0 0'
  full sysv_sets
}

# bats test_tags=memcheck
@test "sysv_init_race: SETVAL overwrites an early semop; sem_otime shows when the set is ready" {
  lesson sysv_init_race
  prints_only 'second process: adds 1, the value is 1' \
    'creator: SETVAL 1, the value is 1' \
    'creator: SETVAL 0, sem_otime is 0' \
    'creator: semop adds 1, sem_otime is set'
  full sysv_init_race
}

# bats test_tags=memcheck
@test "sysv_undo: with SEM_UNDO the next process gets the semaphore of a killed one" {
  lesson sysv_undo
  prints_only \
    'without SEM_UNDO: the next process gets: Resource temporarily unavailable' \
    'with SEM_UNDO: the next process gets: the semaphore'
  full sysv_undo
}

# bats test_tags=memcheck
@test "posix_timed: a wait ends at once, at its time, or when a handler has run" {
  lesson posix_timed
  prints_only 'sem_trywait: Resource temporarily unavailable' \
    "sem_timedwait, in a second: $ETIMEDOUT" \
    "sem_timedwait, a duration: $ETIMEDOUT" \
    'sem_wait, a handler ran: Interrupted system call'
  full posix_timed
}

# bats test_tags=memcheck
@test "mutex_robust: the next lock returns EOWNERDEAD, and the mutex can be repaired" {
  lesson mutex_robust
  prints_only 'owner: killed by signal 9, left 70 \+ 0' \
    'trylock: EOWNERDEAD, and this process has the lock' \
    'repaired: 70 \+ 30, and locked again'
  full mutex_robust
}

# bats test_tags=memcheck
@test "mutex_plain: the mutex of a dead owner stays locked" {
  lesson mutex_plain
  prints_only 'owner: killed by signal 9, left 70 \+ 0' \
    'trylock: EBUSY, it is still locked'
  full mutex_plain
}

# bats test_tags=memcheck
@test "futex: without contention the lock makes no system call; with it, no increment is lost" {
  lesson futex
  prints_only 'alone: 10000 times, 0 calls of futex' 'together: 20000 times more'
  full futex
}

# bats test_tags=memcheck
@test "futex_interrupted: a signal ends the wait, and the lock is still held" {
  lesson futex_interrupted
  prints_only 'waiter: Interrupted system call, lock state 2'
  full futex_interrupted
}

# bats test_tags=memcheck
@test "philosophers: if all take the left fork first, nobody eats" {
  lesson philosophers
  prints_only 'meals: 0, hungry: 5'
  full philosophers
}

# bats test_tags=memcheck
@test "philosophers_fixed: if all take the fork with the lower number first, all eat" {
  lesson philosophers_fixed
  prints_only 'meals: 5, hungry: 0'
  full philosophers_fixed
}

# bats test_tags=memcheck
@test "readers_writers: readers share the room, and none overtakes a waiting writer" {
  lesson readers_writers
  prints_only 'in the room: 2 readers' \
    'a writer waits: a late reader gets Resource temporarily unavailable' \
    'the writer has left: the late reader sees version 1'
  full readers_writers
}

@test "signals that are inherited ignored and blocked make no difference to a lesson" {
  local lesson
  for lesson in futex futex_interrupted mutex_plain mutex_robust philosophers \
    philosophers_fixed posix_counting posix_timed posix_unnamed race \
    race_fixed readers_writers sysv_init_race sysv_undo; do
    lesson env --ignore-signal --block-signal $lesson
  done
}

# What the machine forbids
@test "a lesson that may not start a process exits with 77 and names ulimit -u" {
  requires 'root, to be a user without processes' [ "$(id -u)" = 0 ]
  for lesson in futex futex_interrupted mutex_plain mutex_robust philosophers \
    philosophers_fixed posix_counting posix_unnamed race race_fixed \
    readers_writers sysv_init_race sysv_undo; do
    run -77 try setpriv --reuid 64123 --clear-groups prlimit --nproc=1: \
      "$(command -v $lesson)"
    [[ $output == *"$lesson: "*fork*': see ulimit -u: '* ]] || fail "$output"
  done
  objects | diff .before -
}
@test "a System V lesson exits with 77 where kernel.sem allows no set, or no two operations" {
  local user=() lesson
  [ $EUID = 0 ] || user=(--user --map-root-user)
  # forbidden SEM LESSON: where /proc/sys/kernel/sem is SEM
  forbidden() {
    run try unshare --ipc "${user[@]}" sh -c '
      echo "$1" >/proc/sys/kernel/sem && shift && "$@"
      status=$?
      ipcs -s | grep 0x
      exit $status' sh "$@"
    [[ $status == 77 && $output == "$2: sem"*' see kernel.sem: '* ]] ||
      fail "$2: $status $output"
  }
  requires 'an IPC namespace with limits of its own to set: make doctor' \
    unshare --ipc "${user[@]}" sh -c 'echo 9 9 9 0 >/proc/sys/kernel/sem'
  for lesson in sysv_init_race sysv_sets sysv_undo; do
    forbidden '250 32000 500 0' $lesson
  done
  forbidden '250 32000 1 128' sysv_sets
}
@test "a System V lesson that gets a signal removes its set first" {
  needs_strace
  for lesson in sysv_init_race sysv_sets sysv_undo; do
    for sig in TERM PIPE USR1; do
      run try strace -f -qq -o trace -e "inject=semget:signal=$sig:when=1" \
        "$(command -v $lesson)"
      objects | diff .before -
    done
  done
}
