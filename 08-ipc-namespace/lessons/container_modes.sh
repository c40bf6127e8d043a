#!/bin/bash
# SPDX-License-Identifier: MIT
#
# container_modes.sh - the IPC modes of container engines, rebuilt
#
# Shows:  private, shareable, container:ID and host, as in `podman run --ipc`,
#         are an IPC namespace and a mount on /dev/shm, each shared or not
# Build:  nothing
# Run:    ./container_modes.sh [unshare | podman | bwrap]
# Prints: what each container sees: its namespace, the sizes of the System V
#         segments, the files of /dev/shm. Without operand all three engines
# Exit:   0 as claimed; 1 otherwise; 2 usage; 77 this machine forbids it
# See:    unshare(1), nsenter(1), mount(8), podman-run(1), bwrap(1);
#         ../tools/isolation_matrix.c
set -euo pipefail
export LC_ALL=C # what unshare(1) says is read below

forbidden() {
  echo "container_modes.sh: $*" >&2
  exit 77
}
# remedy MESSAGE: what helps where unshare(1) failed with MESSAGE
remedy() {
  if [[ $1 == *'No space left on device'* ]]; then
    echo 'as root: echo 15000 | tee /proc/sys/user/max_*_namespaces'
  else
    echo 'needs root, no chroot, in a container --privileged'
  fi
}

# What a container sees, in a line. Ids start with 0 in each namespace: the size
# of a segment shows which one it is. podman adds files of its own: skip those
look='echo $(readlink /proc/self/ns/ipc) segments $(ipcs -m |
  awk "/^0x/ { print \$5 }") files $(ls /dev/shm | awk "/^of-/")'

