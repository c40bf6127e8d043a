#!/bin/sh
# setup.sh [dev] - install what the collection needs, without asking, as root or
# by sudo; dev adds what its authors and CI need besides. It does nothing where
# all is there. This table is the one list of packages: everything else calls it.
# setup.sh --list [dev] prints the commands, and the package of each here;
# setup.sh --check-bats fails, with the remedy, where bats is too old.
set -eu

# For whom, the command that tells whether it is there, its package by manager;
# a comma joins packages, - is none of its own
packages() {
  cat <<'TABLE'
base cc         gcc,libc6-dev  gcc,glibc-devel   gcc         gcc,musl-dev,linux-headers gcc,glibc-devel
base make       make           make              make        make            make
base bash       bash           bash              bash        bash            bash
base bats       bats           bats              bash-bats   bats            bats
base prove      perl           perl-Test-Harness perl        perl-utils      perl
base cmp        diffutils      diffutils         diffutils   diffutils       diffutils
base find       findutils      findutils         findutils   findutils       findutils
base grep       grep           grep              grep        grep            grep
base unshare    util-linux     util-linux        util-linux  util-linux-misc util-linux
base setpriv    util-linux     util-linux        util-linux  setpriv         util-linux
base ipcmk      util-linux     util-linux        util-linux  util-linux-misc util-linux
base /bin/kill  procps         util-linux        util-linux  procps          util-linux
base timeout    coreutils      coreutils         coreutils   coreutils       coreutils
base ip         iproute2       iproute           iproute2    iproute2        iproute2
base socat      socat          socat             socat       socat           socat
base nc         netcat-openbsd netcat            openbsd-netcat netcat-openbsd netcat-openbsd
base valgrind   valgrind       valgrind          valgrind    valgrind        valgrind
base lcov       lcov           lcov              lcov        lcov            lcov
dev  git        git            git               git         git             git
dev  strace     strace         strace            strace      strace          strace
dev  shellcheck shellcheck     ShellCheck        shellcheck  shellcheck      ShellCheck
dev  clang      clang          clang             clang       clang           clang
dev  clang-format clang-format clang-tools-extra clang       clang-extra-tools clang-tools
dev  musl-gcc   musl-tools     musl-gcc          musl        -               -
dev  mmdebstrap mmdebstrap,debian-archive-keyring mmdebstrap,debian-keyring - - -
m32  cc-m32     gcc-multilib   glibc-devel.i686,libgcc.i686 - -              gcc-32bit,glibc-devel-32bit
TABLE
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

manager='' column=''
for pair in apt-get:3 dnf:4 pacman:5 apk:6 zypper:7; do
  if command -v "${pair%:*}" >/dev/null 2>&1; then
    manager=${pair%:*} column=${pair#*:}
    break
  fi
done
[ -n "$manager" ] || [ $list = yes ] ||
  die 'no apt-get, dnf, pacman, apk or zypper: install by hand what' \
    './setup.sh --list prints'

if [ $list = yes ]; then
  packages | awk -v want="^($want)\$" -v col="${column:-3}" \
    '$1 ~ want { print $2, $col }'
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
for entry in $(packages | awk -v want="^($want)\$" -v col="$column" \
  '$1 ~ want { print $2 ":" $col }'); do
  have "${entry%%:*}" || [ "${entry#*:}" = - ] ||
    missing="$missing $(echo "${entry#*:}" | tr , ' ')"
done
# A compiler without the C library's headers is not one
if command -v cc >/dev/null 2>&1 &&
  ! echo '#include <stdio.h>' | cc -E -x c - >/dev/null 2>&1; then
  missing="$missing $(packages |
    awk -v col="$column" '$2 == "cc" { print $col }' | tr , ' ')"
fi
makes_32_bits || missing="$missing $(packages |
  awk -v col="$column" '$1 == "m32" && $col != "-" { print $col }' | tr , ' ')"
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
