#!/bin/sh
# usage: install.sh TREE
# Installs what report/package-lock.json names in TREE/node_modules, never in the source tree.
set -eu
source_dir=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cp "$source_dir/package.json" "$source_dir/package-lock.json" "$1/"
cd "$1"
if ! npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >install.log 2>&1; then
    cat install.log >&2
    echo "report: npm ci failed in $1: the report's pages are built with packages of the npm registry" \
        "(report/package.json); the first build needs to reach it" >&2
    exit 1
fi
