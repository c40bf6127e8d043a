# readme.bats - the READMEs of the chapters: what they quote and what they type
load lib/helper

MAN='CONTRIBUTING.md'

# blocks LANGUAGE README: the lines in blocks of that language, "number:line"
blocks() {
  awk -v fence="\`\`\`$1" '{ line = $0; sub(/^ +/, "", line) }
    line == fence { on = 1; indent = index($0, "`") - 1; next }
    line == "```" { on = 0 }
    on { print NR ":" substr($0, indent + 1) }' "$2"
}
chapters() { (cd "$ROOT" && ls -d [0-9][0-9]-*); }

@test "each line of C in a README is a line of a plain pair" {
  local chapter line
  for chapter in $(chapters); do
    blocks c "$ROOT/$chapter/README.md" >quoted
    [ "$(wc -l <quoted)" -ge 5 ] || fail "$chapter/README.md: no core in C"
    while IFS= read -r line; do
      grep -qxF -- "${line#*:}" "$ROOT/$chapter"/*.[ch] ||
        fail "$chapter/README.md:$line" 'no plain program has this line'
    done <quoted
  done
}

# type_blocks LANGUAGE: types what a README shows after "$ " in these blocks,
# in one shell, as a reader does, and prints what a terminal would show. In
# blocks "console namespaces" a shell that is started gets the lines that follow
type_blocks() {
  local line
  blocks "$1" README.md >shown
  while IFS= read -r line; do
    line=${line#*:}
    [[ $line == '$ '* ]] || continue
    printf 'printf "%%s\\n" %q\n%s\n' "$line" "${line#$ }"
  done <shown >typed.sh
  local LIMIT=$TEST_LIMIT # a session of many programs
  if [ "$1" = 'console namespaces' ]; then
    try bash < <(cat typed.sh) 2>&1 || true # of the last command
  else
    try bash typed.sh </dev/null 2>&1 || true
  fi | sed 's/ *$//' # ipcs(1) fills its columns
}
# as_shown: what is in the file actual is what the file shown says
as_shown() {
  local want got='' line regex
  exec {lines}<actual
  while IFS= read -r line; do
    want=${line#*:}
    IFS= read -r got <&$lines || got='(nothing more)'
    regex=$(sed -E 's/[][\.*^$?+(){}|]/\\&/g; s/ ?… ?/.*/g' <<<"$want")
    [[ $got =~ ^$regex$ ]] || fail "README.md:${line%%:*}: expected: $want" \
      "actual: $got" "$(cat actual)"
  done <shown
  ! IFS= read -r got <&$lines || fail "README.md: goes on: $got"
  exec {lines}<&-
}

# typed CHAPTER: what its README shows is what a reader who types it sees
typed() {
  cp -r "$ROOT/$1" .
  (cd "$1" && type_blocks console >actual && as_shown)
  [ -s "$1/shown" ] || fail "$1/README.md: no commands"
}
# bats test_tags=slow
@test "01-pipes: typed, its README's commands print what it shows" {
  typed 01-pipes
}
# bats test_tags=slow
@test "02-fifos: typed, its README's commands print what it shows" {
  typed 02-fifos
}
# bats test_tags=slow
@test "03-msgqueues: typed, its README's commands print what it shows" {
  typed 03-msgqueues
}
# bats test_tags=slow
@test "04-semaphores: typed, its README's commands print what it shows" {
  typed 04-semaphores
}
# bats test_tags=slow
@test "05-shm: typed, its README's commands print what it shows" {
  typed 05-shm
}
# bats test_tags=slow
@test "06-sockets: typed, its README's commands print what it shows" {
  typed 06-sockets
}
# bats test_tags=slow
@test "07-signals: typed, its README's commands print what it shows" {
  typed 07-signals
}
# bats test_tags=slow
@test "08-ipc-namespace: typed, its README's commands print what it shows" {
  typed 08-ipc-namespace
}
# bats test_tags=slow
@test "what a README shows to root is what root sees" {
  requires 'root, and a mount namespace of its own' \
    test "$EUID$ISOLATION" = 0namespaces
  requires 'another user, with user namespaces: make doctor' \
    setpriv --reuid 1 --regid 1 --clear-groups unshare --user true
  local chapter
  for chapter in $(chapters); do
    cp -r "$ROOT/$chapter" .
    (cd "$chapter" && sed -n 's/^\$ \(cc .*\.c -o [a-z_]*\)$/\1/p' README.md | sh &&
      type_blocks 'console root' >actual && as_shown)
  done
}
# bats test_tags=slow
@test "what a README shows in namespaces is what a reader who types it sees" {
  requires 'namespaces of all kinds in a user namespace: make doctor' \
    unshare --user --map-root-user --ipc --mount --net --pid --fork \
    --mount-proc true
  local chapter
  for chapter in $(chapters); do
    grep -q '^ *```console namespaces$' "$ROOT/$chapter/README.md" || continue
    cp -r "$ROOT/$chapter" .
    (cd "$chapter" && sed -n 's/^\$ \(cc .*\.c -o [a-z_]*\)$/\1/p' README.md | sh &&
      type_blocks 'console namespaces' >actual && as_shown)
  done
}
