# shellcheck shell=bash
# What the cases share. A machine is the clean root below an overlay of its own, booted by
# systemd-nspawn; it is gone when the case ends. Sourced.
#
#   machine_start NAME                boots one; false, with the reason in MACHINE_PROBLEM
#   machine_without_systemd COMMAND   runs a shell's commands where no systemd is the first process
#   inside COMMAND                    runs a line of shell in it, as root
#   offer NAME DEB...                 makes packages known to its apt, as the repository NAME
#   withdraw NAME                     and unknown again
#   installed PACKAGE                 the version that is installed; empty when it is not
#   refused SENTENCE COMMAND          the command must fail in the machine, and say the sentence
#   fail SENTENCE                     ends the case
#   result SENTENCE                   a line for the summary
set -euo pipefail

work=${QUOTED_TEST_WORK:?} packages=${QUOTED_TEST_PACKAGES:?} source=${QUOTED_TEST_SOURCE:?}
old=$packages/old new=$packages/new
MACHINE='' MACHINE_PROBLEM='' LEADER='' NSPAWN=''

fail() { echo "FAILED: $1" >&2; exit 1; }
result() { echo "result: $1"; }

machine_mount() {
  MACHINE=$(mktemp -d "$work/machine.XXXXXX")
  mkdir "$MACHINE/upper" "$MACHINE/overlay" "$MACHINE/root"
  trap machine_stop EXIT
  if ! mount -t overlay overlay -o "lowerdir=$work/root,upperdir=$MACHINE/upper,workdir=$MACHINE/overlay" \
    "$MACHINE/root" 2>"$MACHINE/console"; then
    MACHINE_PROBLEM=$(tail -n 1 "$MACHINE/console")
    return 1
  fi
}

machine_without_systemd() {
  systemd-nspawn --quiet --register=no --keep-unit --private-network --as-pid2 --pipe \
    --machine=quoted-plain --setenv=DEBIAN_FRONTEND=noninteractive --setenv=LC_ALL=C --chdir=/root \
    --directory="$MACHINE/root" bash -euxc "$1" </dev/null
}

machine_start() {
  machine_mount || return 1
  systemd-nspawn --quiet --register=no --keep-unit --private-network --boot \
    --machine="quoted-$1" --directory="$MACHINE/root" </dev/null >"$MACHINE/console" 2>&1 &
  NSPAWN=$!
  local state=''
  for _ in $(seq 1 300); do
    kill -0 "$NSPAWN" 2>/dev/null || break
    LEADER=$(pgrep -P "$NSPAWN" | head -n 1 || true)
    if [ -n "$LEADER" ]; then
      state=$(inside 'systemctl is-system-running' 2>/dev/null || true)
      case "$state" in running | degraded) return 0 ;; esac
    fi
    sleep 0.2
  done
  MACHINE_PROBLEM="$(tail -n 1 "$MACHINE/console" | tr -d '\r') (state '$state')"
  return 1
}

machine_stop() {
  [ -n "$MACHINE" ] || return 0
  [ -z "$LEADER" ] || kill -KILL "$LEADER" 2>/dev/null || true
  [ -z "$NSPAWN" ] || wait "$NSPAWN" 2>/dev/null || true
  ! mountpoint -q "$MACHINE/root" || umount -l "$MACHINE/root"
  rm -rf "$MACHINE"
  MACHINE='' LEADER='' NSPAWN=''
}

inside() {
  nsenter --target "$LEADER" --mount --uts --ipc --net --pid -- \
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
    DEBIAN_FRONTEND=noninteractive bash -c "cd /root && $1" </dev/null
}

offer() {
  local repository=$MACHINE/root/srv/$1
  shift
  mkdir -p "$repository"
  cp "$@" "$repository"
  (cd "$repository" && apt-ftparchive packages . >Packages)
  echo "deb [trusted=yes] file:${repository#"$MACHINE/root"} ./" \
    >"$MACHINE/root/etc/apt/sources.list.d/$(basename "$repository").list"
  inside 'apt-get -qq update'
}

withdraw() {
  rm -rf "$MACHINE/root/srv/$1" "$MACHINE/root/etc/apt/sources.list.d/$1.list"
  inside 'apt-get -qq update'
}

installed() {
  # The line of shell is the machine's.
  # shellcheck disable=SC2016
  inside "dpkg-query -W -f '\${db:Status-Status} \${Version}' $1 2>/dev/null" |
    sed -n 's/^installed //p' || true
}

refused() {
  local output
  if output=$(inside "$2" 2>&1); then fail "succeeded, and should not have: $2"; fi
  grep -qF -- "$1" <<<"$output" || { echo "$output"; fail "'$2' does not say: $1"; }
  echo "refused as it should: $(grep -F -m 1 -- "$1" <<<"$output")"
}

# every_package DIR: the names of the packages in it, without those with debug information
every_package() {
  local deb name
  for deb in "$1"/*.deb; do
    name=$(dpkg-deb --field "$deb" Package)
    case "$name" in *-dbgsym) ;; *) printf '%s ' "$name" ;; esac
  done
}

# serve: chooses the simulated platform, as docs/packages.md tells, and waits for the socket
serve() {
  inside 'echo QUOTED_PLATFORM=simulated >>/etc/default/quoted &&
    systemctl enable --quiet --now quoted.service'
  await_service
}

# runs: whether a process of the daemon is there; the machines have no procps
runs() { inside 'grep -qsx quoted /proc/[0-9]*/comm'; }

# property NAME: of quoted.service
property() { inside "systemctl show --value --property $1 quoted.service"; }

await_service() {
  inside 'for i in $(seq 1 100); do quotectl status >/dev/null 2>&1 && exit 0; sleep 0.1; done
    systemctl --no-pager --full status quoted.service; exit 1' || fail "quoted does not serve"
}

# quote NAME: a report and its quote, in /root/NAME.report and /root/NAME.quote, verified
quote() {
  inside "quotectl report --cpu own --report-data 68656c6c6f --out $1.report &&
    quotectl quote $1.report --out $1.quote"
  verify "$1"
}

# verify NAME: as the simulated manufacturer says today
verify() {
  inside "rm -rf collateral && quotectl sim collateral --state-dir /var/lib/quoted --out collateral &&
    quotectl verify $1.quote --root collateral/root.pem --collateral collateral" ||
    fail "$1.quote is not verified"
}

# fake_package DIR NAME VERSION PATH [FIELD...]: a package that has one file, with its own name in it
fake_package() {
  local dir=$1 name=$2 version=$3 path=$4 tree
  shift 4
  tree=$(mktemp -d "$MACHINE/fake.XXXXXX")
  mkdir -p "$dir" "$tree/DEBIAN" "$tree/$(dirname "$path")"
  echo "$name $version" >"$tree/$path"
  { printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nDescription: made for a test\n' "$name" "$version"
    printf 'Maintainer: quoted maintainers <maintainers@quoted.dev>\n'
    [ $# -eq 0 ] || printf '%s\n' "$@"
  } >"$tree/DEBIAN/control"
  dpkg-deb --root-owner-group --build "$tree" "$dir/${name}_${version}_amd64.deb" >/dev/null
}
