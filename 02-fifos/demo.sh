#!/bin/sh
# demo.sh [FILE] - chapter 02 as one would type it: a FIFO carries FILE
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'The consumer comes first, and open(2) makes it wait for a writer'
start 'fifo_consumer ./pipe >copy'
run 'ls -l pipe | cut -c 1-10'
run 'fifo_producer ./pipe <$file'
finish
same fifo

say 'The name went when the two had met; cat(1) can stand in for either'
run 'ls pipe 2>/dev/null || echo no pipe left'
start 'fifo_producer ./pipe <$file'
run 'cat ./pipe | cmp - $file && echo identical'
finish
