#!/bin/sh
# demo.sh [FILE] - chapter 05 as one would type it: shared memory carries FILE
# shellcheck disable=SC2016 # run and start expand $file, $key, $$ and $!
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'POSIX shared memory: a file that is nowhere but in memory, here a ring'
start 'posix_shm_consumer /demo-$$ >copy'
run 'ls -l /dev/shm/demo-$$ | cut -c 1-10'
run 'posix_shm_producer /demo-$$ <$file'
finish
same posix_shm
run 'ls /dev/shm/demo-$$ 2>/dev/null || echo no name left'

say 'Killed while it waits, a half leaves the name; the next takes it over'
start 'posix_shm_consumer /demo-$$ >copy'
run 'kill -KILL $!; wait $! 2>/dev/null || ls /dev/shm/demo-$$'
exec 3<&-
start 'posix_shm_consumer /demo-$$ >copy'
run 'posix_shm_producer /demo-$$ <$file'
finish
run 'cmp $file copy && echo identical'

say 'System V: the name is a number, free again as soon as both are attached'
run 'key=$(printf 0x4d%06x $$)'
start 'sysv_shm_consumer $key >copy'
run 'ipcs -m | grep $key'
run 'sysv_shm_producer $key <$file'
finish
same sysv_shm
run 'ipcs -m | grep $key || echo no segment left'

say 'Whoever can shrink a file kills its readers, unless seals forbid it'
run memfd_unsealed
run memfd_sealed

say 'A length that was checked is another one a moment later'
run double_fetch
run double_fetch_fixed

say 'A reader that stands still holds up nobody'
run 'seqlock'
