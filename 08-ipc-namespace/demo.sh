#!/bin/sh
# demo.sh [FILE] - run chapter 08: what an IPC namespace hides,
# first by commands, then in C, where a queue in a namespace carries FILE
. "$(dirname "$0")/demo_kit.sh"

# The script removes its objects, however it ends. The id is the last word that
# ipcmk prints. Signals are ignored until the id is known
queue='' memory='' semaphores='' signals='HUP INT TERM'
for name in QUIT:131 USR1:138 USR2:140 PIPE:141 ALRM:142; do
  signals="$signals ${name%:*}"
  # shellcheck disable=SC2064 # each trap has the status of its signal
  trap "exit ${name#*:}" "${name%:*}"
done
make_object() {
  show "ipcmk $2"
  eval "$1=\$(trap '' $signals; exec ipcmk $2)" || failed "ipcmk $2"
  eval "printf '%s\n' \"\$$1\""
}
remove_objects() {
  [ -z "$queue" ] || ipcrm -q "${queue##* }"
  [ -z "$memory" ] || ipcrm -m "${memory##* }"
  [ -z "$semaphores" ] || ipcrm -s "${semaphores##* }"
}
trap 'remove_objects; clean_up' EXIT

# Show and run the lines of $typed in a shell started by COMMAND, if any
look() {
  [ $# = 0 ] || show "$* sh"
  export indent="${1:+  }"
  # shellcheck disable=SC2016 # for the shell in there
  printf '%s\n' "$typed" | "${@:-env}" sh -c 'while IFS= read -r command; do
    printf "%s$ %s\n" "$indent" "$command"
    eval "$command" </dev/null | sed "s/^/$indent/; s/ *\$//"
  done' >seen
  cat seen
  [ $# = 0 ] || echo '  $ exit'
}
# look_apart OPTION...: the same in a shell that unshare starts, or its error
look_apart() {
  if unshare "$@" true 2>said; then
    look unshare "$@"
  else
    show "unshare $* sh"
    cat said
    return 1
  fi
}
# What the shell has printed
inode() { sed -n 's/^ *\(ipc:.*\)/\1/p' seen; }
objects() { grep -c '^ *0x' seen; }
elsewhere() { [ -n "$(inode)" ] && [ "$(inode)" != "$home" ]; }

# check TEXT COMMAND...: the demo fails if COMMAND fails
check() {
  text=$1
  shift
  "$@" || failed "not so: $text"
  say "Checked: $text"
}

say 'A namespace has an inode. In this one, make an object of each kind'
typed='readlink /proc/self/ns/ipc'
look
home=$(inode)
check 'there is an inode' [ -n "$home" ]
make_object queue -Q
make_object memory '-M 1024'
make_object semaphores '-S 10'

say 'ipcs lists them; awk leaves out what is not ours'
ours="readlink /proc/self/ns/ipc
ipcs -q | awk '\$2 == ${queue##* }'
ipcs -m | awk '\$2 == ${memory##* }'
ipcs -s | awk '\$2 == ${semaphores##* }'"
typed=$ours
look
check 'all three are there' [ "$(objects)" = 3 ]

say 'The control: a child process alone makes no namespace'
if look_apart --fork; then
  check 'the same inode' [ "$(inode)" = "$home" ]
  check 'all three are visible' [ "$(objects)" = 3 ]
fi

say 'With --ipc the shell is in a new namespace, which is empty'
# unshare needs a privilege. Every user has it in a new user namespace
user='--user --map-root-user'
if unshare --ipc true 2>said; then user=''; fi
typed='readlink /proc/self/ns/ipc
ipcs'
# shellcheck disable=SC2086 # the words of user
if look_apart $user --fork --ipc; then
  check 'another inode' elsewhere
  check 'nothing is visible' [ "$(objects)" = 0 ]
fi

say 'Back home nothing has changed'
typed=$ours
look
check 'the same inode' [ "$(inode)" = "$home" ]
check 'all three are there' [ "$(objects)" = 3 ]

say 'ipcrm removes them'
run "ipcrm -q ${queue##* }" && queue=''
run "ipcrm -m ${memory##* }" && memory=''
run "ipcrm -s ${semaphores##* }" && semaphores=''
look
check 'all three are gone' [ "$(objects)" = 0 ]

say 'In C: the producer makes a namespace, and a queue in it'
start_listener './ns_producer <$file'
case $line in
*'ready: pid '*) pid=${line##* } ;;
*)
  wait "$peer"
  peer=''
  cannot ns "${line#*: }"
  exit 0
  ;;
esac
typed="readlink /proc/$pid/ns/ipc
nsenter --target $pid ${user:+--user --preserve-credentials }--ipc ipcs -q"
look
check 'another inode' elsewhere
check 'the queue is there' [ "$(objects)" = 1 ]

say 'Outside this namespace there is no such queue'
run 'ipcs -q | grep 0x6e730001 || echo none'
run "./ns_consumer $pid >copy"
finish
same ns

say 'It ends with the last process in it: a killed producer leaves nothing'
start_listener './ns_producer <$file'
pid=${line##* }
killed
run "nsenter --target $pid --ipc ipcs -q || echo nobody is in there"
