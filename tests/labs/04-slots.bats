# 04-slots.bats - task slots of 04-semaphores/lab: at most N commands at once
load lab
load 04

tidy() { # NAME...
  local name
  for name; do
    go remove "$name"
    expect_status 0
  done
}

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status" {
  go /slots 1 sh -c 'echo hello; exit 3'
  expect_status 3
  expect_out hello
  in_valgrind go /slots 1 echo again
  expect_no_memory_error
  expect_status 0
  expect_out again
  tidy /slots
}
# bats test_tags=points:2,hint:2
@test "N commands run at once, and the next one waits until one has ended" {
  hold first /slots 2
  expect_inside first
  hold second /slots 2
  expect_inside second
  hold third /slots 2
  expect_waits third
  let_go second
  expect_inside third
  hold fourth /slots 2
  expect_waits fourth
  let_go first
  expect_inside fourth
  let_go third
  let_go fourth
  tidy /slots
}
# bats test_tags=points:1,hint:3
@test "a command that a signal ends gives its slot back" {
  go /slots 1 sh -c 'kill -KILL $$'
  expect_status 137
  one_place /slots 1
  tidy /slots
}
# bats test_tags=points:1,hint:3
@test "a command that does not exist gives its slot back" {
  go /slots 1 ./no-such-command
  expect_status 127
  expect_err
  one_place /slots 1
  tidy /slots
}
# bats test_tags=points:1,hint:4
@test "after Ctrl-C in a terminal the slot is free again" {
  hold first /slots 1
  expect_inside first
  # To all processes of the terminal. The command ends by it
  local id
  for id in $(family "$(program first)"); do
    kill -INT "$id" 2>/dev/null || true
  done
  end first
  expect_status 130
  rm gate.first
  one_place /slots 1
  tidy /slots
}
# bats test_tags=points:1,hint:5
@test "the first one decides how many slots there are" {
  hold first /slots 1
  expect_inside first
  hold second /slots 5
  expect_waits second
  let_go first
  let_go second
  tidy /slots
  # Removed, and made again
  hold third /slots 2
  expect_inside third
  hold fourth /slots 2
  expect_inside fourth
  let_go third
  let_go fourth
  tidy /slots
}
# bats test_tags=points:1,hint:6
@test "each name has slots of its own, and is there until it is removed" {
  hold first /one 1
  expect_inside first
  hold second /two 1
  expect_inside second
  let_go first
  let_go second
  tidy /one /two
  go remove /one
  expect_failure
  expect_err
}
# bats test_tags=points:2,hint:5
@test "of two that come first, one waits, wherever the other one is stopped" {
  stopping() {
    stop_one "$1" "/slots$COPY" 1
    tidy "/slots$COPY"
  }
  # The first two openat are those of the dynamic linker
  each_of stopping openat:3 openat:4 openat:5 unlink,unlinkat:1 \
    link,linkat,rename,renameat,renameat2:1 ftruncate,semget,shmget:1
  one_place /slots 1
  tidy /slots
}
