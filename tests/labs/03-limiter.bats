# 03-limiter.bats - task limiter of 03-msgqueues/lab: at most N commands at once
load lab
load inside

declare -gA gate
hold() { # NAME N [/NAME]: its command is inside until let_go NAME
  local fd
  mkfifo gate
  exec {fd}<>gate
  rm gate
  gate[$1]=$fd
  begin "$1" run "${3-/box}" "$2" sh -c "echo $1 >>log; read -r line" <&"$fd"
}
let_go() { # NAME...
  local name
  for name; do
    echo >&"${gate[$name]}"
    end "$name"
    expect_status 0
  done
}
ctrl_c() { # NAME: as the terminal does, to all processes of it
  # shellcheck disable=SC2046 # several words
  kill -INT $(family "$(program "$1")")
}
gets_in() { # it runs at once
  go run /box 1 echo hello
  expect_out hello
  expect_status 0
}
tidy() {
  go remove "${1-/box}"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status" {
  in_valgrind go run /box 1 sh -c 'echo hello; exit 3'
  expect_no_memory_error
  expect_out hello
  expect_status 3
  gets_in
  tidy
}
# bats test_tags=points:2,hint:2
@test "N commands run at once, and the others sleep until there is a place" {
  hold first 2
  hold second 2
  expect_inside first second
  hold third 2
  expect_waits third
  let_go first
  expect_inside third
  hold fourth 2
  expect_waits fourth
  let_go second
  expect_inside fourth
  let_go third fourth
  tidy
}
# bats test_tags=points:1,hint:3
@test "another name has places of its own" {
  hold first 1
  expect_inside first
  hold other 1 /another
  expect_inside other
  hold next 1 /another
  expect_waits next
  let_go first other next
  tidy
  tidy /another
}
# bats test_tags=points:1,hint:4
@test "a command that is killed gives back its place, and only this one" {
  # shellcheck disable=SC2016 # the command's process
  go run /box 1 sh -c 'echo hello; kill -KILL $$'
  expect_out hello
  expect_status 137
  hold first 1
  expect_inside first
  hold second 1
  expect_waits second
  let_go first
  expect_inside second
  let_go second
  tidy
}
# bats test_tags=points:1,hint:5
@test "a command that does not exist gives back its place, and only this one" {
  go run /box 1 ./no-such-command
  expect_status 127
  expect_err
  hold first 1
  expect_inside first
  hold second 1
  expect_waits second
  let_go first
  expect_inside second
  let_go second
  tidy
}
# bats test_tags=points:1,hint:6
@test "if there can be no queue or no process it fails, and keeps no place" {
  gets_in
  failing mq_open ENFILE go run /box 1 echo hello
  expect_failure
  expect_err
  expect_out ''
  failing '/^(clone3?|v?fork)$' EAGAIN go run /box 1 echo hello
  expect_failure
  expect_err
  gets_in
  tidy
}
# bats test_tags=points:1,hint:7
@test "Ctrl-C ends the command, and its place is free" {
  hold first 1
  expect_inside first
  ctrl_c first
  end first
  expect_status 130
  one_place 1
  tidy
}
# bats test_tags=points:1,hint:7
@test "Ctrl-C ends one that waits, which has no place" {
  hold first 1
  expect_inside first
  hold second 1
  expect_waits second
  ctrl_c second
  end second
  expect_failure
  let_go first
  hold third 1
  expect_inside third
  hold fourth 1
  expect_waits fourth
  let_go third fourth
  tidy
}
# bats test_tags=points:2,hint:8
@test "several may be the first ones, and each be late at any call" {
  needs_strace
  local n late=('mq_open:delay_enter=500000:when=2+'
    'mq_timedsend,mq_timedreceive:delay_enter=300000:when=1'
    'mq_getsetattr:delay_enter=500000:when=1')
  for n in 0 1 2; do
    mkdir "at.$n"
    (
      cd "at.$n" || exit
      local name WITH=", three at once, with delays: ${late[n]}"
      local WRAP=(strace -f -qq -o /dev/null -e "inject=${late[n]}")
      for name in first second third; do
        begin $name run "/box$n" 1 sh -c 'mkdir inside || exit
          timeout 0.1 tail -f /dev/null; rmdir inside; echo alone'
      done
      for name in first second third; do
        end $name
        expect_out alone
        expect_status 0
      done
      WRAP=() WITH=''
      tidy "/box$n"
    ) >"at.$n/.report" 2>&1 &
    pid[at.$n]=$!
  done
  for n in 0 1 2; do
    wait "${pid[at.$n]}" || { cat "at.$n/.report" && return 1; }
  done
}
