#!/usr/bin/env bash
# Installs what the tests compare with and run in: dtc, QEMU, binutils, a C compiler, make, the filesystem tools, browsers, debuggers,
# an editor.
# Does nothing where they are there already.
set -euo pipefail
packages=(device-tree-compiler qemu-user-static qemu-system-arm binutils-aarch64-linux-gnu
  e2fsprogs dosfstools mtools fdisk u-boot-tools cpio cpp xz-utils zstd bzip2 lz4 shellcheck clang lld make chromium libxml2-utils
  firefox-esr gdb-multiarch lldb neovim lcov)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
