"""A Ray cluster of processes on this machine, which listen on loopback alone and want a token.

It is started by this file as a program, which ends it when its standard input does: so it ends
with the tests, however those end, and they need not import Ray.
"""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}


@contextmanager
def loopback_cluster(python_path: Path) -> Iterator[subprocess.Popen]:
    """A head and two worker nodes of one CPU each; the environment is such that it is found.

    `python_path` is where all processes find more packages.
    """
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        environment = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": f"{folder}/token",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # by which Ray leaves loopback alone
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_raylet_start_wait_time_s": "120",  # others may use this machine's processors,
            "RAY_memory_monitor_refresh_ms": "0",  # and its memory
            "RAY_TMPDIR": folder,
            "PYTHONPATH": os.pathsep.join([str(python_path), os.environ.get("PYTHONPATH", "")]),
        }
        Path(folder, "token").write_text(secrets.token_hex(32))
        program = [sys.executable, __file__]
        with patch.dict(os.environ, environment):
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            with subprocess.Popen(program, **pipes, encoding="utf-8") as process:
                os.environ["RAY_ADDRESS"] = process.stdout.readline().strip()
                assert os.environ["RAY_ADDRESS"], "the cluster has not started"
                yield process
            for pid in processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def kill_node(cluster: subprocess.Popen, raylet: int) -> None:
    """Kill the worker node whose main process that is."""
    _tell(cluster, str(raylet))


def add_node(cluster: subprocess.Popen) -> None:
    """Start one more worker node."""
    _tell(cluster, "")


def _tell(cluster: subprocess.Popen, order: str) -> None:
    cluster.stdin.write(f"{order}\n")
    cluster.stdin.flush()
    cluster.stdout.readline()


def processes(title: str = "") -> list[int]:
    """The processes of the cluster, those with a title alone: by where their output goes."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            output = str((path / "fd" / "1").readlink())
            if os.environ["RAY_TMPDIR"] in output and title in (path / "cmdline").read_text(
                errors="replace"
            ):
                found.append(int(path.name))
    return found


def main() -> None:
    from ray.cluster_utils import Cluster

    head = {**NODE, "num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        cluster.add_node(**NODE)
    print(cluster.address, flush=True)
    for order in map(str.strip, sys.stdin):
        if order:
            nodes = {
                node.all_processes["raylet"][0].process.pid: node for node in cluster.worker_nodes
            }
            cluster.remove_node(nodes[int(order)], allow_graceful=False)
            cluster.wait_for_nodes()  # until the head knows
        else:
            cluster.add_node(**NODE)
        print(flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
