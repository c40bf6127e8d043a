#!/bin/sh
# demo.sh [FILE] - run chapter 02: a FIFO carries FILE
. "$(dirname "$0")/demo_kit.sh"

say 'The consumer starts first: open(2) makes it wait for a writer'
start './fifo_consumer pipe >copy'
run './fifo_producer pipe <$file'
finish
same fifo

say 'The name was removed as soon as both had opened the FIFO'
run 'ls pipe 2>/dev/null || echo no pipe left'

say 'A half that is killed while it waits leaves the FIFO'
run 'mkfifo -m 600 pipe'
start './fifo_producer pipe <$file'
killed
run 'ls -l pipe | cut -c 1-10'

say 'The FIFO serves again. cat can stand in for either half; rm removes it'
start './fifo_producer pipe <$file'
run 'cat pipe | cmp - $file && echo identical'
finish
run 'rm pipe'
