# 01-pipes-lessons.bats - chapter 01, the lessons
load helper
load lessons

MAN='pipe(7), pipe2(2)'

# bats test_tags=memcheck
@test "pipeline: without operands, head ends well and yes dies of SIGPIPE" {
  lesson pipeline
  prints_only y y 'head: exit status 0' 'yes: killed by signal 13, Broken pipe'
}
@test "pipeline: the two commands share the pipe, and B's status is its own" {
  lesson pipeline printf 'b\na\n' '|' sort
  prints_only a b 'sort: exit status 0' 'printf: exit status 0'
  run -3 try pipeline sh -c 'exit 5' '|' sh -c 'cat; exit 3'
  prints_only 'sh: exit status 3' 'sh: exit status 5'
  run --separate-stderr -127 try pipeline echo '|' ./missing
  [[ $stderr == *'pipeline: exec ./missing: No such file'* ]]
}
@test "pipeline: refuses half a pipeline, and a full standard output" {
  misuse pipeline echo
  misuse pipeline echo '|'
  misuse pipeline '|' cat
  full pipeline
}
# bats test_tags=memcheck
@test "broken_pipe: SIGPIPE kills the writer, or write fails with EPIPE" {
  lesson broken_pipe
  prints_only \
    'SIGPIPE default: the writer was killed by signal 13, Broken pipe' \
    'SIGPIPE ignored: the writer went on; write: Broken pipe'
  misuse broken_pipe x
  full broken_pipe
}
