"""A disk that fills up in the middle of a sweep."""

import os
import pathlib
import subprocess
import sys
import unittest

from runs import BINARY
from sweeps import LONG, SweepTest

DISK_BYTES = 32 << 20
# A mount of the test's own, which goes with its processes: as root, or as the root of a user namespace.
UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
MOUNT = f'mount -t tmpfs -o size={DISK_BYTES} none "$0" && exec "$@"'


def can_mount():
    try:
        return subprocess.run([*UNSHARE, "sh", "-c", MOUNT, "/mnt", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class FullDisk(SweepTest):
    @unittest.skipUnless(can_mount(), "a disk of a few bytes cannot be mounted here")
    def test_fills_in_the_middle_and_after_space_is_made_the_same_command_completes(self):
        """The test goes on in a process that sees a disk of its own in `disk`."""
        disk = self.folder / "disk"
        disk.mkdir()
        config = self.config(LONG)
        process = subprocess.run([*UNSHARE, "sh", "-c", MOUNT, disk, sys.executable, "-B", __file__, disk, config],
                                 capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)


def fill(file):
    """As far as it goes."""
    try:
        with open(file, "wb", buffering=0) as stream:
            while stream.write(bytes(4096)):
                pass
    except OSError:
        pass


def sweep(config, out, *arguments):
    return subprocess.run([BINARY, "sweep", config, "--axis", "pcie.lanes=1,2,4,8,16", "--jobs", "1", "--quiet", "--out", out,
                           *arguments], capture_output=True, text=True, timeout=200, check=False)


def outcomes(out):
    return {file.parent.name: file.stat().st_mtime_ns for file in (out / "points").glob("*/outcome.json")
            if '"done"' in file.read_text()}


def on_small_disk(disk, config):
    out = disk / "out"
    process = subprocess.Popen([BINARY, "sweep", config, "--axis", "pcie.lanes=1,2,4,8,16", "--jobs", "1", "--quiet",
                                "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (out / "points").exists() or not outcomes(out):
        assert process.poll() is None, process.communicate()
    fill(disk / "filling")
    error = process.communicate()[1]
    done = outcomes(out)
    assert 0 < len(done) < 5, done
    # Points that could not be written, or the results as a whole.
    assert process.returncode in (1, 3), (process.returncode, error)
    assert "No space left on device" in error or "disk is full" in error, error
    assert not [path for path in out.rglob("*") if "partial" in path.name]

    (disk / "filling").unlink()
    process = sweep(config, out)
    assert process.returncode == 0, process.stderr
    after = outcomes(out)
    assert len(after) == 5 and all(after[name] == done[name] for name in done), (done, after)
    assert sweep(config, disk.parent / "undisturbed").returncode == 0
    for name in ("sweep.csv", "sweep.json"):
        assert (out / name).read_bytes() == (disk.parent / "undisturbed" / name).read_bytes(), name


if __name__ == "__main__":
    on_small_disk(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
