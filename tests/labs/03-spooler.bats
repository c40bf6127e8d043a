# 03-spooler.bats - task spooler of 03-msgqueues/lab: the most urgent job first
load lab
load 03

submitted() { # PRIORITY TEXT...
  go submit /box "$@"
  expect_status 0
}
stopped() {
  go stop /box
  expect_status 0
}
printed() { # TEXT: by a server that starts now, after the stop
  go serve /box
  expect_out "$1"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "a job that is submitted is printed, and the stop removes the queue" {
  submitted 3 hello
  stopped
  printed hello
}
# bats test_tags=points:1,hint:2
@test "the most urgent job is first, then the one that was submitted first" {
  submitted 5 fifth
  submitted 0 last 'very last'
  submitted 10 tenth
  submitted 9 ninth
  submitted 32767 top
  submitted 5 'also fifth'
  stopped
  printed $'top\ntenth\nninth\nfifth\nalso fifth\nlast\nvery last'
}
# bats test_tags=points:1,hint:3
@test "a text is printed as it is, also an empty one" {
  submitted 1 '100% %s%n' '' '  two  words ' 'x'
  stopped
  in_valgrind go serve /box
  expect_no_memory_error
  expect_out $'100% %s%n\n\n  two  words \nx'
  expect_status 0
}
# bats test_tags=points:1,hint:4
@test "a text has up to 1000 bytes, and a longer one is refused" {
  local text
  printf -v text '%01000d' 7
  submitted 1 "$text"
  go submit /box 2 "1$text"
  expect_failure
  expect_err
  stopped
  printed "$text"
}
# bats test_tags=points:1,hint:5
@test "a server that waits sleeps, and prints each job at once" {
  begin server serve /box
  asleep_all server
  submitted 1 one
  shows server one
  asleep_all server
  submitted 0 two
  shows server $'one\ntwo'
  stopped
  end server
  expect_out $'one\ntwo'
  expect_status 0
}
# bats test_tags=points:1,hint:6
@test "ten jobs wait without a server, and who submits more sleeps" {
  submitted 1 1 2 3 4 5 6 7 8 9 10
  begin submitter submit /box 1 11 12
  asleep_all submitter
  begin server serve /box
  end submitter
  expect_status 0
  stopped
  end server
  expect_out "$(seq 12)"
  expect_status 0
}
# bats test_tags=points:1,hint:7
@test "a server that is killed is followed by another one, and no job is lost" {
  begin first serve /box
  submitted 1 one
  shows first one
  killed first
  submitted 1 two
  submitted 2 three
  begin second serve /box
  shows second $'three\ntwo'
  asleep_all second
  stopped
  end second
  expect_out $'three\ntwo'
  expect_status 0
}
# bats test_tags=points:1,hint:8
@test "a server and a submitter may be the first ones, at the same instant" {
  needs_strace
  local WITH=', where each mq_open but the first one starts late'
  local WRAP=(strace -f -qq -o /dev/null
    -e inject=mq_open:delay_enter=700000:when=2+)
  begin server serve /box
  submitted 1 one
  shows server one
  WRAP=() WITH=''
  stopped
  end server
  expect_out one
  expect_status 0
}
# bats test_tags=points:1,hint:9
@test "a job that comes just before the server waits is printed" {
  needs_strace
  local calls='mq_notify,?poll,ppoll,?pause,rt_sigsuspend,rt_sigtimedwait,futex'
  local WITH=', where each call to wait for a job starts late'
  local WRAP=(strace -f -qq -o /dev/null
    -e "inject=$calls:delay_enter=500000")
  begin server serve /box
  WRAP=() WITH=''
  submitted 1 one
  shows server one
  submitted 1 two
  shows server $'one\ntwo'
  stopped
  end server
  expect_status 0
}
# bats test_tags=points:1,hint:10
@test "it fails if it has no queue, or cannot print a job" {
  submitted 1 one two
  STDOUT=/dev/full go serve /box
  expect_failure
  expect_err
  failing mq_open ENFILE go submit /box 1 three
  expect_failure
  expect_err
  stopped
  go serve /box
  expect_status 0
}
