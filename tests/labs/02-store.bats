# 02-store.bats - task store of 02-fifos/lab: a server, and many clients
load lab
load 02

server() { # NAME: a server of box that is ready
  begin "$1" serve box
  expect_written "$1" ready
}
store_of() { # NAME: its process, also below strace and valgrind
  local id
  for id in $(family "$(program "$1")"); do
    case $(cat "/proc/$id/comm") in
    "${PROGRAM##*/}" | memcheck*) echo "$id" && return ;;
    esac
  done
}
end_server() { # NAME: by a signal. No FIFO is left
  local left
  kill -s "${2-TERM}" "$(store_of "$1")"
  end "$1"
  expect_no_memory_error
  expect_status 0
  left=$(find . -type p)
  [ -z "$left" ] || happens 'no FIFO is left' "these are left: $left"
}
# client ARGUMENT...: it ends well. If it does not because the server has ended,
# that is what happened
client() {
  go "$@"
  # A server that dies has closed its FIFO before it has ended
  [ "$status" = 0 ] || asleep_all server >/dev/null || true
  ended=main
  [ "$status" = 0 ] || [ -e "/proc/${pid[server]}/exe" ] || {
    end server
    expect_no_memory_error
    happens 'the server runs on' "it has ended: exit status $status$(said)"
  }
  expect_status 0
}
get() { # KEY VALUE: a client gets it
  client get box "$1"
  expect_out "$2"
}
put_in() { # KEY VALUE: a client sets it
  client set box "$1" "$2"
  expect_out ''
}
# many get|set: 18 clients at once. What they get is in got.1 to got.18
many() {
  local WRAP=(sh -c 'for n in $(seq 18); do
      case $2 in
      set) "$1" set box "key$n" "$n $LONG" & ;;
      get) "$1" get box "key$n" >"got.$n" & ;;
      esac
      all="$all $!"
    done
    for id in $all; do wait "$id" || bad=1; done
    exit ${bad-0}' sh)
  export LONG
  LONG=$(value v 2950)
  halt server
  begin clients "$1" box
  did[clients]="18 clients at once, while the server is stopped: ./store $1 \
box KEY$([ "$1" = get ] || echo ' VALUE')"
  asleep_all clients
  resume server
  end clients
  expect_status 0
}
refused() { # ARGUMENT...: the program fails, with a message
  go "$@"
  expect_failure
  expect_err
  expect_out ''
}
value() { # LETTER SIZE
  head -c "$2" /dev/zero | tr '\0' "$1"
}

# bats test_tags=points:2,hint:1
@test "a client gets what another one has set, and prints it" {
  server server
  put_in colour blue
  get colour blue
  put_in 'my colour' $'two words\nand a = b'
  put_in colour ''
  get 'my colour' $'two words\nand a = b'
  get colour ''
  refused get box shade
  asleep_all server
  put_in colour green
  get colour green
  STDOUT=/dev/full go get box colour
  expect_failure
  expect_err
  end_server server
}
# bats test_tags=points:1,hint:2
@test "keys and values have their full length, and longer ones are refused" {
  local key value
  key=$(value k 63) value=$(value v 3000)
  in_valgrind begin server serve box
  PATIENCE=15 expect_written server ready
  put_in "$key" "$value"
  get "$key" "$value"
  refused set box "${key}k" x
  refused set box "$key" "${value}x"
  refused get box "${key}k"
  get "$key" "$value"
  PATIENCE=15 end_server server INT
}
# bats test_tags=points:3,hint:3
@test "many clients at once, also of a full FIFO, have their own answers" {
  local n
  server server
  many set
  many get
  for ((n = 1; n <= 18; n++)); do
    [ "$(<"got.$n")" = "$n $LONG" ] ||
      happens "the value of key$n, $n vvvv..." "$(head -c 40 "got.$n")"
  done
  end_server server
}
# bats test_tags=points:2,hint:4
@test "a client that is killed before its answer comes harms nobody" {
  local n
  server server
  put_in colour blue
  halt server
  for n in 1 2; do begin "dead$n" get box colour; done
  begin left get box colour
  for n in 1 2; do
    asleep_all "dead$n"
    killed "dead$n"
  done
  resume server
  end left
  expect_status 0
  expect_out blue
  get colour blue
  end_server server
}
# bats test_tags=points:1,hint:5
@test "a client that is killed while the server answers harms nobody" {
  needs_strace
  local WITH=', where the first answer is delayed'
  local WRAP=(strace -f -qq -o /dev/null # its first write is "ready"
    -e 'inject=write,writev:delay_enter=800000:when=2')
  server server
  WRAP=()
  begin dead set box colour blue
  # On a machine that is too slow for this, it ends well
  asleep_all dead >/dev/null || true
  killed dead
  get colour blue
  end_server server
}
# bats test_tags=points:1,hint:6
@test "if there is no server, a client fails, and leaves nothing" {
  server server
  put_in colour blue
  end_server server
  refused get box colour
  refused set box colour red
  server server
  killed server
  refused set box colour red # there is a FIFO, but nobody reads it
  rm box
}
# bats test_tags=points:2,hint:7
@test "a client that waits fails when the server is killed" {
  local left
  server server
  halt server
  begin getter get box colour
  begin setter set box colour red
  asleep_all getter
  asleep_all setter
  killed server
  for left in getter setter; do
    end $left
    expect_failure
    expect_err
  done
  left=$(find . -type p ! -name box)
  [ -z "$left" ] || happens 'the clients remove their FIFOs' "left: $left"
  rm -f box
}
# bats test_tags=points:1,hint:8
@test "a server follows one that was killed, but not one that runs" {
  server first
  put_in colour blue
  killed first
  server server
  refused get box colour
  put_in colour red
  refused serve box
  get colour red
  end_server server
}
# bats test_tags=points:1,hint:9
@test "a client may be late at any of its calls" {
  late() {
    plainly server server
    begin late set box colour blue
    plainly put_in shape round
    end late
    expect_status 0
    end_server server
  }
  each_call openat,mknod,mknodat,write late
}
