"""A run that waits for a debugger, and the debuggers: gdb-multiarch, and bytes on the connection."""

import re
import shutil
import socket
import subprocess

from runs import BINARY

GDB = shutil.which("gdb-multiarch")
PATIENCE = 180  # seconds of wall time


class DebuggedRun:
    """`aqpim-vp run ... --gdb 0`, with its standard input open."""

    def __init__(self, test, *arguments):
        self.test = test
        self.process = subprocess.Popen([BINARY, "run", *map(str, arguments), "--set", "sim.check_protocol=true", "--quiet", "--gdb", "0"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        cwd=test.folder)
        test.addCleanup(self.close)
        line = self.process.stderr.readline()
        found = re.fullmatch(r"aqpim-vp: waiting for a debugger on 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            test.fail(line + self.process.stderr.read())
        self.port = int(found[1])

    def gdb(self, symbols, *commands):
        """What GDB prints upon the commands, each after a line `> command`. It then leaves."""
        arguments = [GDB, "-nx", "-q", "-batch"]
        # Packages' images without symbols are of another architecture to GDB until it is told.
        for command in ("set architecture riscv:rv64", f"file {symbols}", f"target remote 127.0.0.1:{self.port}", *commands):
            arguments += ["-ex", f"echo > {command}\\n", "-ex", command]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                              check=False)
        return done.stdout + done.stderr

    def connect(self):
        return Client(self.test, self.port)

    def end(self):
        """Waits for the end; returns the status and what was printed on stderr."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stderr.close()


class Client:
    """Sends and receives packets of the remote serial protocol, or any bytes."""

    def __init__(self, test, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")
        test.addCleanup(self.leave)

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, payload):
        self.send(b"$%b#%02x" % (payload.encode(), sum(payload.encode()) % 256))
        return self.reply()

    def reply(self):
        """The next packet's payload; empty if the connection is closed."""
        while True:
            byte = self.file.read(1)
            if byte == b"":
                return ""
            if byte == b"$":
                break
        payload = b""
        while not payload.endswith(b"#"):
            payload += self.file.read(1)
        self.file.read(2)
        self.send(b"+")
        return payload[:-1].decode()

    def go(self):
        """Lets all harts run, without waiting for one to stop."""
        self.send(b"$c#63")

    def leave(self):
        """Goes without a word."""
        self.file.close()
        self.socket.close()
