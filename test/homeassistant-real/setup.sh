#!/bin/sh
# Sets up the newest Home Assistant that PyPI gives for the Python of this machine, or, where that is too old, for the one of a
# Debian of its own, which debootstrap brings (that needs root). All of it is kept in the folder named by the argument.
set -eu
cache=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$cache/debian
mkdir -p "$cache"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 14, 2))' 2>/dev/null; }

python=
for name in python3.15 python3.14 python3; do
  if found=$(command -v $name) && new_enough "$found"; then python=$found && break; fi
done

if [ -z "$python" ] && [ ! -e "$root/.ready" ]; then
  command -v debootstrap >/dev/null || { echo "Home Assistant needs Python 3.14.2 or newer, or debootstrap to bring it." >&2; exit 2; }
  rm -rf "$root"
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates,tzdata,g++,libc6-dev,python3-dev,ffmpeg,libturbojpeg0 sid "$root"
  touch "$root/.ready"
fi

# What follows runs in that Debian, where the cache is at the same path, or right here.
if [ -z "$python" ]; then
  mkdir -p "$root$cache"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  run() { unshare --mount sh -c 'mount --bind "$1" "$2$1" && mount -t proc proc "$2/proc" && shift && exec chroot "$@"' - "$cache" "$root" "$@"; }
  python=/usr/bin/python3
else
  run() { "$@"; }
fi

venv=$cache/venv
[ -e "$venv/bin/python" ] || run "$python" -m venv "$venv"
cp "$here/requirements.py" "$cache/requirements.py"
run "$venv/bin/python" -m pip install --quiet uv
run "$venv/bin/uv" pip install --quiet --python "$venv" --no-deps --upgrade homeassistant
constraints=$(echo "$cache"/venv/lib/python3*/site-packages/homeassistant/package_constraints.txt)
# The manifests are read with Home Assistant in place, and they name what is missing then.
run "$venv/bin/uv" pip install --quiet --python "$venv" --constraint "$constraints" homeassistant
run "$venv/bin/python" "$cache/requirements.py" >"$cache/requirements.txt"
run "$venv/bin/uv" pip install --quiet --python "$venv" --constraint "$constraints" --requirement "$cache/requirements.txt"
run "$venv/bin/python" -c 'from homeassistant.const import __version__; print(__version__)' >"$cache/version"
