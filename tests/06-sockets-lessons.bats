# 06-sockets-lessons.bats - chapter 06, the lessons
load helper
load lessons

MAN='unix(7), socket(7)'

# bats test_tags=memcheck
@test "socketpair: the answer comes back through the socket whose sending is over" {
  lesson socketpair 'so it is'
  prints 'parent: sends so it is' 'child: EOF after 8 bytes' \
    'parent: got SO IT IS, then EOF'
  prints 'parent: a write after shutdown: Broken pipe' 'parent: got .*'
}

@test "socketpair: refuses what is not its text, and a full output" {
  misuse socketpair one two
  misuse socketpair --text
  full socketpair
}

# bats test_tags=memcheck
@test "unix_dgram: messages stay apart, a cut one is told, a full queue loses nothing" {
  lesson unix_dgram
  prints_only 'room for 32: got "one"' 'room for 32: got "two"' \
    'room for 6: got "a long", MSG_TRUNC: the rest is lost' \
    'queue full, the sender has to wait: Resource temporarily unavailable' \
    'POLLOUT before 1, full 0, read empty 1' 'lost: 0'
}

@test "unix_dgram: refuses an operand, and a full output" {
  misuse unix_dgram one
  full unix_dgram
}

# bats test_tags=memcheck
@test "abstract: the name is no file, and a killed owner leaves nothing of it" {
  lesson abstract
  prints_only 'the owner lives: a file of that name: no' \
    'the owner lives: connect: accepted' \
    'one byte more: connect: Connection refused' \
    'the owner was killed: connect: Connection refused' \
    'the next owner: bind: nothing to remove first'
}

@test "abstract: refuses an operand, and a full output" {
  misuse abstract one
  full abstract
}
