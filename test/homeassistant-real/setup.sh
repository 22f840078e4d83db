#!/bin/sh
# Sets up the newest Home Assistant that PyPI gives for the Python of this machine, or, where that is too old, for the one of a
# Debian of its own, which debootstrap brings (that needs root). All of it is kept in the folder named by the first argument; what
# follows it is run there.
set -eu
cache=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$cache/debian
venv=$cache/venv
mkdir -p "$cache"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 14, 2))' 2>/dev/null; }

python=
for name in python3.15 python3.14 python3; do
  if found=$(command -v $name) && new_enough "$found"; then python=$found && break; fi
done

# In that Debian the cache is at the same path, so that all of this works with it and without.
inside() {
  if [ -n "$python" ]; then "$@"; else
    unshare --mount sh -c \
      'mount --bind "$1" "$2$1" && mount -t proc proc "$2/proc" && shift && exec chroot "$@"' - "$cache" "$root" "$@"
  fi
}

if [ $# -gt 0 ]; then
  if [ -n "$python" ]; then exec "$venv/bin/$@"; fi
  exec unshare --mount sh -c \
    'mount --bind "$1" "$2$1" && mount -t proc proc "$2/proc" && shift && exec chroot "$@"' - "$cache" "$root" "$venv/bin/$@"
fi

if [ -z "$python" ] && [ ! -e "$root/.ready" ]; then
  command -v debootstrap >/dev/null || {
    echo "Home Assistant needs Python 3.14.2 or newer. There is none here, and no debootstrap that could bring it." >&2
    exit 2
  }
  rm -rf "$root"
  debootstrap --variant=minbase --include=python3,python3-venv,python3-dev,g++,libc6-dev,ffmpeg,libturbojpeg0,tzdata sid "$root"
  touch "$root/.ready"
fi
if [ -z "$python" ]; then
  mkdir -p "$root$cache" "$root/etc/ssl/certs"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
fi

[ -e "$venv/bin/python" ] || inside "${python:-/usr/bin/python3}" -m venv "$venv"
cp "$here/requirements.py" "$cache/requirements.py"
pip() { inside "$venv/bin/uv" pip install --quiet --python "$venv" "$@"; }
inside "$venv/bin/python" -m pip install --quiet uv
pip --no-deps --upgrade homeassistant
constraints=$(echo "$cache"/venv/lib/python3*/site-packages/homeassistant/package_constraints.txt)
pip --constraint "$constraints" homeassistant
inside "$venv/bin/python" "$cache/requirements.py" >"$cache/requirements.txt"
pip --constraint "$constraints" --requirement "$cache/requirements.txt"
