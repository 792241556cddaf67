"""A Ray cluster that is there already: the connection to it, and its room for actors."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from spacy_lstm_sentiment.errors import InputError

# Seconds within which the head of a cluster has to answer.
CONNECT_TIMEOUT = 10.0

# Read by Ray when it is imported.
SILENCE = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # Ray warns where it is not set
    "RAY_SCHEDULER_EVENTS": "0",
    "RAY_NUM_REDIS_GET_RETRIES": "1",  # so many times it waits half a minute for an answer
}


@dataclass(frozen=True)
class RayCluster:
    """A Ray cluster, and what of it a run uses.

    address: host:port of its head; None stands for RAY_ADDRESS, or else the cluster of which this
    machine is a node. num_actors: processes that score; None is as many as there is room for.
    num_cpus_per_actor: CPUs that each reserves, and threads that it uses. num_gpus_per_actor: GPUs
    that each reserves; with 0 it scores on the CPU, with less than 1 several share one.
    """

    address: str | None = None
    num_actors: int | None = None
    num_cpus_per_actor: int = 1
    num_gpus_per_actor: float = 0


def import_ray() -> Any:
    """Ray, told to be silent and to report to nobody. Raises InputError without it."""
    for name, value in SILENCE.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray._private.worker
    except ImportError:
        raise InputError('Ray is not installed: pip install "spacy-lstm-sentiment[ray]"') from None
    # It prints what happens to workers on standard output, where rows may go; no setting stops it.
    ray._private.worker.print_to_stdstream = lambda *args, **kwargs: None
    return ray


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Ray, connected to a cluster; a connection that is there already is used, and stays.

    Raises InputError where there is no cluster, or none that answers.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    _connect(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def n_actors(ray: Any, cluster: RayCluster) -> int:
    """How many actors a run has. Raises InputError where the nodes have no room for them."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    room = sum(_room(node, cluster) for node in nodes)
    if room >= (cluster.num_actors or 1):
        return cluster.num_actors or room
    has = {kind: sum(node.get(kind, 0) for node in nodes) for kind in ("CPU", "GPU")}
    raise InputError(
        f"the cluster has room for {room} actors of {_describe(cluster)}, not for"
        f" {cluster.num_actors or 1}: it has {has['CPU']:g} CPUs and {has['GPU']:g} GPUs on"
        f" {len(nodes)} nodes: ask for less, or add nodes"
    )


def last_sentence(error: BaseException) -> str:
    """The gist of what Ray says over many lines: of its last one, about what was the cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    if "out of memory" in str(error):
        return "the node is out of memory"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1].partition(". ")[0]


def _room(node: dict[str, float], cluster: RayCluster) -> int:
    """The actors that fit on a node, given what it has in all."""
    wanted = {"CPU": cluster.num_cpus_per_actor, "GPU": cluster.num_gpus_per_actor}
    return min(int(node.get(kind, 0) / each) for kind, each in wanted.items() if each)


def _describe(cluster: RayCluster) -> str:
    gpus = f" and {cluster.num_gpus_per_actor:g} GPU" if cluster.num_gpus_per_actor else ""
    return f"{cluster.num_cpus_per_actor} CPU{gpus}"


def _connect(ray: Any, address: str | None) -> None:
    address = address or os.environ.get("RAY_ADDRESS") or "auto"
    if address != "auto":
        _check_reachable(address)
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with _mute():
            ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # each step of it has its own
        where = "" if address == "auto" else f"{address}: "
        raise InputError(f"{where}no Ray cluster to work with: {last_sentence(error)}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # which Ray replaces


@contextmanager
def _mute() -> Iterator[None]:
    """Lead standard error to nowhere, that of libraries in C++ included."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _check_reachable(address: str) -> None:
    """Find out at once what takes Ray minutes."""
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdecimal():
        raise InputError(
            f"{address}: not the address of a Ray cluster's head: give it as host:port, and run"
            " this command on a node of the cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise InputError(
            f"{address}: no Ray cluster answers there: {error}: name the --address of its head,"
            ' which "ray status" shows on its nodes'
        ) from None
