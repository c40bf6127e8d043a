# 03-balancer.bats - task balancer of 03-msgqueues/lab: workers may be killed
load lab
load 03

# A command that does "flock gate true" waits until the test opens the gate
declare -gA gate
shut() { # FILE
  local fd
  exec {fd}>"$1"
  flock "$fd"
  gate[$1]=$fd
}
open() { # FILE
  local fd=${gate[$1]}
  exec {fd}>&-
}
# started NAME COUNT: so many commands, each of which writes to log
started() {
  in_time "$1" has_started "$2" || happens "$2 commands have been started" \
    "these have been started: $(tr '\n' ' ' 2>/dev/null <log)$(said)"
}
has_started() { [ "$(wc -l 2>/dev/null <log)" = "$1" ]; }
# balanced N TEXT LINE...: this is printed for these lines
balanced() {
  printf '%s\n' "${@:3}" >lines
  go "$1" <lines
  expect_out "$2"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it prints the status of each command, and the command" {
  in_valgrind balanced 2 $'3 exit 3\n0 true\n7 exit 7' 'exit 3' true 'exit 7'
}
# bats test_tags=points:1,hint:2
@test "a signal has status 128 + S, and an empty line is a command" {
  # shellcheck disable=SC2016 # for the command's shell
  balanced 2 $'137 kill -KILL $$\n0 \n4 exit 4' 'kill -KILL $$' '' 'exit 4'
}
# bats test_tags=points:2,hint:3
@test "a slow command holds up no other, and the order is that of the lines" {
  shut slow
  printf '%s\n' 'echo a >>log; flock slow true' 'echo b >>log' 'echo c >>log' \
    'echo d >>log' 'echo e >>log' 'echo f >>log' >lines
  begin main 2 <lines
  started main 6
  open slow
  end main
  sed 's/^/0 /' lines >expected
  expect_out_is expected
}
# bats test_tags=points:1,hint:4
@test "N commands run at once, and all sleep until one ends" {
  shut slow
  printf '%s\n' 'echo a >>log; flock slow true' 'echo b >>log; flock slow true' \
    'echo c >>log; flock slow true' 'echo d >>log' >lines
  begin main 3 <lines
  started main 3
  asleep_all main
  started main 3
  open slow
  end main
  sed 's/^/0 /' lines >expected
  expect_out_is expected
}
# bats test_tags=points:2,hint:5
@test "it takes many lines, and long ones" {
  { seq -f "exit %.0f # $(printf %0180d 0)" 200 && printf ': %0998d\n' 7; } >lines
  awk '{ print (NR < 201 ? NR : 0) " " $0 }' lines >expected
  go 2 <lines
  expect_out_is expected
  expect_status 0
}
# bats test_tags=points:2,hint:6
@test "the line of a killed worker is run again, also if it is the only worker" {
  local line='mkdir a || mkdir b || exit 5; kill -KILL $PPID'
  balanced 1 $'1 false\n5 '"$line"$'\n2 exit 2' false "$line" 'exit 2'
}
# bats test_tags=points:2,hint:7
@test "all workers may be killed at once, while their commands run on" {
  shut slow
  printf '%s\n' 'echo a >>log; flock slow true' 'echo b >>log; flock slow true' \
    'exit 3' >lines
  begin main 2 <lines
  started main 2
  # shellcheck disable=SC2046 # several words
  kill -KILL $(cat "/proc/$(program main)"/task/*/children)
  started main 4
  open slow
  end main
  { sed 's/^/0 /; $s/0/3/' lines; } >expected
  expect_out_is expected
  expect_status 0
}
# bats test_tags=points:2,hint:8
@test "a worker may be killed before and after its result, whoever is late" {
  needs_strace
  local n kills kills_later workers=(2 2 2 1)
  local late=('?poll,ppoll,?epoll_wait,epoll_pwait:delay_enter=200000'
    'mq_timedreceive,msgrcv:delay_enter=200000'
    'mq_timedsend,msgsnd:delay_enter=200000' 'wait4,waitid:delay_exit=300000')
  # shellcheck disable=SC2016 # for the command's shell
  kills='[ -e a ] && exit 1; : >a; kill -KILL $PPID'
  # Another process, which has locked the file killer, does it afterwards
  # shellcheck disable=SC2016
  kills_later='[ -e b ] && exit 2; : >b; exec 9>killer; flock 9; '
  # shellcheck disable=SC2016
  kills_later+='{ tail --pid=$$ -s 0.01 -f /dev/null; kill -KILL $PPID; } '
  kills_later+='>&- 2>&- & exit 2'
  for n in 0 1 2 3; do
    mkdir "at.$n"
    (
      cd "at.$n" || exit
      local WITH=", with delays: ${late[n]}"
      local WRAP=(strace -f -qq -o /dev/null -e "inject=${late[n]}")
      [ "$n" != 3 ] || kills_later='exit 2' # it would wait for children
      printf '%s\n' "$kills" "$kills_later" 'exit 3' >lines
      awk '{ print NR " " $0 }' lines >expected
      go "${workers[n]}" <lines
      [ ! -e killer ] || flock 9 9<killer
      expect_out_is expected
      expect_status 0
    ) >"at.$n/.report" 2>&1 &
    pid[at.$n]=$!
  done
  for n in 0 1 2 3; do
    wait "${pid[at.$n]}" || { cat "at.$n/.report" && return 1; }
  done
}
# bats test_tags=points:1,hint:9
@test "it fails without an output, a process or a queue, and leaves nothing" {
  balanced 2 $'0 true\n3 exit 3' true 'exit 3'
  STDOUT=/dev/full go 2 <lines
  expect_failure
  expect_err
  failing '/^(clone3?|v?fork)$' EAGAIN go 2 <lines
  expect_failure
  expect_err
  failing mq_open,msgget EMFILE go 2 <lines
  expect_failure
  expect_err
}
