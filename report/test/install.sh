#!/bin/sh
# usage: install.sh TREE
# Installs what the pages' tests need in TREE/node_modules, never in the source tree; nothing where it is there.
set -eu
source_dir=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
if cmp -s "$source_dir/package-lock.json" "$1/installed-lock.json"; then
    exit 0
fi
cp "$source_dir/package.json" "$source_dir/package-lock.json" "$1/"
cd "$1"
if ! npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >install.log 2>&1; then
    cat install.log >&2
    echo "report: npm ci failed in $1: the pages' tests use packages of the npm registry (report/test/package.json);" \
        "the first run needs to reach it" >&2
    exit 1
fi
cp package-lock.json installed-lock.json