# show NAME EXPECTED COMMAND...: EXPECTED has the namespace by name
show() {
  local name=$1 expected=$2 seen
  seen=$("${@:3}")
  seen=${seen/"$host_ns"/the host\'s} seen=${seen/"${a_ns:-none}"/a\'s}
  seen=${seen/ipc:\[*\]/its own}
  printf '  %-13s %s\n' "$name" "$seen"
  [ "$seen" = "$expected" ] ||
    { echo "container_modes.sh: $name: expected: $expected" >&2 && exit 1; }
}
# refused NAME COMMAND...
refused() {
  local said
  if said=$("${@:2}" 2>&1); then
    echo "container_modes.sh: $1: not refused" >&2 && exit 1
  fi
  printf '  %-13s refused: %s\n' "$1" "${said##*: }"
}

# skipped ENGINE WHY: print a line; if only this engine was asked for, an error
skipped() {
  if [ "$alone" = yes ]; then
    echo "$1: skipped: $2" >&2
  else
    echo "$1: skipped: $2"
  fi
}

# --- With unshare and nsenter. Containers share only mounts that are bound

# A container that has its /dev/shm mounted in its own mount namespace alone
private() {
  unshare --ipc --mount sh -c "mount -t tmpfs shm /dev/shm && $1"
}
host() {
  unshare --mount sh -c "$1"
}
# One whose /dev/shm is mounted where the engine finds it, to bind it again
shareable() {
  local name=$1
  mkdir "$run/$name"
  mount -t tmpfs shm "$run/$name"
  coproc CONTAINER { exec unshare --ipc --mount sh -c "
    mount --bind $run/$name /dev/shm && ipcmk -M 2002 && : >/dev/shm/of-$name &&
    echo ready && exec cat" 2>&1; }
  echo "$CONTAINER_PID" >"$run/$name.pid"
  local line=''
  while [ "$line" != ready ]; do
    read -r line <&"${CONTAINER[0]}" || { echo "$line" >&2 && exit 1; }
  done
}
# container ID COMMAND: in the namespace of ID, with the /dev/shm of ID
container() {
  [ -d "$run/$1" ] || { echo "container $1: not shareable" >&2 && return 1; }
  nsenter --ipc --target "$(<"$run/$1.pid")" unshare --mount sh -c \
    "mount --bind $run/$1 /dev/shm && $2"
}

# may_unshare: a limit may allow the host a namespace, but no container
may_unshare() {
  local said
  said=$(unshare --ipc --mount true 2>&1) ||
    forbidden "$said: $(remedy "$said")"
}

by_unshare() {
  may_unshare
  shareable a
  may_unshare # while a has its own
  echo 'unshare and nsenter:'
  a_ns=$(readlink "/proc/$(<"$run/a.pid")/ns/ipc")
  show host "the host's segments 1001 files of-host" host "$look"
  show private 'its own segments files' private "$look"
  # --root: without it nsenter leaves a chroot, and sees the /dev/shm outside
  show 'shareable a' "a's segments 2002 files of-a" \
    nsenter --ipc --mount --root --target "$(<"$run/a.pid")" sh -c "$look"
  show container:a "a's segments 2002 files of-a" container a "$look"
  # The namespace alone carries no POSIX memory
  show 'a, ipc only' "a's segments 2002 files of-host" \
    nsenter --ipc --target "$(<"$run/a.pid")" sh -c "$look"
  refused container:b container b "$look"
  show 'host again' "the host's segments 1001 files of-host" host "$look"
}

# --- With podman, and a root folder in place of an image

# The programs that look needs, and their libraries
make_root() {
  local program path
  mkdir -p "$run"/root/{bin,dev,etc,proc,run,sys,tmp,usr/bin}
  for program in sh ipcmk ipcs awk ls readlink tail; do
    path=$(readlink -f "$(command -v "$program")")
    cp "$path" "$run/root/bin/$program"
    ldd "$path" | grep -o '/[^ ]*'
  done | sort -u | xargs cp -L --parents -t "$run/root"
}
podman_run() {
  podman --root "$run/storage" --runroot "$run/runroot" --log-level=error \
    --cgroup-manager=cgroupfs --events-backend=none "$@"
}
pod() { # pod MODE [OPTION...] -- COMMAND
  local mode=$1 options=()
  shift
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  podman_run run --ipc="$mode" --network=none --cgroups=disabled \
    --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --env PATH=/bin \
    "${options[@]}" --rootfs "$run/root" /bin/sh -c "$2"
}
in_pod() { # in_pod NAME COMMAND
  podman_run exec --env PATH=/bin "$1" /bin/sh -c "$2"
}

by_podman() {
  local said forever='exec tail -f /dev/null'
  a_ns=''
  command -v podman >/dev/null ||
    { skipped podman 'it is missing: install podman' && return 77; }
  grep -q ' 4294967295$' /proc/self/uid_map ||
    { skipped podman "run it as the machine's root" && return 77; }
  make_root
  if ! said=$(pod host --rm -- true 2>&1); then
    skipped podman "it runs nothing here: ${said##*rror: }"
    return 77
  fi
  echo "podman $(podman_run version --format '{{.Client.Version}}'):"
  pod shareable --detach --name a -- "$forever" >/dev/null
  pod private --detach --name b -- "$forever" >/dev/null
  in_pod a 'ipcmk -M 2002 && : >/dev/shm/of-a' >/dev/null
  a_ns=$(in_pod a 'readlink /proc/self/ns/ipc')
  show host "the host's segments 1001 files of-host" pod host --rm -- "$look"
  show private 'its own segments files' in_pod b "$look"
  show 'shareable a' "a's segments 2002 files of-a" in_pod a "$look"
  show container:a "a's segments 2002 files of-a" \
    pod container:a --rm -- "$look"
  refused container:b pod container:b --rm -- "$look"
  podman_run rm --force --time 0 a b >/dev/null
}

# --- With bubblewrap, which has two of the modes

by_bwrap() {
  local said
  a_ns=''
  command -v bwrap >/dev/null ||
    { skipped bwrap 'it is missing: install bubblewrap' && return 77; }
  said=$(bwrap --bind / / true 2>&1) ||
    { skipped bwrap "it runs nothing here: $said" && return 77; }
  echo "$(bwrap --version):"
  show host "the host's segments 1001 files of-host" \
    bwrap --dev-bind / / sh -c "$look"
  show private 'its own segments files' \
    bwrap --bind / / --dev /dev --unshare-ipc sh -c "$look"
  # A namespace with the host's /dev/shm is half of a mode
  show 'ipc only' 'its own segments files of-host' \
    bwrap --dev-bind / / --unshare-ipc sh -c "$look"
}

# The host of this play. All that is in its namespaces ends with it. No other
# process sees its mounts
play() {
  [ -d /mnt ] || forbidden 'no /mnt: as root: mkdir /mnt'
  run=/mnt host_ns=$(readlink /proc/self/ns/ipc)
  if ! { mount --make-rprivate / && mount -t proc proc /proc &&
    mount -t tmpfs run "$run" && mount -t tmpfs shm /dev/shm; }; then
    forbidden 'no mounts in this chroot or container: run it outside'
  fi
  ipcmk -M 1001 >/dev/null
  : >/dev/shm/of-host
  local engine status=0 alone=no
  [ $# -gt 1 ] || alone=yes
  for engine; do
    "by_$engine" || status=$?
    [ $status = 0 ] || [ $status = 77 ] || exit $status
  done
  # With an operand only this engine was asked for
  [ $alone = no ] || exit $status
}

if [ -n "${CONTAINER_MODES_HOST-}" ]; then play "$@" && exit; fi
case "$*" in
'') set -- unshare podman bwrap ;;
unshare | podman | bwrap) ;;
*) echo 'usage: container_modes.sh [unshare | podman | bwrap]' >&2 && exit 2 ;;
esac

isolate=(unshare --ipc --mount --pid --fork --kill-child)
"${isolate[@]}" true 2>/dev/null ||
  isolate=(unshare --user --map-root-user "${isolate[@]:1}")
said=$("${isolate[@]}" true 2>&1) || forbidden "$said: $(remedy "$said")"

# Run this file again, in the new namespaces
CONTAINER_MODES_HOST=1 "${isolate[@]}" "$BASH" "$0" "$@" &
host=$!
# A signal ends the host, then this shell. bash does not trap an ignored signal
end_by() {
  kill -KILL $host
  trap - "$1"
  kill -s "$1" $$
}
for signal in HUP INT QUIT PIPE ALRM TERM USR1 USR2; do
  # shellcheck disable=SC2064 # each trap has the name of its signal
  trap "end_by $signal" $signal
done
wait $host
