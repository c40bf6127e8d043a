# make.bats - make at the command line: its targets, make demo, what git ignores
load lib/helper

MAN='README.md'

# demo CHAPTER...: what make demo runs when all is built
demo() {
  local chapters=("$ROOT"/[0-9][0-9]-*)
  [ $# != 0 ] || set -- "${chapters[@]##*/}"
  LIMIT=50 run try "$ROOT/tests/tools/demo" "$@"
}

# broken PROGRAM STATUS TEXT: from now on PROGRAM only says TEXT and ends so
broken() {
  [ -e broken ] || cp -r "$BUILD" broken
  local program=(broken/*/"$1" broken/*/*/"$1")
  [ -e "${program[0]}" ] || program=("${program[@]:1}")
  rm "${program[0]}"
  printf '#!/bin/sh\necho "%s: %s" >&2\nexit %s\n' "$1" "$3" "$2" \
    >"${program[0]}"
  chmod +x "${program[0]}"
  BUILD=$PWD/broken
}

@test "a wrong target is reported with similar ones, and nothing is built" {
  local wrong near
  while read -r wrong near; do
    run -2 make -C "$ROOT" BUILD="$PWD/out" all "$wrong"
    [[ $output == *"no target $wrong; near: $near; make help lists them all."* ]] ||
      fail "expected for $wrong: $near" "actual: $output"
  done <<'END'
check-5 check-05
chek check
demo-3 demo-03
shm 05-shm
hlep help
07 07-signals check-07 demo-07 trace-07 lab-07
END
  run -2 make -C "$ROOT" BUILD="$PWD/out" "it's"
  [[ $output == *"no target it's; make help lists them all."* ]]
  [ ! -e out ]
}
@test "make help names each variable, and what installs the tools" {
  local word
  make -s -C "$ROOT" help >printed
  for word in CC CFLAGS V=1 BUILD JOBS INPUT STRICT=1 CI=1 FILTER TAGS \
    './setup.sh dev'; do
    grep -qF -e "$word" printed || fail "no $word"
  done
  run awk 'length > 80' printed
  [ -z "$output" ] || fail "$output"
}
@test "make says what to do if it cannot write its build folder" {
  run -2 make -C "$ROOT" BUILD=/proc/none 01-pipes
  [[ $output == *'make: cannot write to /proc/none: make BUILD=/elsewhere'* ]]
}
@test "make demo: one screen, with a line for each mechanism" {
  local pair lines moved
  LC_ALL=C.UTF-8 demo
  [ "$status" = 0 ] || fail "$output"
  for pair in $(basename -as _producer.c "$ROOT"/0*/*_producer.c); do
    moved='[0-9]+ (bytes|messages|slots|signals) +[0-9.]+'
    [ "$pair" != ns ] || moved="($moved|not on this machine:)"
    grep -qE "^(✓|-) +[0-9]+-[a-z-]+ +$pair +$moved$" <<<"$output" ||
      fail "no line of $pair" "$output"
  done
  lines=$(wc -l <<<"$output")
  [ "$lines" -le 24 ] || fail "$lines lines"
  # In bytes, but for the tick, which has 3
  run awk '{ sub(/^✓/, "x") } length > 80' <<<"$output"
  [ -z "$output" ] || fail "$output"
}
@test "make demo: without UTF-8 the tick is a word" {
  LC_ALL=C demo 02-fifos
  [[ $output == *$'\nok 02-fifos '*'1 of 1 mechanisms carried it'* ]] ||
    fail "$output"
  [[ $output != *[^[:ascii:]]* ]]
}
@test "make demo V=1 shows each command" {
  V=1 demo 02-fifos
  [ "$status" = 0 ] && [[ $output == *'$ ./fifo_producer pipe <README.md'* ]]
}
@test "make demo: its figures are those of the transfer" {
  local figures
  head -c 300000 /dev/urandom >input
  INPUT=$PWD/input demo 02-fifos
  read -r -a figures < <(grep ' fifo ' <<<"$output")
  [ "${figures[3]} ${figures[4]}" = '300000 bytes' ] || fail "$output"
  # A producer that takes a tenth of a second
  local real=$BUILD
  broken fifo_producer 0 ''
  printf '%s\n' 'timeout 0.1 tail -f /dev/null' \
    "exec '$real/02-fifos/fifo_producer' \"\$@\"" \
    >broken/02-fifos/fifo_producer
  demo 02-fifos
  read -r -a figures < <(grep ' fifo ' <<<"$output")
  [ "${figures[5]%.*}" -ge 100 ] || fail "$output"
}
@test "make demo: a mechanism that fails has a line, its output, and a status" {
  broken sysv_mq_producer 1 'no such thing'
  broken seqlock 1 'a torn read'
  LC_ALL=C demo 03-msgqueues 05-shm
  [ "$status" = 1 ]
  grep -qE '^ok 03-msgqueues +posix_mq ' <<<"$output"
  grep -qE '^!  03-msgqueues +sysv_mq +FAILED$' <<<"$output"
  grep -qE '^!  05-shm +lessons +FAILED$' <<<"$output"
  grep -qx -A 1 'seqlock: a torn read' <<<"$output"
  [[ $output == *' ./sysv_mq_producer '*'
sysv_mq_producer: no such thing'* ]] || fail "$output"
}
@test "make demo: a mechanism that cannot run here has a line, and the cause" {
  broken ns_producer 77 'unshare: the cause, and a remedy'
  broken lost_wakeup_fixed 77 'no signals'
  demo 08-ipc-namespace
  [ "$status" = 0 ]
  [[ $output == *'-  08-ipc-namespace  ns '*' not on this machine:
     unshare: the cause, and a remedy
'*'0 of 1 mechanisms'* ]] || fail "$output"
  V=1 demo 07-signals
  [ "$status" = 0 ] && [[ $output == *'lost_wakeup_fixed: no signals
Not on this machine: lessons/lost_wakeup_fixed, '* ]] || fail "$output"
}
# bats test_tags=slow
@test "make demo INPUT=FILE: any name, any length" {
  local name
  for name in 'two words' "it's" -x 'a"b;$(c)' 'ü'; do
    printf x >"$name"
    INPUT=$name demo 02-fifos
    [ "$status" = 0 ] && [[ $output == "$name, 1 bytes, "* ]] || fail "$output"
    rm -- "$name"
  done
  : >empty
  INPUT=empty demo
  [ "$status" = 0 ] || fail "$output"
}
@test "make demo INPUT=FILE: if FILE is not a file, that is reported once, first" {
  local input target
  mkdir folder
  mkfifo pipe
  touch unreadable
  chmod 0 unreadable
  for target in demo demo-02; do
    for input in none folder pipe unreadable; do
      [ $input != unreadable ] || [ $EUID != 0 ] || continue # root reads all
      run -2 make -C "$ROOT" BUILD="$PWD/out" $target INPUT="$PWD/$input"
      [ "$(grep -c "$PWD/$input is not a file that can be read" \
        <<<"$output")" = 1 ] || fail "$output"
      [ ! -e out ]
    done
  done
  run -2 "$ROOT/02-fifos/demo.sh" none
  rm pipe
}
@test "make doctor asks for namespaces as the tests do" {
  run "$ROOT/tests/tools/doctor"
  case $ISOLATION in
  none) [[ $output == *'missing  namespaces of its own for each test: '* ]] ;;
  *) [[ $output == *'ok       namespaces of its own for each test'* ]] ;;
  esac || [ "${NAMESPACES-}" = no ] || fail "$output"
}
@test "make doctor names a chroot if that is why there are no namespaces" {
  local enter=(unshare --user --map-root-user --mount sh -e enter)
  if ! awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo; then
    enter=() # we are in one
  else
    requires 'user namespaces, to make a chroot in one: make doctor' \
      unshare --user --map-root-user true
  fi
  # The root is a plain folder, and everything in it a mount point or a link
  cat >enter <<'END'
for name in /*; do
  if [ -L "$name" ]; then
    cp -P "$name" root/
  elif [ -d "$name" ]; then
    mkdir "root$name" && mount --rbind "$name" "root$name"
  fi
done
PATH=$PATH:/usr/sbin:/sbin exec chroot root "$@"
END
  mkdir root
  run "${enter[@]}" "$ROOT/tests/tools/doctor"
  [[ $output == *'missing  user namespaces,'*'none in a chroot: enter this root by'* ]] ||
    fail "$output"
  [[ $output != *'sysctl user'* ]] || fail "$output"
  [ ${#enter[@]} = 0 ] ||
    [[ $output == *'ok       namespaces of its own for each test'* ]] ||
    fail "$output"
}
@test "make doctor names a setting if that is why" {
  requires 'user namespaces, to forbid them in one: make doctor' unshare -r true
  run unshare --user --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0"' "$ROOT/tests/tools/doctor"
  [[ $output == *'missing  user namespaces,'*'sysctl user.max_user_namespaces='* ]] ||
    fail "$output"
}
@test "make doctor fails where make check lacks a tool, or has an old bats" {
  local tool
  mkdir -p copy/tests/tools bin
  cp "$ROOT/setup.sh" copy
  cp "$ROOT"/tests/tools/{doctor,isolate,uncapped} copy/tests/tools
  run copy/tests/tools/doctor
  requires "$(grep '^missing' <<<"$output")" [ "$status" = 0 ]
  for tool in 'base prove' 'dev git'; do
    sed "s/^$tool /${tool%% *} no-such-tool /" "$ROOT/setup.sh" >copy/setup.sh
    run copy/tests/tools/doctor
    [[ $output == *'missing  no-such-tool: ./setup.sh dev, or install '* ]]
    [[ $status = 1 && $tool == base* || $status = 0 && $tool == dev* ]]
  done
  cp "$ROOT/setup.sh" copy
  printf '#!/bin/sh\necho Bats 1.2.1\n' >bin/bats
  chmod +x bin/bats
  PATH=$PWD/bin:$PATH run -1 copy/tests/tools/doctor
  [[ $output == *'Bats 1.2.1 is too old'* ]]
}
@test "setup.sh without root or sudo says what is missing, and what to do" {
  mkdir bin
  local tool
  for tool in awk cat tr sort; do
    ln -s "$(command -v $tool)" bin/
  done
  printf '#!/bin/sh\nexit 1\n' >bin/apt-get
  printf '#!/bin/sh\necho 1000\n' >bin/id
  chmod +x bin/apt-get bin/id
  run -1 --separate-stderr env PATH="$PWD/bin" "$ROOT/setup.sh"
  [[ $stderr == *': missing: '*' make '*'; run ./setup.sh as root, or install sudo' ]] ||
    fail "$stderr"
}
# bats test_tags=slow
@test "git ignores what a reader's cc leaves beside the sources" {
  requires 'git: ./setup.sh dev' command -v git
  mkdir -p clone/02-fifos
  cd clone
  cp "$ROOT/.gitignore" .
  cp -r "$ROOT"/02-fifos/* 02-fifos/
  git init -q .
  git add .
  touch kept
  cd 02-fifos/robust
  cc fifo_producer.c
  cc fifo_producer.c -o fifo_producer
  cc -c fifo_producer.c
  cc -S fifo_producer.c
  cc -g --coverage fifo_producer.c -o covered && ./covered --help
  touch core core.17 vgcore.17 copy
  make -s -C ..
  [ -x ../lessons/open_modes ]
  status=$(git status --porcelain --untracked-files=all ../..)
  cd ../../..
  [ "$(grep -v '^A ' <<<"$status")" = '?? kept' ] || fail "$status"
}
@test "make builds no exercise: a student's error stops nothing else" {
  local folder
  run -0 make -C "$ROOT" -n -B BUILD="$PWD/out" all
  [[ $output == *03-msgqueues/posix_mq_producer* && $output != */lab/* ]] ||
    fail "$output"
  for folder in "$ROOT"/0*; do
    run -0 make -C "$folder" -n -B
    [[ $output == *_producer* && $output != *lab/* ]] || fail "$output"
  done
}
