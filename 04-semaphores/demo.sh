#!/bin/sh
# demo.sh [FILE] - chapter 04 as one would type it: bounded buffers carry FILE
# shellcheck disable=SC2016 # run and start expand $file, $buffer, $key
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'POSIX: the first to come makes the shared memory, a file of /dev/shm'
run 'buffer=/buffer-$$'
start 'posix_sem_consumer $buffer >copy'
run 'ls -l /dev/shm$buffer | cut -c 1-10'
run 'posix_sem_producer $buffer <$file'
finish
same posix_sem
run 'ls /dev/shm$buffer 2>/dev/null || echo no buffer left'

say 'System V: ipcs(1) shows the set; 8 slots are empty, the consumer is here'
run 'key=$(printf 0x73%06x $$)'
start 'sysv_sem_consumer $key >copy'
run 'semid=$(ipcs -s | awk "/^$key / { print \$2 }")'
run 'ipcs -s -i $semid | awk "/^[0-9]+ / { print \$1, \$2 }"'
run 'sysv_sem_producer $key <$file'
finish
same sysv_sem

say 'Killed while it waits: SEM_UNDO takes its 1 back, the next half takes over'
start 'sysv_sem_consumer $key >copy'
run 'kill -KILL $peer; wait $peer 2>/dev/null || echo status $?'
run 'semid=$(ipcs -s | awk "/^$key / { print \$2 }")'
run 'ipcs -s -i $semid | awk "/^3 / { print \$1, \$2 }"'
start 'sysv_sem_producer $key <$file'
run 'sysv_sem_consumer $key >copy'
finish
run 'cmp $file copy && echo identical'
run 'ipcs -s | grep $key || echo no set left'

say 'A lesson: two processes count, without a semaphore and with one'
run 'race 200'
run 'race_fixed 200'

say 'A lesson: a System V set is there before it has a value'
run 'sysv_init_race'

say 'A lesson: the holder is killed, without SEM_UNDO and with it'
run 'sysv_undo'

say 'A lesson: the owner of a mutex is killed; a robust one tells the next'
run 'mutex_robust'
