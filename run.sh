#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the main job; arguments go to aqpim-vp instead of the default job.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/cmake/setup.sh" build run
if [ $# -eq 0 ]; then
    cd "$here"
    set -- run configs/aqpim.cfg
fi
exec "$here/build/aqpim-vp" "$@"
