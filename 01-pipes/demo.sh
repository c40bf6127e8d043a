#!/bin/sh
# demo.sh [FILE] - chapter 01 as one would type it: a pipe carries FILE
. "$(dirname "$0")/../tests/lib/demo.sh"

say 'The producer makes the pipe and starts the consumer at its other end'
run 'pipe_producer pipe_consumer <$file >copy 2>said; cat said'
cp said last_words
same pipe

say 'Any command can read it; the shell makes pipes in the same way'
run 'pipe_producer wc -c <$file'
run 'cat $file | pipe_consumer | cmp - $file && echo identical'

say 'A reader that fails, fails the producer'
run 'pipe_producer false <$file || echo exit status $?'

say 'Lessons: what the shell does with yes | head -n 2, and what stops yes'
run 'pipeline'

say 'Lesson: a forgotten write end keeps EOF away; closing it brings it'
run 'no_close'

say 'Lesson: a coprocess, and the deadlock if one only writes'
run 'two_way'
