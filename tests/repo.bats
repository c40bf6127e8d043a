# repo.bats - what holds for the collection as a whole
load lib/helper

MAN='CONTRIBUTING.md'
EBUSY='(Device or resource|Resource) busy' # glibc, musl

sources=() # of every program
for file in "$ROOT"/[0-9][0-9]-*/{*.c,*/*.c,*/*/*.c}; do
  [ ! -e "$file" ] || sources+=("$file")
done
# chapter_of FILE: the folder of its chapter
chapter_of() {
  local path=${1#"$ROOT/"}
  echo "$ROOT/${path%%/*}"
}
chapters() { (cd "$ROOT" && ls -d [0-9][0-9]-*); }

# The transcript of demo.sh in a README, "line number:line"
transcript() {
  awk '/^```console demo$/ { on = 1; next } /^```$/ { on = 0 }
    on { print NR ":" $0 }' "$1"
}

# bats test_tags=slow
@test "each README shows what demo.sh prints (… stands for what varies)" {
  local chapter readme want got line regex
  local files='/proc/sys/fs/mqueue/msg_{default,max}'
  for chapter in $(chapters); do
    readme=$ROOT/$chapter/README.md
    transcript "$readme" >expected
    [ -s expected ] || fail "$readme: no console block"
    # As a chapter that was copied to another place, its programs built there
    rm -rf "$chapter"
    cp -r "$ROOT/$chapter" .
    cp -r "$BUILD/$chapter" .
    # Or its first producer could not send a line and the end, and exit
    [ "$chapter" != 03-msgqueues ] ||
      requires "POSIX queues of 2 messages: as root: echo 10 | tee $files" \
        test "$(sort -n /proc/sys/fs/mqueue/msg_{default,max} | head -n 1)" -ge 2
    try env -u BUILD "$chapter/demo.sh" >actual ||
      fail "$chapter/demo.sh fails" "$(tail -n 5 actual)"
    requires "$(grep '^Not on this machine' actual)" \
      sh -c '! grep -q "^Not on this machine" actual'
    exec {lines}<actual
    while IFS= read -r want; do
      line=${want%%:*} want=${want#*:}
      IFS= read -r got <&$lines || got='(nothing more)'
      # … stands for anything. A text of glibc stands also for that of musl,
      # which does not put sem. before the name of a semaphore
      regex=$(sed -E 's/[][\.*^$?+(){}|]/\\&/g; s/…/.+/g
        s/^sem\\\./(&)?/' <<<"$want")
      [[ $got =~ ^${regex/Device or resource busy/$EBUSY}$ ]] ||
        fail "$readme:$line: expected: $want" "actual: $got"
    done <expected
    ! IFS= read -r got <&$lines || fail "$readme: demo.sh goes on: $got"
    exec {lines}<&-
  done
}
# The drawing of a README, with the command that made it in the lines before
time_line() {
  awk '/`make trace PAIR=[a-z_]+`/ { named = 1 }
    /^```$/ { on = 0 } on
    named && /^```text$/ { on = 1; named = 0 }' "$1"
}
# lane HALF <DRAWING: its calls, in their order. What varies is left out: times,
# results other than errors, what was received, in how many pieces a stream
# arrived, whether a semaphore needed a futex call, the number of a namespace,
# arguments that are cut off (32-bit programs open with O_LARGEFILE).
# For "... these 2, 3 times more", 2 calls follow 3 times, with * for what differs
lane() {
  awk -v half="$1" '
    $0 ~ /^ +ms producer +consumer$/ { start = index($0, half)
      width = half == "producer" ? index($0, "consumer") - start : 80; next }
    start && /^$/ { exit }
    !start { next }
    { cell = substr($0, start, width); sub(/^[|:]+ /, "", cell)
      sub(/ +$/, "", cell) }
    cell ~ /^\.\.\. .*times more$/ { $0 = cell
      period = /these/ ? $3 + 0 : 1; times = /these/ ? $4 : $2
      for (i = period * times; i > 0; i--) { call = calls[n - period + 1]
        sub(/[,)].*|$/, "*", call); calls[++n] = call }
      next }
    cell !~ /^([a-z_]+\(|exit |killed )/ { next }
    cell !~ /\) = E[A-Z]+$/ { sub(/\)( = .*| ?\.\.)$/, ")", cell) }
    { sub(/, [^)]*\.\.$/, ")", cell) }
    cell ~ /^(p?read|recv|mq_receive|msgrcv)\(/ { sub(/(, .*)?\)$/, ")", cell) }
    { gsub(/\[[0-9]+\]/, "[N]", cell); calls[++n] = cell }
    END { for (i = 1; i <= n; i++) if (calls[i] !~ /^futex_/) print calls[i] }' |
    sed -Ez 's/(\nread\([^)*]*)[)*](\nwrite\(stdout)[^\n]*/\1)\2)/g
      s/(\nread\([^)]*\)\nwrite\(stdout\))\1+/\1/g'
}
# same_calls EXPECTED ACTUAL: * stands for the arguments after the first
same_calls() {
  paste -d '\t' "$1" "$2" | awk -F '\t' '
    /\*(\t|$)/ { sub(/[,)*].*/, "", $1); sub(/[,)*].*/, "", $2) }
    $1 != $2 { print "expected: " $1 "; actual: " $2; exit 1 }'
}
# bats test_tags=slow
@test "each README has a time line, with the calls that make trace draws" {
  local chapter readme pair half status
  needs_strace
  requires 'programs of glibc: with another C library they make other calls' \
    grep -q GLIBC_ "$BUILD/01-pipes/pipe_producer"
  for chapter in $(chapters); do
    readme=$ROOT/$chapter/README.md
    pair=$(sed -nE 's/.*`make trace (PAIR=[a-z_]+)`.*/\1/p' "$readme")
    time_line "$readme" >shown
    # Without privileges a pair needs a user namespace first, as its README says
    [ "$pair" != PAIR=ns ] || unshare --ipc true 2>/dev/null || continue
    status=0
    try env "$pair" "$ROOT/tests/tools/trace" >drawn 2>error || status=$?
    [ $status != 77 ] || forbids "$(cat error)"
    [ $status = 0 ] || fail "make trace $pair: status $status" "$(cat error)"
    [ "$(head -n 1 shown)" = "$(head -n 1 drawn)" ] ||
      fail "$readme: $(head -n 1 shown)" "actual: $(head -n 1 drawn)"
    for half in producer consumer; do
      lane $half <shown >expected
      lane $half <drawn >actual
      [ "$(wc -l <expected)" -gt 5 ] || fail "$readme: no calls of the $half"
      same_calls expected actual || fail "$readme: make trace $pair: the $half"
    done
  done
}
@test "each README shows what a kill does to both pairs, as make trace drew it" {
  local chapter readme picture pair half
  for chapter in $(chapters); do
    readme=$ROOT/$chapter/README.md
    grep -oE 'src="[^"]+-killed\.svg"' "$readme" | cut -d '"' -f 2 | sort >named
    (cd "$ROOT/$chapter" && find . -name '*-killed.svg' | sed 's,^\./,,' | sort) |
      diff named - || fail "$readme: names these (<), and these exist (>)"
    [ "$(grep -c ^robust/ named) $(grep -vc ^robust/ named)" = '1 1' ] ||
      fail "$readme: no picture of each pair"
    while read -r picture; do
      [[ $picture =~ ^((robust/)?[a-z_]+)-(producer|consumer)-killed\.svg$ ]]
      pair=${BASH_REMATCH[1]} half=${BASH_REMATCH[3]}
      grep -qF "\`make trace PAIR=$pair KILL=$half SVG=1\`" "$readme" ||
        fail "$readme: no command for $picture"
      grep -A 1 "src=\"$picture\"" "$readme" | grep -q 'alt="[^"]\{40\}' ||
        fail "$readme: no alternative text for $picture"
      # Its lanes are where their titles are; the killed half ends in its own
      sed -nE 's,.*<text x="([0-9]+)" [^>]*>([^<]*)</text>.*,\1 \2,p' \
        "$ROOT/$chapter/$picture" >texts
      awk -v half="$half" '
        $2 == "producer" || $2 == "consumer" { x[$2] = $1 }
        / killed by SIGKILL$/ && half in x { kills++
          if ($1 < x[half] || $1 > x[half] + 20) exit 1 }
        END { exit !("producer" in x && "consumer" in x && kills) }' texts ||
        fail "$chapter/$picture: make trace draws two lanes, and the kill" \
          "of the $half in its lane" "$(cat texts)"
    done <named
  done
}
# bats test_tags=slow
@test "each program is named in its README, and each one named exists" {
  local file name readme
  while read -r file; do
    readme=$(chapter_of "$file")/README.md
    grep -qF "](${file#"$(chapter_of "$file")/"})" "$readme" ||
      fail "$readme: $file"
  done < <(find "$ROOT"/[0-9][0-9]-* ! -path '*/lab/*' \
    \( -name '*.[ch]' -o -name '*.sh' ! -name demo_kit.sh \))
  for readme in "$ROOT"/[0-9][0-9]-*/README.md "$ROOT/README.md"; do
    for name in $(grep -oE '\]\([^)#:]+\)' "$readme" | tr -d ']()'); do
      [ -e "$(dirname "$readme")/$name" ] || fail "$readme: no $name"
    done
  done
}
@test "each program opens with purpose, Shows, Build, Run, Exit, See" {
  run awk 'function check(    word) {
      for (word in words) if (!(word in seen)) print file ": no " word }
    BEGIN { split("licence purpose Shows Build Run Exit See", list)
      for (i in list) words[list[i]] }
    FNR == 1 { if (file) check(); delete seen; file = FILENAME
      name = file; sub(".*/", "", name) }
    FNR == 1 && $0 == "// SPDX-License-Identifier: MIT" { seen["licence"] }
    FNR <= 3 && index($0, " * " name " - ") == 1 { seen["purpose"] }
    FILENAME ~ "/lab/" { seen["Shows"] } # its README tells what a task teaches
    FNR <= 24 && /^ \* [A-Z][a-z]+: +./ { word = $2; sub(":", "", word); seen[word] }
    END { check() }' "${sources[@]}"
  [ -z "$output" ] || fail "$output"
}
# bats test_tags=slow
@test "each Build line is cc NAME.c -o NAME, and compiles without an option" {
  local file name folder
  for file in "${sources[@]}"; do
    name=$(basename "$file" .c)
    grep -qx " \* Build: *cc $name.c -o $name" "$file" || fail "$file: Build"
  done
  for folder in "$ROOT"/0*/ "$ROOT"/0*/*/; do
    compgen -G "$folder*.c" >/dev/null || continue
    (cd "$folder" && cc -fsyntax-only ./*.c) || fail "$folder"
  done
  # A plain pair, with the header beside it: to the end
  for file in "$ROOT"/0*/*.c; do
    cp "${file%/*}"/*.h . 2>/dev/null || true
    cp "$file" .
    eval "$(sed -n 's/^ \* Build: *//p' "$file")" || fail "$file"
    [ -x "$(basename "$file" .c)" ] || fail "$file: no program"
  done
}
@test "functions that several programs share have one text" {
  run awk 'BEGIN { split("write_all read_some on_signal send_all make_inet " \
      "make_address raise_limit forbidden write_file make_namespaces " \
      "print_usage check_standard_descriptors", list)
      for (i in list) shared[list[i]] }
    /^static [^;]*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
      text = "" }
    name { text = text $0 "\n" }
    /^}/ && name in shared { if (!(name in first)) { first[name] = text
        file[name] = FILENAME }
      else if (text != first[name]) print name ": " FILENAME ", " file[name] }
    /^}/ { name = "" }' "${sources[@]}" "$ROOT"/0*/robust/*.h
  [ -z "$output" ] || fail "differs: $output"
  for file in "$ROOT"/*/lessons/{two_hosts,container_modes}.sh; do
    sed -n '/^remedy() {/,/^}/p' "$file" | cksum
  done | uniq >texts
  [ "$(wc -l <texts)" = 1 ] || fail 'remedy differs'
  for name in Makefile demo_kit.sh robust/{fail,cleanup}.h; do
    [ "$(for file in "$ROOT"/0*/"$name"; do
      cksum <"$file"
    done | uniq | wc -l)" = 1 ] || fail "$name differs"
  done
}
# The code of a program, without the comment that opens it
code() {
  sed '1,/^ \*\/$/d' "$1"
}
@test "a twin differs from its partner in at most ten lines: the diff is the lesson" {
  local broken fixed side lines
  while read -r broken fixed; do
    diff <(code "$ROOT/$broken") <(code "$ROOT/$fixed") >lines || true
    [ -s lines ] || fail "$broken and $fixed are the same"
    for side in '<' '>'; do
      lines=$(grep -c "^$side" lines) || true
      [ "$lines" -le 10 ] || fail "$broken and $fixed: $side $lines lines"
    done
  done < <(twins)
}
# Named by their ending, and those that have names of their own
twins() {
  local file
  for file in "$ROOT"/[0-9][0-9]-*/lessons/*_fixed.c; do
    file=${file#"$ROOT/"}
    [[ $file == */philosophers_fixed.c ]] || echo "${file%_fixed.c}.c $file"
  done
  echo 04-semaphores/lessons/mutex_{plain,robust}.c
  echo 05-shm/lessons/memfd_{un,}sealed.c
}
# But trace: nothing reports to it that a process has fallen asleep
@test "nothing sleeps: what is waited for is an event" {
  run grep -nE --exclude=trace '\b(u|nano)?sleep *\(|^[^#]*\bsleep +[0-9]' \
    "${sources[@]}" "$ROOT"/tests/*.bats "$ROOT"/tests/{lib,tools}/* \
    "$ROOT"/[0-9]*/*.sh
  [ "$status" = 1 ] || fail "$output"
}
@test "a script that reads the messages of unshare works in every locale" {
  local script
  mkdir bin
  # shellcheck disable=SC2016 # the script's
  printf '%s\n' '#!/bin/sh' 'reason="Kein Platz"' \
    '[ "$LC_ALL" != C ] || reason="No space left on device"' \
    'echo "unshare: unshare failed: $reason" >&2' 'exit 1' >bin/unshare
  chmod +x bin/unshare
  for script in 06-sockets/lessons/two_hosts.sh \
    08-ipc-namespace/lessons/container_modes.sh; do
    PATH=$PWD/bin:$PATH LC_ALL=de_DE.UTF-8 run -77 \
      "$ROOT/$script"
    [[ $output == *': No space left on device: as root: '* ]] || fail "$output"
  done
}
# bats test_tags=slow
@test "lines fit 80 columns, so that a page can be projected and printed" {
  local file
  while read -r file; do
    run awk 'length > 80 { print FNR; exit 1 }' <(expand "$file")
    [ "$status" = 0 ] || fail "$file:$output"
  done < <(find "$ROOT"/[0-9]* -name '*.[ch]' -o -name '*.sh'
    find "$ROOT"/tests/{lib,tools,bench} "$ROOT"/tests/labs/{*.bash,confined} \
      "$ROOT/.ci" "$ROOT/setup.sh" -type f \
      ! -name '*.md' ! -name '*.svg' ! -name '*.png')
}
@test "clang-format 14 and its successors agree on every line" {
  # They differ in the spaces of '} * name;' and of '(name)&1'
  run grep -nE '^\} ?\* ?[a-z]|[^a-z_]\([a-z_]+\) ?[&*] ?[0-9]' "${sources[@]}" "$ROOT"/[0-9]*/*/*.h
  [ "$status" = 1 ] || fail "$output"
}
@test "lint runs all its stages, and names those that fail" {
  local tool
  mkdir -p bin tests/{tools,lib,bench,labs} 01-one .ci
  touch 01-one/one.c .ci/run .ci/root
  install /dev/null setup.sh
  cp "$ROOT/tests/tools/lint" tests/tools/
  for tool in shellcheck clang-format make gcc musl-gcc; do
    printf '#!/bin/sh\necho "$@" | grep -v "$FAULTY"\n' >bin/$tool
    chmod +x bin/$tool
  done
  FAULTY='setup.sh\|CC=clang' PATH=$PWD/bin:$PATH run -1 tests/tools/lint
  [[ $output == *'
lint: failed: shellcheck, clang' ]]
  for tool in '--dry-run -Werror' CC=gcc CC=musl-gcc; do
    [[ $output == *"$tool"* ]] || fail "not run: $tool" "$output"
  done
  FAULTY=none PATH=$PWD/bin:$PATH run -0 tests/tools/lint
  [[ $output == *'lint: clean' ]]
}
# bats test_tags=slow
@test "each lesson has its paragraph in the chapter's README" {
  local file name
  for file in "$ROOT"/0*/{lessons,tools}/*.c; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .c)
    sed -n '/^## The lessons/,/^## [^T]/p' "$(chapter_of "$file")/README.md" |
      grep -qE "\*\*([^*]* )?\[?\`$name\`[^*]*\*\*" || fail "$file"
  done
}
# median FILE...: of their lines
median() {
  wc -l "$@" | grep -v ' total$' | awk '{ print $1 }' | sort -n |
    awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}
# at_most LIMIT FILE: lines
at_most() {
  local lines
  lines=$(wc -l <"$2")
  [ "$lines" -le "$1" ] || fail "$2: $lines lines, not $1"
}
# bats test_tags=slow
@test "a plain program fits on a page, and contains little but the mechanism" {
  local file n
  local plain=("$ROOT"/0*/*.c)
  [ ${#plain[@]} = 26 ]
  for file in "${plain[@]}"; do
    at_most 80 "$file"
    n=$(awk '/^int main\(/ { start = NR } start && /^}/ { print NR - start + 1; exit }' "$file")
    [ "$n" -le 50 ] || fail "$file: main has $n lines"
    [ "$(grep -c '^{' "$file")" -le 2 ] || fail "$file: functions"
    cc -c -O0 -I"${file%/*}" "$file" -o object
    n=$(nm object | awk '$2 ~ /[BbDdC]/ && $3 !~ /\./ { print $3 }')
    [ -z "$n" ] || fail "$file: global: $n"
    [ "$(grep -c 'errx(2, "usage: ' "$file")" = 1 ] || fail "$file: usage"
    sed '/\*\/$/q' "$file" | grep -q 'robust/' || fail "$file: no word of robust/"
    n=$(calls "$file" | wc -l)
    [ "$n" -le 8 ] || fail "$file: $n calls of the mechanism:" "$(calls "$file")"
  done
  [ "$(median "${plain[@]}")" -le 65 ] || fail "median $(median "${plain[@]}")"
}
# calls FILE: of the mechanisms, each once
calls() {
  sed '1,/^ \*\/$/d' "$1" | grep -oE '\b((mq|sem|shm)_[a-z]+|(msg|sem|shm)(get|snd|rcv|ctl|op|at|dt)|mmap|ftruncate|ftok|pipe2?|mkfifo|fork|exec[lv]p?e?|dup2|waitpid|socket|bind|listen|accept|connect|send|recv|getaddrinfo|getsockname|getnameinfo|sigqueue|sigprocmask|sigwaitinfo|sig[a-z]+set|unshare|setns)\(' |
    sort -u
}
@test "a robust half fits on two pages, and what both halves share on five" {
  local file
  for file in "$ROOT"/0*/robust/*.c; do at_most 110 "$file"; done
  for file in "$ROOT"/0*/robust/*.h; do at_most 280 "$file"; done
}
# Lessons of more than 120 lines, each with its reason
long_lessons() {
  cat <<'END'
echo_server: one loop serves many clients, none of which can block another
END
}
# bats test_tags=slow
@test "lessons fit on a page or two, and their median on one" {
  local file name
  for file in "$ROOT"/0*/lessons/*.c; do
    name=$(basename "$file" .c)
    if long_lessons | grep -q "^$name: ."; then
      [ "$(wc -l <"$file")" -gt 120 ] || fail "$name needs no exception any more"
    else
      at_most 120 "$file"
    fi
  done
  [ "$(median "$ROOT"/0*/lessons/*.c)" -le 80 ] ||
    fail "median $(median "$ROOT"/0*/lessons/*.c)"
}
@test "lessons have no ritual: no usage function, no --help, no code for plurals" {
  run -1 grep -nE 'usage\(|--help|\? "" : "s"|\? "s" : ""' "$ROOT"/0*/lessons/*.c
}
@test "lessons need no operand, or say so in one line" {
  local file
  for file in "$ROOT"/0*/lessons/*.c; do
    grep -q '^int main(void)' "$file" ||
      [ "$(grep -c 'usage: ' "$file")" = 1 ] || fail "$file"
  done
}
@test "children leave by _exit: no exit handler, no buffer of the parent runs twice" {
  # In the block of a fork that returned 0, and in functions that never return;
  # the serve of a lab is a parent that never returns
  run awk 'FNR == 1 { child = 0; forked = -9 }
    /^(static )?_Noreturn/ && !/ serve\(/ { child = 1; end = "^}" }
    /fork\(\)/ { forked = FNR }
    /== 0\) \{$/ && FNR - forked <= 4 { child = 1; match($0, /^\t*/)
      end = "^" substr($0, 1, RLENGTH) "}" }
    child && /[^_a-z](errx?|exit)\(/ && !/forbidden|EXIT_SKIP|77/ {
      print FILENAME ":" FNR ":" $0 }
    child && $0 ~ end { child = 0 }' "${sources[@]}"
  [ -z "$output" ] || fail "$output"
}
@test "a close is checked, or marked as best effort" {
  run awk '/^\t+(f?close|mq_close|sem_close)\(/ && !/\/\*/ && last !~ /\*\/|\/\*/ {
      print FILENAME ":" FNR ":" $0 }
    { last = $0 }' "${sources[@]}" "$ROOT"/0*/robust/*.h
  [ -z "$output" ] || fail "$output"
}
# functions FILE...: their names, a line each
functions() {
  sed -n 's/^ *\([a-z_]*\)() [{(].*/\1/p' "$@"
}
@test "what suites load has at most 400 lines, and no suite redefines any of it" {
  [ "$(cat "$ROOT"/tests/lib/* | wc -l)" -le 400 ]
  [ "$(functions "$ROOT"/tests/lib/* | sort | uniq -d)" = '' ]
  functions "$ROOT"/tests/lib/* >names
  run -1 grep -xF -f names <(functions "$ROOT"/tests/*.bats)
}
@test "no test of a lab redefines what it loads" {
  local tests=$ROOT/tests/labs file number twice
  for file in "$tests"/[0-9][0-9]-*.bats; do
    number=${file#"$tests/"} number=${number%%-*}
    # 04.bash loads what the tests of chapter 04 load
    sed -n "s|^load \([a-z0-9]*\)$|$tests/\1.bash|p" "$file" \
      "$tests/$number.bash" >loads 2>/dev/null || true
    mapfile -t loads <loads
    twice=$({
      functions "$file" | sort -u
      functions "$ROOT/tests/lib/helper.bash" "${loads[@]}"
    } | sort | uniq -d)
    [ -z "$twice" ] || fail "$file: $twice"
  done
}
@test "robust halves and tools answer --help, and refuse an unknown option" {
  local program
  for program in "$ROOT"/0*/{robust,tools}/*.c; do
    [ -e "$program" ] || continue
    program=${program#"$ROOT/"} program=${program%.c}
    run -0 try "$BUILD/$program" --help
    [[ $output == "usage: $(basename "$program")"* ]]
    run -2 try "$BUILD/$program" --no-such-option
  done
}
# bats test_tags=slow
@test "make builds nothing but build, and names no program" {
  for name in "${sources[@]}"; do
    ! grep -q "$(basename "$name" .c)" "$ROOT/Makefile"
  done
  cp -r "$ROOT"/[0-9]* "$ROOT/Makefile" "$ROOT/tests" "$ROOT/setup.sh" .
  find . -type f | sort >../tree.before
  env -u BUILD make -s -j2 02-fifos
  find . -type f ! -path './build/*' | sort | diff ../tree.before -
  rm ../tree.before
}
@test "tests look for the programs in BUILD, and check-NN builds all that they run" {
  local file program
  run -1 grep -nE '(ROOT|root|PWD)\}?/build' "$ROOT"/tests/*.bats
  while IFS=: read -r file program; do
    file=${file##*/}
    make -n -C "$ROOT" BUILD=elsewhere "check-${file%%-*}" |
      grep -qw "elsewhere$program" || fail "$file: who builds $program?"
  done < <(grep -oE '\$BUILD/0[^" ]+' "$ROOT"/tests/0*.bats | sed 's/\$BUILD//')
}
@test "make check-NN and make demo-NN build that chapter first" {
  for target in check demo; do
    run -0 env -u MAKEFLAGS make -n -C "$ROOT" $target-05 BUILD="$PWD/none"
    [[ $output == *05-shm/robust/posix_shm_producer.c* ]] || fail "$output"
    [[ $output != *06-sockets/* ]] || fail "$output"
  done
}
@test "make help names every target that the README names" {
  local target
  make -s -C "$ROOT" help >printed
  for target in all check demo memcheck coverage lint doctor clean check-NN; do
    grep -q "^  $target " printed || fail "no $target"
  done
}
@test "setup.sh has the list of packages, and nothing else names them" {
  run -0 "$ROOT/setup.sh" --list
  [[ $output == *'valgrind valgrind'* ]]
  run -2 "$ROOT/setup.sh" --no-such-option
  run -1 grep -lE '(apt-get|dnf|apk|zypper) +(install|add)' \
    "$ROOT"/.ci/* "$ROOT"/.github/workflows/* "$ROOT"/tests/{lib,tools}/* "$ROOT/Makefile"
}
# stand_in FOLDER MANAGER: a machine that has that manager, and little else
stand_in() {
  local tool
  mkdir "$1"
  for tool in sh env cat awk tr sort id uname readlink mktemp rm; do
    ln -s "$(command -v $tool)" "$1/$tool"
  done
  printf '#!/bin/sh\necho "$@"\n' >"$1/$2"
  chmod +x "$1/$2"
}
@test "setup.sh installs what busybox has by the same name, but less of it" {
  stand_in alpine apk
  install /dev/null alpine/busybox
  for tool in find timeout unshare; do ln -s busybox alpine/$tool; done
  run env PATH="$PWD/alpine" "$ROOT/setup.sh"
  for package in findutils coreutils util-linux-misc musl-dev; do
    [[ $output == *" $package"* ]] || fail "no $package: $output"
  done
}
@test "setup.sh dev installs what cc needs to make 32-bit programs" {
  [ "$(uname -m)" = x86_64 ] || skip 'cc -m32 is an option of x86_64'
  stand_in debian apt-get
  printf '#!/bin/sh\ncat >/dev/null; [ "$1" != -m32 ]\n' >debian/cc
  chmod +x debian/cc
  run env PATH="$PWD/debian" "$ROOT/setup.sh" dev
  [[ $output == *' gcc-multilib'* ]] || fail "$output"
  run env PATH="$PWD/debian" "$ROOT/setup.sh"
  [[ $output != *multilib* && $output != *libc6-dev* ]] || fail "$output"
}
