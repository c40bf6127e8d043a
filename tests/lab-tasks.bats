# lab-tasks.bats - each task of the labs: its skeleton, its solutions, its hints,
# and a sample of its planted faults. make plant tries all faults
# bats file_tags=lab
TEST_LIMIT=$((1200 * ${ROUNDS:-1})) # some grade all tasks; ROUNDS=N, N times
load lib/helper

MAN='CONTRIBUTING.md'

# graded FOLDER [VARIABLE=VALUE...] NUMBER [TASK]: by the grader, whose tests
# have namespaces, folders and limits of their own. Its last line is in $total
graded() {
  local folder=$1 variables=()
  shift
  while [[ $1 == *=* ]]; do
    variables+=("$1")
    shift
  done
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" PATIENCE=15 \
    NAMESPACES="${NAMESPACES:-yes}" LAB="$folder" "${variables[@]}" \
    timeout -k 1 1190 "$ROOT/tests/tools/grade" "$@"
  [ "$status" = 0 ] || fail "$output"
  total=${output##*total: }
}
# planted VARIABLE=VALUE...: plant finds the faults that it looks for
planted() {
  needs_namespaces
  requires 'patch: ./setup.sh dev' command -v patch
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" "$@" \
    timeout -k 1 600 "$ROOT/tests/tools/plant"
  [[ $status = 0 && $output == *', 0 not found' ]] || fail "$output"
}
# Each chapter that has a lab, as NUMBER and its lab's folder
labs() {
  local folder
  for folder in "$ROOT"/[0-9][0-9]-*/lab; do
    folder=${folder#"$ROOT/"}
    echo "${folder:0:2} $ROOT/$folder"
  done
}
all_points() { # but those that this machine cannot give
  [[ $total != '0 of 0 '*'could not be graded'* ]] || return 0
  [[ $total =~ ^([1-9][0-9]*)\ of\ ([0-9]+)\ points ]] || fail "$output"
  [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "$output"
}
needs_namespaces() {
  requires 'namespaces of its own for what a student wrote: make doctor' \
    [ "$ISOLATION" = namespaces ]
}

# bats test_tags=slow
@test "each task has its skeleton, solution, tests, faults and README" {
  local file number folder task name points hint
  for file in "$ROOT"/tests/labs/[0-9][0-9]-*.bats; do
    name=$(basename "$file" .bats)
    number=${name%%-*} task=${name#*-}
    folder=("$ROOT/$number"-*/lab)
    [ -f "${folder[0]}/$task.c" ] || fail "no skeleton of $name"
    [ -f "${folder[0]}/solution/$task.c" ] || fail "no solution of $name"
    grep -q "^## $task$" "${folder[0]}/README.md" || fail "$name: not in README"
    [ "$(find "$ROOT/tests/labs/$name" -name '*.patch' | wc -l)" -ge 6 ] ||
      fail "$name: not six faults"
    points=$(grep -o 'points:[0-9]*' "$file" | awk -F: '{ n += $2 } END { print n }')
    grep -q "^| \[$task\](#$task) | .* | $points |$" "${folder[0]}/README.md" ||
      fail "$name: its tests are worth $points points"
    # Each test is worth points, and its hint is there
    sed -n "/^## $task$/,/^## /p" "${folder[0]}/README.md" >readme
    [ "$(grep -c '^@test' "$file")" = \
      "$(grep -c '^# bats test_tags=points:[0-9]*,hint:[0-9]*$' "$file")" ] ||
      fail "$name: tags"
    while read -r hint; do
      grep -q "Hint $hint:" readme || fail "$name: no hint $hint"
    done < <(grep -o 'hint:[0-9]*' "$file" | cut -d: -f2)
  done
}
@test "each lab is named in its chapter, and each fault in tests/README.md" {
  local number folder
  while read -r number folder; do
    grep -q "^In \[lab/](lab/README.md)" "${folder%/*}/README.md" ||
      fail "${folder%/*}/README.md: no line on lab/"
    grep -q "make lab-$number" "$folder/README.md" || fail "$folder/README.md"
  done < <(labs)
  TABLE=1 "$ROOT/tests/tools/plant" >expected
  sed -n '/^\*\*01-/,$p' "$ROOT/tests/README.md" | diff - <(tail -n +2 expected) ||
    fail 'tests/README.md: paste what TABLE=1 tests/tools/plant prints'
}
@test "a skeleton compiles without a warning, and does not pass its first test" {
  needs_namespaces
  local tasks=("$ROOT"/tests/labs/[0-9][0-9]-*.bats)
  graded '' ONLY=first
  [[ $total == '0 of '* && $output != *warning:* ]] || fail "$output"
  [ "$(grep -cE '^  (failed|skipped) ' <<<"$output")" = ${#tasks[@]} ] ||
    fail "$output"
}
# solutions FILE...: copies that LAB can name, each as NN-chapter/lab/TASK.c
solutions() {
  local file name folder
  for file; do
    case $file in
    */other.c) name=$(basename "${file%/*}") folder=("$ROOT/${name%%-*}"-*) ;;
    *) name=0-$(basename "$file" .c) folder=("${file%/lab/*}") ;;
    esac
    mkdir -p "lab/${folder[0]##*/}/lab"
    cp "$file" "lab/${folder[0]##*/}/lab/${name#*-}.c"
  done
}
# FOLDER [VARIABLE=VALUE]: what is there passes all tests; the rest is not there
passes() {
  local tasks=("$ROOT"/tests/labs/*.bats) files
  files=$(find "$1" -name '*.c' | wc -l)
  graded "$@"
  [[ $output == *' passed '* && $output != *' failed '* ]] || fail "$output"
  [ "$(grep -c '^  there is no ' <<<"$output")" = \
    $((${#tasks[@]} - files)) ] || fail "$output"
}
@test "each solution passes its first test" {
  needs_namespaces # check-slow runs all tests
  solutions "$ROOT"/[0-9][0-9]-*/lab/solution/*.c
  passes "$PWD/lab" ONLY=first
}
# bats test_tags=slow
@test "each skeleton has no points, and each solution all, whatever is forced" {
  needs_namespaces
  local n
  graded ''
  [[ $total == '0 of '* && $output != *'did not run'* ]] || fail "$output"
  solutions "$ROOT"/[0-9][0-9]-*/lab/solution/*.c
  for ((n = 0; n < ${ROUNDS:-1}; n++)); do
    graded "$PWD/lab"
    all_points
  done
}
# bats test_tags=slow
@test "another correct design has all points, too" {
  needs_namespaces
  local n
  solutions "$ROOT"/tests/labs/*/other.c
  for ((n = 0; n < ${ROUNDS:-1}; n++)); do
    passes "$PWD/lab"
  done
}
# bats test_tags=slow
@test "the first planted fault of each task is found, for the right reason" {
  planted FIRST=task
}
@test "the first planted fault of each chapter is found, for the right reason" {
  planted FIRST=chapter
}
@test "the formats of results are those that the systems read" {
  needs_namespaces
  cp "$ROOT"/01-pipes/lab/solution/capture.c .
  for format in gradescope classroom50 prairielearn junit; do
    run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" \
      LAB="$PWD" ONLY=first FORMAT=$format OUT="$PWD/$format" ASSIGNMENT=pipes \
      "$ROOT/tests/tools/grade" 01 capture
    [ "$status" = 0 ] || fail "$output"
  done
  perl -MJSON::PP -e 'local $/; sub file { open my $f, "<", shift; decode_json(<$f>) }
    my $g = file("gradescope");
    for (@{$g->{tests}}) {
      die "gradescope" if grep { !defined } @$_{qw(name score max_score status output visibility)} }
    my $c = file("classroom50");
    die "classroom50" if $c->{schema} ne "classroom50/result/v1"
      || $c->{score} != $c->{"max-score"} || !exists $c->{tests}[0]{"test-name"};
    my $p = file("prairielearn");
    die "prairielearn" if $p->{score} != 1 || !exists $p->{tests}[0]{max_points}'
  requires 'xmllint: ./setup.sh dev' command -v xmllint
  xmllint --noout junit
}
# handout VARIABLE=VALUE...: what make handout does
handout() {
  run try env -u BUILD make -s -C "$ROOT" handout "$@"
}
@test "a hand-out has the lab, its tests and no solution, and works as it stands" {
  needs_namespaces
  handout CHAPTERS=01 OUT="$PWD/out"
  [ "$status" = 0 ] || fail "$output"
  [ -z "$(find out -path '*solution*' -o -name '*.patch' -o -name other.c)" ]
  [ -f out/01-pipes/lab/capture.c ]
  [ ! -e out/02-fifos ]
  grep -qF 'Of the chapters, these are here: 01-pipes.' out/README.md
  # No target is listed that only authors can use
  run -0 make -s -C out help
  [[ $output == *'lab-NN '* && $output != *'plant '* ]] || fail "$output"
  # What is linked to is here
  find out -name '*.md' | while read -r file; do
    sed -n 's/.*](\([^)#: ]*[/.][^)#: ]*\)[#)].*/\1/p' "$file" |
      (cd "${file%/*}" && xargs -r ls -d >/dev/null) || fail "$file"
  done
  grep -qF '[01-pipes](01-pipes/README.md)' out/README.md
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" \
    ONLY=first make -C out lab-01 TASK=capture
  [[ $status = 0 && $output == *'total: 0 of '* ]] || fail "$output"
  # LAB and CHAPTERS may come from the environment as well
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" TMPDIR="$PWD" \
    LAB="$ROOT/01-pipes/lab/solution" ONLY=first make -C out lab-01 TASK=capture
  [[ $output == *'total: '[1-9]* ]] || fail "$output"
  handout CHAPTERS=01 OUT="$PWD/out"
  [[ $status = 2 && $output == *"OUT: $PWD/out exists"* ]] || fail "$output"
  handout CHAPTERS=77 OUT="$PWD/none"
  [[ $status = 2 && $output == *'there is no chapter 77'* ]] || fail "$output"
  CHAPTERS=01 OUT=$PWD/packed.tar.gz handout
  [ "$status" = 0 ] || fail "$output"
  tar -tzf packed.tar.gz >packed
  grep -qx packed/01-pipes/lab/capture.c packed
  [ "$(grep -c '^packed/0[2-8]' packed)" = 0 ]
}
# bats test_tags=slow
@test "the tests of a hand-out pass, though it lacks chapters" {
  needs_namespaces
  handout CHAPTERS=02 OUT="$PWD/out"
  run env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" HOME="$PWD" \
    NAMESPACES="${NAMESPACES:-yes}" make -s -C out check
  [ "$status" = 0 ] || fail "$output"
}
@test "an autograder has what Gradescope runs, and no solution" {
  CHAPTERS=01 OUT=$PWD/auto.zip run -0 "$ROOT/tests/tools/autograder"
  perl -MIO::Uncompress::Unzip -e 'my $z = IO::Uncompress::Unzip->new("auto.zip");
    my %has; do { $has{$z->getHeaderInfo->{Name}} = 1 } while $z->nextStream > 0;
    for (qw(setup.sh run_autograder collection/tests/tools/grade)) {
      die "no $_" if !$has{$_} } die "solution" if grep { /solution/ } keys %has'
  CHAPTERS='01 02' OUT=$PWD/no.zip run -2 "$ROOT/tests/tools/autograder"
  CHAPTERS=01 TASK=none OUT=$PWD/no.zip run -2 "$ROOT/tests/tools/autograder"
}
