"""A run with somebody at the UART: reads what firmware prints, and types."""

import os
import re
import select
import subprocess
import time

from runs import BINARY

PATIENCE = 180  # seconds of wall time until something has to have been printed


class Console:
    """`aqpim-vp run` with the UART on standard input and output."""

    def __init__(self, test, *arguments):
        self.test = test
        self.text = ""
        self.seen = 0
        self.process = subprocess.Popen([BINARY, "run", *map(str, arguments), "--uart-input", "stdin", "--progress", "off"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                        cwd=test.folder)
        test.addCleanup(self.close)

    def expect(self, pattern):
        """Reads on until `pattern` (a regular expression) has been printed; returns what came up to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.compile(pattern, re.MULTILINE).search(self.text, self.seen)
            if found:
                text = self.text[self.seen:found.end()]
                self.seen = found.end()
                return text
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 65536).decode(errors="replace") if ready else ""
            if not more:
                self.test.fail(f"'{pattern}' was not printed, but:\n{self.text[self.seen:]}\n{self.errors()}")
            self.text += more.replace("\r", "")

    def type(self, text):
        self.process.stdin.write(text.encode())

    def end(self):
        """Waits for the end of the run; returns its status."""
        self.expect(r"\nresults ")
        return self.process.wait(PATIENCE)

    def errors(self):
        self.process.kill()
        return self.process.stderr.read().decode(errors="replace")

    def close(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


class UBoot(Console):
    """U-Boot at its prompt."""

    PROMPT = r"^=> \Z"

    def __init__(self, test, *arguments):
        super().__init__(test, *arguments)
        self.boot_text = self.stop_autoboot()

    def stop_autoboot(self):
        text = self.expect("Hit any key to stop autoboot: ")
        self.type(" ")
        return text + self.expect(self.PROMPT)

    def command(self, line):
        """Types a command; returns what it prints."""
        self.type(line + "\n")
        self.expect(re.escape(line) + "\n")
        return self.expect(self.PROMPT)
