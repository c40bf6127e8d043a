#!/bin/sh
# demo.sh [FILE] - run chapter 01: a pipe carries FILE
# shellcheck disable=SC2016 # run and start expand $file and the rest
. "$(dirname "$0")/demo_kit.sh"

say 'The producer makes the pipe and starts the consumer as its reader'
run './pipe_producer ./pipe_consumer <$file >copy'
same pipe

say 'Any command can be the reader. The shell makes pipes in the same way'
run './pipe_producer wc -c <$file'
run 'cat $file | ./pipe_consumer | cmp - $file && echo identical'

say 'The producer exits with the status of its reader'
run './pipe_producer sh -c "cat >copy; exit 3" <$file || echo exit status $?'

say 'A reader that stops early: SIGPIPE kills the producer, without a message'
run './pipe_producer head -c 1 </dev/zero >copy || kill -l $?'
run 'robust/pipe_producer head -c 1 </dev/zero >copy || echo exit status $?'

say 'Lessons: what the shell does with yes | head -n 2, and what stops yes'
run 'lessons/pipeline'

say 'Lesson: a forgotten write end keeps end-of-file away; closing it brings it'
run 'lessons/no_close'

say 'Lesson: two pipes and a filter, and the deadlock if one only writes'
run 'lessons/two_way'
