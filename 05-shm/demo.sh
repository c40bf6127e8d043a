#!/bin/sh
# demo.sh [FILE] - run chapter 05: shared memory carries FILE
# shellcheck disable=SC2016 # run and start expand $file, $key, $$ and $!
. "$(dirname "$0")/demo_kit.sh"

say 'POSIX shared memory: a file that exists only in memory'
start './posix_shm_consumer /demo-$$ >copy'
run './posix_shm_producer /demo-$$ <$file'
finish
same posix_shm
run 'ls /dev/shm/*demo-$$* 2>/dev/null || echo nothing left'

say 'head exits, so the consumer is killed by SIGPIPE: the producer never ends'
start './posix_shm_producer /demo-$$ </dev/zero'
run './posix_shm_consumer /demo-$$ | head -c 3 | od -A n -t x1'
killed
run 'ls /dev/shm/*demo-$$*'
run 'rm /dev/shm/demo-$$ /dev/shm/*demo-$$.*'

say 'System V: the name is a number, that of the memory and of the semaphores'
run 'key=$(printf 0x4d%06x $$)'
start './sysv_shm_consumer $key >copy'
run './sysv_shm_producer $key <$file'
finish
same sysv_shm
run 'ipcs -m -s | grep $key || echo nothing left'

say 'A robust half that is killed while it waits: the next one takes over'
start_listener 'robust/posix_shm_consumer /demo-$$ >copy'
killed
run 'ls /dev/shm/demo-$$'
start_listener 'robust/posix_shm_consumer /demo-$$ >copy'
run 'robust/posix_shm_producer /demo-$$ <$file'
finish
run 'cmp $file copy && echo identical'
run 'ls /dev/shm/*demo-$$* 2>/dev/null || echo nothing left'

say 'Whoever can shrink a file kills its readers, unless seals forbid it'
run lessons/memfd_unsealed
run lessons/memfd_sealed

say 'A length that was checked is another one a moment later'
run lessons/double_fetch
run lessons/double_fetch_fixed

say 'A reader that is stopped blocks nobody'
run lessons/seqlock
