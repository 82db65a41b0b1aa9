"""A Slurm cluster of one node on this machine, of Debian's slurm-wlm: started for a test, and gone after it.

Everything it has is in one temporary directory; commands find it by SLURM_CONF. It needs no root, systemd, munge or
cgroups."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

CONFIGURATION = """
ClusterName=aqpim
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=5,bf_interval=5
ReturnToService=2
KillWait=2
MinJobAge={forget_after_s}
MaxArraySize={max_array_size}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class SlurmCluster:
    """A running cluster; a context manager. `environment` is what its commands need."""

    def __init__(self, cpus=2, max_array_size=1001, forget_after_s=300):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aqpim-slurm-"))
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        controller_port, node_port = free_ports(2)
        configuration = self.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], folder=self.folder, user=pwd.getpwuid(os.getuid()).pw_name,
            controller_port=controller_port, node_port=node_port, cpus=cpus, max_array_size=max_array_size,
            forget_after_s=forget_after_s))
        self.environment = {**os.environ, "SLURM_CONF": str(configuration)}
        self.daemons = []

    def __enter__(self):
        try:
            for program in ("slurmctld", "slurmd"):
                self.start(program)
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, program):
        """In the foreground of a session of its own, so that its process is the daemon."""
        with open(self.folder / f"{program}.out", "wb") as output:
            self.daemons.append(subprocess.Popen(
                [shutil.which(program, path="/usr/sbin:/usr/bin:/sbin"), "-D", "-f", self.environment["SLURM_CONF"]],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.environment, start_new_session=True))

    def command(self, *arguments, check=True):
        """What a Slurm command prints."""
        return subprocess.run([*map(str, arguments)], env=self.environment, capture_output=True, text=True, timeout=60,
                              check=check).stdout

    def wait_until_ready(self, limit_s=60):
        until = time.monotonic() + limit_s
        while "idle" not in self.command("sinfo", "-h", "-o", "%T", check=False):
            if time.monotonic() > until or any(daemon.poll() is not None for daemon in self.daemons):
                raise RuntimeError(f"Slurm does not start:\n{self.logs()}")
            time.sleep(0.2)

    def logs(self):
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("slurm*.log")))

    def stop(self):
        """Jobs first: what they run is not in the daemons' sessions."""
        if self.daemons:
            self.command("scancel", "--full", "-u", pwd.getpwuid(os.getuid()).pw_name, check=False)
            until = time.monotonic() + 20
            while self.command("squeue", "-h", check=False).strip() and time.monotonic() < until:
                time.sleep(0.2)
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in self.daemons:
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_ports(count):
    """Numbers of TCP ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
