#!/bin/sh
# demo.sh [FILE] - run chapter 04: slots of a file carry FILE
# shellcheck disable=SC2016 # run and start expand $file, $slots, $key
. "$(dirname "$0")/demo_kit.sh"

say 'POSIX: two semaphores count the slots of a file'
run 'slots=slots-$$'
start './posix_sem_consumer $slots >copy'
run './posix_sem_producer $slots <$file'
finish
same posix_sem

say 'System V: one set of two semaphores does the same'
start './sysv_sem_consumer $slots >copy'
run './sysv_sem_producer $slots <$file'
finish
same sysv_sem
run 'ls $slots /dev/shm/*$slots.f* 2>/dev/null || echo nothing left'

say 'The producer need not wait. Without a consumer, its slots would stay'
run 'echo hello | ./posix_sem_producer $slots'
run 'od -A n -t u4 -N 4 $slots; ls /dev/shm | grep $slots'
run 'rm $slots /dev/shm/*$slots.f*'

say 'Robust: the consumer waits. Semaphore 3 of the set is 1: it is attached'
run 'key=$(printf 0x73%06x $$)'
start_listener 'robust/sysv_sem_consumer $key >copy'
run 'semid=$(ipcs -s | awk "/^$key / { print \$2 }")'
run 'ipcs -s -i $semid | awk "/^[0-9]+ / { print \$1, \$2 }"'

say 'Killed: SEM_UNDO takes its 1 back, and the next half takes over the set'
killed
run 'ipcs -s -i $semid | awk "/^3 / { print \$1, \$2 }"'
start_listener 'robust/sysv_sem_producer $key <$file'
run 'robust/sysv_sem_consumer $key >copy'
finish
run 'cmp $file copy && echo identical'
run 'ipcs -s | grep $key || echo no set left'

say 'A lesson: two processes count, without a semaphore and with one'
run 'lessons/race'
run 'lessons/race_fixed'

say 'A lesson: a System V set exists before it has a value'
run 'lessons/sysv_init_race'

say 'A lesson: the holder is killed, without SEM_UNDO and with it'
run 'lessons/sysv_undo'

say 'A lesson: the owner of a mutex is killed; the next owner is told'
run 'lessons/mutex_robust'
