#!/usr/bin/env bash
# usage: setup.sh TREE run|test [CMAKE_OPTION...]
# Installs the Debian packages that are missing, configures TREE if it is new, and builds it. Does next to nothing when
# all is there.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tree=$source_dir/$1
purpose=$2
shift 2

# verilator brings GTKWave's library of the FST format.
packages=(cmake ninja-build ccache g++ pkg-config libsystemc-dev libboost-program-options-dev
    libboost-filesystem-dev libfmt-dev
    nlohmann-json3-dev libkainjow-mustache-dev libfdt-dev verilator zlib1g-dev catch2 gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf)
# Node that came from elsewhere conflicts with Debian's npm.
if ! command -v npm >/dev/null; then
    packages+=(nodejs npm)
fi
if [ "$purpose" = test ]; then
    # gtkwave brings vcd2fst; the rest is other people's firmware, machine and debugger.
    packages+=(python3 python3-numpy chromium gtkwave opensbi u-boot-qemu qemu-system-misc qemu-user gdb-multiarch slurm-wlm)
fi

missing=()
for package in "${packages[@]}"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
        missing+=("$package")
    fi
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}" >&2
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -f "$tree/build.ninja" ]; then
    cmake -S "$source_dir" -B "$tree" -G Ninja "$@" >&2
fi
# Quiet but for errors: the job's own output follows.
ninja -C "$tree" --quiet >&2
