#!/bin/sh
# setup.sh [dev] - install what the collection needs, without asking, as root or
# by sudo; dev adds what its authors and CI need besides. It does nothing where
# all is there. This table is the one list of packages, which all else calls.
# setup.sh --list [dev] prints the commands, and the package of each here;
# setup.sh --check-bats fails, with the remedy, where bats is too old.
set -eu

# For whom, the command that tells whether it is there, its package, and the
# managers by which the package has another name; a comma joins packages, - is
# none of its own
packages() {
  cat <<'TABLE'
base cc gcc,libc6-dev dnf=gcc,glibc-devel pacman=gcc zypper=gcc,glibc-devel
     apk=gcc,musl-dev,linux-headers
base make make
base bash bash
base bats bats pacman=bash-bats
base prove perl dnf=perl-Test-Harness apk=perl-utils
base cmp diffutils
base find findutils
base grep grep
base unshare util-linux apk=util-linux-misc
base setpriv util-linux apk=setpriv
base ipcmk util-linux apk=util-linux-misc
base /bin/kill procps dnf=util-linux pacman=util-linux zypper=util-linux
base timeout coreutils
base ip iproute2 dnf=iproute
base socat socat
base nc netcat-openbsd dnf=netcat pacman=openbsd-netcat
base valgrind valgrind
base lcov lcov
dev git git
base strace strace
dev gnuplot gnuplot-nox dnf=gnuplot-minimal pacman=gnuplot apk=gnuplot
     zypper=gnuplot
dev pv pv
dev patch patch
dev mbuffer mbuffer
dev xmllint libxml2-utils dnf=libxml2 pacman=libxml2 zypper=libxml2-tools
dev shellcheck shellcheck dnf=ShellCheck zypper=ShellCheck
dev clang clang
dev clang-format clang-format dnf=clang-tools-extra pacman=clang
     apk=clang-extra-tools zypper=clang-tools
dev musl-gcc musl-tools dnf=musl-gcc pacman=musl apk=- zypper=-
dev mmdebstrap mmdebstrap,debian-archive-keyring
     dnf=mmdebstrap,debian-keyring pacman=- apk=- zypper=-
m32 cc-m32 gcc-multilib dnf=glibc-devel.i686,libgcc.i686 pacman=- apk=-
     zypper=gcc-32bit,glibc-devel-32bit
TABLE
}
# list KINDS: of these, a regex, each command and its package here
list() {
  packages | awk -v want="^($1)\$" -v manager="${manager:-apt-get}=" '
    /^[^ ]/ && command { print command, package }
    /^[^ ]/ { command = $1 ~ want ? $2 : ""; package = $3 }
    { for (i = 1; i <= NF; i++)
        if (index($i, manager) == 1) package = substr($i, length(manager) + 1) }
    END { if (command) print command, package }'
}

die() {
  echo "setup.sh: $*" >&2
  exit 1
}

# The suite needs bats 1.8; Debian 11 and Ubuntu 22.04 have 1.2
check_bats() {
  version=$(bats --version) || return
  case ${version#Bats } in
  0.* | 1.[0-7] | 1.[0-7].*)
    cat >&2 <<END
setup.sh: $version is too old: the tests need bats 1.8 or newer. As root:
  apt-get install -y git ca-certificates
  git clone --depth 1 https://github.com/bats-core/bats-core /tmp/bats-core
  /tmp/bats-core/install.sh /usr/local
END
    return 1
    ;;
  esac
}

usage='usage: ./setup.sh [--list] [dev] | --check-bats'
list=no want=base
for word; do
  case $word in
  --list) list=yes ;;
  --check-bats)
    check_bats
    exit
    ;;
  dev) want='base|dev' ;;
  --help) echo "$usage" && exit ;;
  *) echo "$usage" >&2 && exit 2 ;;
  esac
done

manager=''
for tool in apt-get dnf pacman apk zypper; do
  if command -v $tool >/dev/null 2>&1; then
    manager=$tool
    break
  fi
done
[ -n "$manager" ] || [ $list = yes ] ||
  die 'no apt-get, dnf, pacman, apk or zypper: install by hand what' \
    './setup.sh --list prints'

if [ $list = yes ]; then
  list "$want"
  exit
fi

# have COMMAND: busybox, which Alpine begins with, has less under the same name
have() {
  command -v "$1" >/dev/null 2>&1 || return
  case $(readlink -f "$(command -v "$1")") in
  */busybox) return 1 ;;
  esac
}
# makes_32_bits: dev wants 32-bit programs, too, where the processor runs them
makes_32_bits() {
  [ "$want" != base ] && [ "$(uname -m)" = x86_64 ] || return 0
  program=$(mktemp) status=0
  cc -m32 -x c - -o "$program" 2>/dev/null <<'END' || status=1
int main(void) { return 0; }
END
  rm -f "$program"
  return "$status"
}

missing=''
for entry in $(list "$want" | tr ' ' :); do
  have "${entry%%:*}" || [ "${entry#*:}" = - ] ||
    missing="$missing $(echo "${entry#*:}" | tr , ' ')"
done
# A compiler without the C library's headers is not one
if command -v cc >/dev/null 2>&1 &&
  ! echo '#include <stdio.h>' | cc -E -x c - >/dev/null 2>&1; then
  missing="$missing $(list base | awk '$1 == "cc" { print $2 }' | tr , ' ')"
fi
makes_32_bits ||
  missing="$missing $(list m32 | awk '$2 != "-" { print $2 }' | tr , ' ')"
if [ -z "${missing# }" ]; then
  check_bats
  echo 'setup.sh: all is there, nothing done'
  exit
fi
missing=$(echo "$missing" | tr ' ' '\n' | sort -u | tr '\n' ' ')
missing=${missing% }

as_root=''
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 ||
    die "missing:$missing; run ./setup.sh as root, or install sudo"
  as_root=sudo
fi
echo "setup.sh: $manager installs:$missing"
# shellcheck disable=SC2086 # words, all of them
case $manager in
apt-get)
  $as_root apt-get update -qq
  # Without apt-utils debconf would warn that it asks later: it asks nothing
  $as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
  ;;
dnf) $as_root dnf install -y -q $missing ;;
pacman) $as_root pacman -Sy --needed --noconfirm $missing ;;
apk) $as_root apk add -q $missing ;;
zypper) $as_root zypper --non-interactive --quiet install $missing ;;
esac
check_bats
echo 'setup.sh: done'
