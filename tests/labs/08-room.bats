# 08-room.bats - task room of 08-ipc-namespace/lab: commands that share a
# namespace by its name
load 08

# In Perl, 01600 is IPC_CREAT | 0600
put='perl -e "msgsnd(msgget(0x6e01, 01600), pack(q(l! a*), 1, q(text)), 0)
  or die"'
take='defined($id = msgget(0x6e01, 0)) or print("none\n"), exit;
  msgrcv($id, $m, 99, 0, 0) or die "$!\n"; print unpack("x[l!] a*", $m), "\n"'
# Until NAME stops at its late call, or is inside. Its last descendant is still
# the program, and has not run between three looks. Without a fork in the loop
stops_or_is_inside() {
  local i last child comm ran before='' lines same=0
  for ((i = 0; i < PATIENCE * 10; i++)); do
    mapfile -t lines <"$1.out"
    [ "${lines[*]: -1}" != in ] || return 0
    last=${pid[$1]} child=$last comm='' ran=''
    while [ -n "$child" ]; do
      last=$child child=''
      read -r child _ < <(children "$last") || true # no newline
    done
    kill -0 "${pid[$1]}" || return 0
    read -r comm <"/proc/$last/comm" || true # it may have ended just now
    read -r ran <"/proc/$last/schedstat" || true
    [ "$comm $last $ran" = "$before" ] && [ "$comm" = "${PROGRAM##*/}" ] &&
      same=$((same + 1)) || same=0
    [ $same -lt 2 ] || return 0
    before="$comm $last $ran"
    a_moment 0.1
  done 2>/dev/null
}

# bats test_tags=points:1,hint:1
@test "it runs the command, and has its exit status" {
  needs_namespaces
  go lobby sh -c 'echo hello; exit 3'
  expect_out hello
  expect_status 3
  in_valgrind go lobby ./no-such-command
  expect_no_memory_error
  expect_status 127
  expect_err
}
# bats test_tags=points:2,hint:2
@test "what one command sends, another in the same room receives" {
  needs_namespaces
  hold first lobby "$put"
  expect_inside first
  go lobby perl -e "$take"
  expect_out text
  expect_status 0
  let_go first
}
# bats test_tags=points:1,hint:3
@test "another room, and the namespace outside, have other objects" {
  needs_namespaces
  local outside
  hold first lobby "$put"
  expect_inside first
  go attic perl -e "$take"
  expect_out none
  outside=$(perl -e "$take")
  [ "$outside" = none ] ||
    happens 'outside there is no such queue' "it was found: $outside"
  go lobby perl -e "$take"
  expect_out text
  let_go first
}
# bats test_tags=points:1,hint:4
@test "the room stays when its first command ends and another one runs" {
  needs_namespaces
  hold first lobby "$put"
  expect_inside first
  hold second lobby :
  expect_inside second
  let_go first
  hold third lobby :
  expect_inside third
  let_go second
  go lobby perl -e "$take"
  expect_out text
  let_go third
}
# bats test_tags=points:1,hint:5
@test "when the last command has ended, the room is gone with all in it" {
  needs_namespaces
  hold first lobby "$put"
  expect_inside first
  hold second lobby :
  expect_inside second
  let_go first second
  go lobby perl -e "$take"
  expect_out none
  expect_status 0
}
# bats test_tags=points:1,hint:5
@test "after all were killed, the next command finds an empty room" {
  needs_namespaces
  hold first lobby "$put"
  expect_inside first
  hold second lobby :
  expect_inside second
  killed first
  killed second
  go lobby perl -e "$take"
  expect_out none
  hold third lobby "$put"
  expect_inside third
  go lobby perl -e "$take"
  expect_out text
  let_go third
}
# bats test_tags=points:2,hint:6
@test "two that start at the same time make one room, whichever call is late" {
  needs_namespaces
  needs_strace
  local n=0 late bad='' pids=() names='rename|link|symlink|mkdir|unlink'
  local PATIENCE=15 # several of these calls may be late, one after the other
  for late in '/^(unshare|clone3?)$:when=1' '/^(flock|fcntl)$:when=1' \
    'setns:when=1' '/^p?write(64|v)?$:when=1' '/^(flock|fcntl)$:when=2' \
    '/^p?write(64|v)?$:when=4' "/^($names)(at2?)?\$:when=1"; do
    mkdir "at.$((++n))"
    (
      [ $EUID != 0 ] || chmod 1777 "at.$n"
      cd "at.$n" || exit
      local WRAP=(strace -f -qq -o /dev/null
        -e "inject=${late/:/:delay_enter=1500000:}")
      local WITH=", where this call is late: ${late%:*}, beside one that is not"
      hold slow lobby 'readlink /proc/self/ns/ipc'
      WRAP=()
      stops_or_is_inside slow
      hold quick lobby 'readlink /proc/self/ns/ipc'
      expect_inside slow
      expect_inside quick
      ended=slow
      [ "$(head -n 1 slow.out)" != "$(readlink /proc/self/ns/ipc)" ] ||
        happens 'the command does not run in the namespace outside' \
          'the command ran in the namespace outside'
      cmp -s slow.out quick.out ||
        happens 'both commands are in one namespace' \
          "they are in $(head -n 1 slow.out) and $(head -n 1 quick.out)"
      let_go slow quick
    ) >"at.$n/.report" 2>&1 &
    pids+=($!)
  done
  for n in "${!pids[@]}"; do
    wait "${pids[n]}" || bad=${bad:-$((n + 1))}
  done
  [ -z "$bad" ] || { cat "at.$bad/.report" && return 1; }
}
# bats test_tags=points:1,hint:7
@test "each command has the user and the group that it has outside" {
  needs_namespaces
  local ids
  ids=$(as_program sh -c 'id -u; id -g')
  hold first lobby 'id -u; id -g'
  expect_inside first
  [ "$(<first.out)" = "$ids"$'\nin' ] ||
    happens "ids, and in: $ids" "$(<first.out)"
  go lobby sh -c 'id -u; id -g'
  expect_out "$ids"
  go lobby readlink /proc/self/ns/ipc
  expect_not_outside
  let_go first
}
# bats test_tags=points:1,hint:8
@test "no command has a descriptor but 0, 1 and 2" {
  needs_namespaces
  hold first lobby 'ls /proc/self/fd' # and 3, which is the folder
  expect_inside first
  [ "$(<first.out)" = $'0\n1\n2\n3\nin' ] ||
    happens 'the first command has 0, 1, 2, and 3, which is the folder' \
      "it has $(tr '\n' ' ' <first.out)"
  go lobby ls /proc/self/fd
  expect_out $'0\n1\n2\n3'
  let_go first
}
# bats test_tags=points:1,hint:9
@test "if a call fails it says so, and runs nothing in a wrong namespace" {
  needs_namespaces
  hold first lobby :
  expect_inside first
  failing setns EPERM go lobby readlink /proc/self/ns/ipc
  expect_not_outside
  expect_failure
  expect_err
  let_go first
  failing unshare EPERM go attic readlink /proc/self/ns/ipc
  expect_not_outside
  go attic echo hello
  expect_out hello
}
