"""A Ray cluster of processes on this machine, which listen on loopback alone and want a token."""

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}


@contextmanager
def loopback_cluster(folder: Path, python_path: Path) -> Iterator:
    """A head and two worker nodes of one CPU each; the environment is such that it is found.

    `python_path` is where all processes find more packages. On leaving, all of them are gone.
    """
    token = folder / "token"
    token.write_text(secrets.token_hex(32))
    token.chmod(0o600)
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # by which Ray leaves loopback addresses alone
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_memory_monitor_refresh_ms": "0",  # whoever else uses up the memory of this machine
        "PYTHONPATH": os.pathsep.join([str(python_path), os.environ.get("PYTHONPATH", "")]),
    }
    with patch.dict(os.environ, environment):
        from ray.cluster_utils import Cluster

        cluster = Cluster(
            initialize_head=True,
            head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False},
        )
        session = cluster.head_node.get_session_dir_path()
        try:
            os.environ["RAY_ADDRESS"] = cluster.address
            for _ in range(2):
                cluster.add_node(**NODE)
            yield cluster
        finally:
            cluster.shutdown()
            for pid in processes(session):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def processes(name: str) -> list[int]:
    """The processes that have a name in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if name.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found
