#!/bin/sh
# demo.sh [FILE] - chapter 05 as one would type it: shared memory carries FILE
# shellcheck disable=SC2016 # run and start expand $file
. "$(dirname "$0")/../tests/demo.sh"

# Names that no other demo takes
say "A ring in POSIX shared memory: a file in memory, until both have it"
start 'posix_shm_consumer /demo-$$ >copy'
