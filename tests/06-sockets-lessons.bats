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

# bats test_tags=memcheck
@test "pass_fd: a file arrives close-on-exec, and no unwanted descriptor stays" {
  lesson pass_fd
  prints_only '1 came' 'it reads: opened by the child; close-on-exec: yes' \
    '3 came, all but one closed' \
    'it reads: opened by the child; close-on-exec: yes' \
    '4 came, all but one closed' 'MSG_CTRUNC: some did not fit: refused' \
    'left open: 0'
}

@test "pass_fd: refuses an operand, and a full output" {
  misuse pass_fd one
  full pass_fd
}

# bats test_tags=memcheck
@test "peer_identity: the kernel names the client, and takes no forged pid" {
  lesson peer_identity
  prints "SO_PEERCRED: the client's pid, our user" \
    "client: forging its parent's pid: Operation not permitted" \
    "SCM_CREDENTIALS: the client's pid, our user" \
    'SO_PEERPIDFD: (the client has ended|not here .*)'
}

@test "peer_identity: refuses an operand, and a full output" {
  misuse peer_identity one
  full peer_identity
}
