# 07-collect.bats - task collect of 07-signals/lab: values that arrive by signal
load lab
load 07

VALUE=63 URGENT=62
TEN=$'1\n2\n3\n4\n5\n6\n7\n8\n9\n10'
collects() { # it has started, and is ready
  compile queue <<<"$queue_source"
  begin main
  expect_lines main.out ready
  itself main
}
# queue SIGNAL FROM TO: sends it these values, in this order
queue() {
  ./queue "$it" "$@" 2>/dev/null ||
    happens 'it runs on, and gets the values' "it has ended$(said)"
}
queue_source='
#include <signal.h>
#include <stdlib.h>
int main(int argc, char *argv[])
{
	union sigval value;
	for (int i = atoi(argv[3]); i <= atoi(argv[4]); i++) {
		value.sival_int = i;
		if (sigqueue(atoi(argv[1]), atoi(argv[2]), value) == -1)
			return 1;
	}
	return 0;
}'

# bats test_tags=points:1,hint:1
@test "it prints each value when it arrives" {
  collects
  queue $VALUE 5 5
  expect_lines main.out $'ready\n5'
  queue $VALUE -1 0
  queue $VALUE 2147483646 2147483646
  expect_lines main.out $'ready\n5\n-1\n0\n2147483646'
  queue $URGENT -7 -7
  expect_lines main.out $'ready\n5\n-1\n0\n2147483646\nurgent -7'
  killed main
}
# bats test_tags=points:1,hint:2
@test "on SIGTERM it prints how many they were, and exits with 0" {
  collects
  queue $VALUE 1 10
  expect_lines main.out "ready"$'\n'"$TEN"
  gets main TERM
  end main
  expect_status 0
  expect_out "ready"$'\n'"$TEN"$'\n10 values'
}
# bats test_tags=points:1,hint:3
@test "of 400 values of four senders none is lost, doubled or out of order" {
  local n ids=()
  collects
  stops main
  for n in 1 2 3 4; do
    queue $VALUE $((n * 1000)) $((n * 1000 + 99)) &
    ids+=($!)
  done
  wait "${ids[@]}"
  gets main CONT
  expect_line main.out '....'
  gets main TERM
  end main
  expect_status 0
  for n in 1 2 3 4; do
    seq $((n * 1000)) $((n * 1000 + 99)) >expected
    grep "^$n...$" main.out >got || true
    cmp -s expected got ||
      happens "the values $((n * 1000)) to $((n * 1000 + 99)), in order" \
        "$(diff expected got | head -n 5)"
  done
  expect_line main.out '400 values'
}
# bats test_tags=points:1,hint:4
@test "urgent values that are pending are printed before the others" {
  collects
  stops main
  queue $VALUE 1 3
  queue $URGENT 4 6
  queue $VALUE 7 8
  gets main CONT
  expect_lines main.out \
    $'ready\nurgent 4\nurgent 5\nurgent 6\n1\n2\n3\n7\n8'
  killed main
}
# bats test_tags=points:1,hint:5
@test "what is pending when SIGTERM arrives is printed before it ends" {
  collects
  stops main
  queue $VALUE 1 10
  queue $URGENT 11 11
  gets main TERM CONT
  end main
  expect_status 0
  expect_out $'ready\nurgent 11\n'"$TEN"$'\n11 values'
}
# bats test_tags=points:1,hint:6
@test "a signal without a value is ignored" {
  collects
  queue $VALUE 1 1
  gets main $VALUE $URGENT
  queue $VALUE 2 2
  expect_line main.out 2
  gets main TERM
  end main
  expect_status 0
  expect_out $'ready\n1\n2\n2 values'
}
# bats test_tags=points:1,hint:7
@test "when it says that it is ready, a value may come at once" {
  local WRAP WITH=', where write returns late'
  needs_strace
  WRAP=(strace -f -qq -o /dev/null -e inject=write:delay_exit=900000:when=1)
  collects
  queue $VALUE 1 10
  expect_lines main.out "ready"$'\n'"$TEN"
  gets main TERM
  end main
  expect_status 0
}
# bats test_tags=points:1,hint:8
@test "a SIGTERM is not lost just before a call that waits" {
  in_gap() {
    compile queue <<<"$queue_source"
    begin main
    expect_line main.out ready
    # Another signal would end a wait that has missed SIGTERM
    [ "$COPY" = 1 ] || ! is_itself main || ./queue "$it" $VALUE 1 1
    in_time "$ended" [ -e gap ] || gets main TERM
    end main
    expect_status 0
    expect_line main.out '[01] values'
  }
  each_gap 2 'signal 15' in_gap
}
# bats test_tags=points:1,hint:9
@test "it goes on after a stop, and sleeps while nothing arrives" {
  collects
  asleep_all main
  stops main
  gets main CONT
  queue $VALUE 1 10
  expect_lines main.out "ready"$'\n'"$TEN"
  asleep_all main
  gets main TERM
  end main
  expect_status 0
}
# bats test_tags=points:1,hint:9
@test "it fails if it cannot write, and has no memory error" {
  in_valgrind collects
  queue $VALUE 1 1
  expect_lines main.out $'ready\n1'
  gets main TERM
  end main
  expect_no_memory_error
  expect_status 0
  STDOUT=/dev/full go
  expect_failure
  expect_err
}
