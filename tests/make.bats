# make.bats - make at the command line: its targets, and what git ignores
load helper

MAN='README.md'

@test "a wrong target is told with those near it, and nothing is built" {
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
07 07-signals check-07 demo-07
END
  run -2 make -C "$ROOT" BUILD="$PWD/out" "it's"
  [[ $output == *"no target it's; make help lists them all."* ]]
  [ ! -e out ]
}
@test "git ignores what a reader's cc leaves beside the sources" {
  requires 'git: ./setup.sh dev' command -v git
  mkdir -p clone/02-fifos
  cd clone
  cp "$ROOT/.gitignore" .
  cp "$ROOT"/02-fifos/* 02-fifos/
  git init -q .
  git add .
  touch kept
  cd 02-fifos
  cc fifo_producer.c
  cc fifo_producer.c -o fifo_producer
  cc -c fifo_producer.c
  cc -S fifo_producer.c
  cc -g --coverage fifo_producer.c -o covered && ./covered --help
  touch core core.17 vgcore.17 copy
  make -s fifo_consumer
  status=$(git status --porcelain --untracked-files=all ..)
  cd ../..
  [ "$(grep -v '^A ' <<<"$status")" = '?? kept' ] || fail "$status"
}
