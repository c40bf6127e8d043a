# 04-bounded.bats - task bounded of 04-semaphores/lab: a ring, many processes
load lab
load 04

# expect_items PRODUCERS CONSUMERS ITEMS: each item once, and those of a
# producer that a consumer has taken in their order
expect_items() {
  local bad
  bad=$(awk -v p="$1" -v c="$2" -v n="$3" '
    !/^[0-9]+ [0-9]+ [0-9]+$/ || $1 < 1 || $1 > c || $2 < 1 || $2 > p ||
      $3 < 1 || $3 > n { print "a wrong line: " substr($0, 1, 100); exit }
    seen[$2, $3]++ { print "item " $3 " of producer " $2 " comes twice"; exit }
    last[$1, $2] > $3 { print "consumer " $1 " has item " $3 " of producer " $2,
      "after item " last[$1, $2]; exit }
    { last[$1, $2] = $3; lines++ }
    END { if (lines < p * n) print lines + 0 " of " p * n " items" }
    ' "$ended.out" | head -n 1)
  [ -z "$bad" ] || happens 'each item once, in its order' "$bad$(said)"
}
# go_as_processes PRODUCERS CONSUMERS ARGUMENT...: where strace may look, each
# of them is a process
go_as_processes() {
  local WRAP=() calls=clone,clone3,fork,vfork count
  ! strace -qq -o /dev/null true 2>/dev/null ||
    WRAP=(strace -f --seccomp-bpf -qq -o .calls -e "trace=$calls")
  go "$@"
  [ -n "${WRAP[*]}" ] || return 0
  count=$(grep -E '^[0-9]+ +\w+\(' .calls | grep -vc THREAD) || true
  [ "$count" -ge $(($1 + $2)) ] ||
    happens "$1 producers and $2 consumers are processes" "$count were started"
}
# begin_full NAME ARGUMENT...: its standard output is a full pipe, in $pipe
begin_full() {
  local name=$1
  shift
  mkfifo "$name.fifo"
  exec {pipe}<>"$name.fifo"
  rm "$name.fifo"
  head -c 65536 /dev/zero >&"$pipe"
  STDOUT=/dev/fd/$pipe begin "$name" "$@"
  until_runs "$name"
}

# bats test_tags=points:1,hint:1
@test "one producer and one consumer pass the items in order" {
  go 1 1 3 5
  expect_status 0
  expect_out $'1 1 1\n1 1 2\n1 1 3\n1 1 4\n1 1 5'
  go 1 1 100 40
  expect_status 0
  expect_items 1 1 40
}
# bats test_tags=points:2,hint:2
@test "of several producers and consumers, each item comes out once" {
  go_as_processes 3 2 4 2000
  expect_status 0
  expect_items 3 2 2000
}
# bats test_tags=points:1,hint:3
@test "a ring of one slot is enough" {
  go_as_processes 3 3 1 300
  expect_status 0
  expect_items 3 3 300
}
# bats test_tags=points:1,hint:4
@test "more consumers than items end, too" {
  go_as_processes 1 6 3 2
  expect_status 0
  expect_items 1 6 2
}
# bats test_tags=points:1,hint:4
@test "all consumers end, also if the last item comes late" {
  local id late=''
  # Two consumers wait for their output, each with an item. One item is in the
  # ring, and the producer of the fourth one waits
  begin_full main 4 2 1 1
  asleep_all main
  for id in $(family "$(program main)" | sed 1d); do
    [[ $(<"/proc/$id/wchan") == *pipe_write* ]] || late=$id
  done
  kill -STOP "$late" || happens 'a producer waits' 'none is there'
  head -c 65536 <&"$pipe" >taken
  asleep_all main
  kill -CONT "$late"
  end main
  expect_status 0
  timeout 5 head -n 4 <&"$pipe" >main.out || true
  expect_items 4 2 1
  exec {pipe}<&-
}
# bats test_tags=points:2,hint:2
@test "no call that comes late loses an item, or doubles one" {
  all_items() {
    delay "$1" go 2 2 3 4
    expect_status 0
    expect_items 2 2 4
  }
  local fork=clone,clone3,fork,vfork put=pwrite64,pwritev get=pread64,preadv
  each_of all_items $put:1 $get:1 futex,semop,semtimedop:1 write:1 \
    $fork:2+$put:2 $fork:4+$get:2
}
# bats test_tags=points:1,hint:5
@test "all sleep while the ring is full, and it ends after its last line" {
  local items count
  for items in 2 30; do # in the ring; more than fit into it
    begin_full "main$items" 2 2 4 $items
    asleep_all "main$items"
    count=$(family "$(program "main$items")" | sed 1d | wc -l)
    [ $items = 2 ] || [ "$count" -ge 4 ] ||
      happens '2 producers and 2 consumers are processes' "$count processes"
    head -c 65536 <&"$pipe" >taken
    end "main$items"
    expect_status 0
    timeout 5 head -n $((2 * items)) <&"$pipe" >"main$items.out" || true
    expect_items 2 2 $items
    exec {pipe}<&-
  done
}
# bats test_tags=points:1,hint:6
@test "if one process is killed, it ends the others and fails" {
  local child which all
  for which in 1 5; do # a producer and a consumer, in whatever order
    begin_full "main$which" 2 3 2 30
    asleep_all "main$which"
    child=$(family "$(program "main$which")" | sed 1d | sed -n "${which}p")
    [ -n "$child" ] || happens 'a process for each producer and consumer' \
      'there are not so many'
    kill -KILL "$child"
    end "main$which"
    expect_failure
    expect_no_process
    exec {pipe}<&-
  done
}
# bats test_tags=points:1,hint:6
@test "it fails if it cannot write, or a process is missing" {
  go 2 2 3 4
  expect_items 2 2 4
  STDOUT=/dev/full go 2 2 3 20
  expect_failure
  expect_err
  failing '/^(clone3?|v?fork)$' EAGAIN:when=3 go 2 2 3 4
  expect_failure
  expect_err
}
# bats test_tags=points:1,hint:7
@test "it has no memory error" {
  in_valgrind go 2 1 3 10
  expect_no_memory_error
  expect_status 0
  expect_items 2 1 10
}
