# 04-rw.bats - task rw of 04-semaphores/lab: readers and writers, as a command
load lab
load 04

file() { [ -e "$1" ] || (: >"$1" && chmod 666 "$1"); }
hold_file() { # NAME read|write [FILE]
  file "${3-file}"
  hold "$1" "$2" "${3-file}"
}
tidy() {
  go remove "${1-file}"
  expect_status 0
}

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status" {
  file file
  go read file sh -c 'echo hello; exit 3'
  expect_status 3
  expect_out hello
  go write file echo there
  expect_status 0
  expect_out there
  in_valgrind go read file echo again
  expect_no_memory_error
  expect_out again
  tidy
}
# bats test_tags=points:2,hint:2
@test "readers run together, and a writer waits for all of them" {
  hold_file first read
  expect_inside first
  hold_file second read
  expect_inside second
  hold_file writer write
  expect_waits writer
  let_go first
  expect_waits writer
  let_go second
  expect_inside writer
  let_go writer
  tidy
}
# bats test_tags=points:2,hint:2
@test "while a writer runs, a reader and a second writer wait" {
  hold_file writer write
  expect_inside writer
  hold_file reader read
  expect_waits reader
  hold_file second write
  expect_waits second
  echo >&"${gate[reader]}" # whichever of the two comes first
  echo >&"${gate[second]}"
  let_go writer
  let_go reader
  let_go second
  tidy
}
# bats test_tags=points:2,hint:3
@test "a reader that comes after a waiting writer waits, too" {
  hold_file first read
  expect_inside first
  hold_file writer write
  expect_waits writer
  hold_file late read
  expect_waits late
  let_go first
  expect_inside writer
  ended=late
  ! is_inside late || happens 'it waits for the writer' 'its command runs'
  let_go writer
  expect_inside late
  let_go late
  tidy
}
# bats test_tags=points:2,hint:4
@test "a killed reader or writer lets others in" {
  local dead
  for dead in read write; do
    hold_file "$dead" "$dead"
    expect_inside "$dead"
    hold_file "after_$dead" write
    expect_waits "after_$dead"
    killed "$dead"
    expect_inside "after_$dead"
    let_go "after_$dead"
    rm "gate.$dead"
  done
  tidy
}
# bats test_tags=points:1,hint:4
@test "a writer that is killed while it waits lets readers in" {
  hold_file first read
  expect_inside first
  hold_file writer write
  expect_waits writer
  killed writer
  hold_file second read
  expect_inside second
  let_go first
  let_go second
  rm gate.writer
  tidy
}
# bats test_tags=points:2,hint:5
@test "of two first writers one waits, wherever the other one is stopped" {
  stopping() {
    file file
    stop_one "$1" write file
    tidy
  }
  each_of stopping semget:1 semctl:1 semop,semtimedop:1 semop,semtimedop:2 \
    openat:3 fcntl:1
}
# bats test_tags=points:1,hint:6
@test "another file is another lock" {
  hold_file writer write
  expect_inside writer
  hold_file other write another
  expect_inside other
  hold_file next write another
  expect_waits next
  let_go writer
  let_go other
  let_go next
  tidy
  tidy another
}
# bats test_tags=points:1,hint:1
@test "without the file, or the command, it fails and says so" {
  file file
  go write file echo there
  expect_out there
  go write missing echo there
  expect_failure
  expect_err
  expect_out ''
  go write file ./no-such-command
  expect_status 127
  expect_err
  hold_file next write
  expect_inside next
  let_go next
  tidy
}
