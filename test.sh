#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the whole test suite. --sanitize: the same with AddressSanitizer and
# UndefinedBehaviorSanitizer, in a build tree of its own. Other arguments go to CTest.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=build
options=()
if [ "${1:-}" = --sanitize ]; then
    shift
    tree=build-sanitize
    options=(-DAQPIM_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo)
    # SystemC's kernel keeps what it elaborates until the process ends, and runs threads on stacks of its own.
    export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0
fi
"$here/cmake/setup.sh" "$tree" test "${options[@]}"
exec ctest --test-dir "$here/$tree" --output-on-failure -j "$(nproc)" "$@"
