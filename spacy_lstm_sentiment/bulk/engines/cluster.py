"""A Ray cluster that is there already: the connection to it, and its room for actors."""

import faulthandler
import logging
import os
import random
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from spacy_lstm_sentiment.errors import InputError, require

# Seconds within which the head of a cluster has to answer.
CONNECT_TIMEOUT = 10.0

# What Ray writes into the environment of who imports it, and who connects.
WRITTEN = ("PYTHONBREAKPOINT", "RAY_CLIENT_MODE")


@dataclass(frozen=True)
class RayCluster:
    """A Ray cluster, and what of it a run uses.

    address: host:port of its head; None stands for RAY_ADDRESS, or else the cluster of which this
    machine is a node. num_actors: processes that score, some of which may have to wait for nodes
    that an autoscaler adds; None is as many as there is room for, also on nodes that come later.
    num_cpus_per_actor: CPUs that each reserves, and threads that it uses. num_gpus_per_actor: GPUs
    that each reserves; with 0 it scores on the CPU, with less than 1 several share one.
    """

    address: str | None = None
    num_actors: int | None = None
    num_cpus_per_actor: int = 1
    num_gpus_per_actor: float = 0


def import_ray() -> Any:
    """Ray. Raises MissingExtra without it."""
    with _environment_kept():
        ray = require("ray", "ray", "Scoring on a cluster")
    return ray


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Ray, connected to a cluster; a connection that is there already is used, and stays.

    Whoever had none finds all as it was that connecting changes in a process. Raises InputError
    where there is no cluster, or none that answers.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    with _environment_kept(), _host_kept():
        _connect(ray, address)
        try:
            yield ray
        finally:
            ray.shutdown()


def find_room(ray: Any, cluster: RayCluster) -> int:
    """How many actors there is room for on the nodes. Raises InputError where there is none."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    room = sum(_room(node, cluster) for node in nodes)
    if room:
        return room
    has = {kind: sum(node.get(kind, 0) for node in nodes) for kind in ("CPU", "GPU")}
    raise InputError(
        f"the cluster has no room for an actor of {_describe(cluster)}: it has {has['CPU']:g} CPUs"
        f" and {has['GPU']:g} GPUs on {len(nodes)} nodes: ask for less, or add nodes"
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
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # each step of it has its own
        where = "" if address == "auto" else f"{address}: "
        raise InputError(f"{where}no Ray cluster to work with: {last_sentence(error)}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # which Ray replaces


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Put back what Ray writes into the environment."""
    before = {name: os.environ.get(name) for name in WRITTEN}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _host_kept() -> Iterator[None]:
    """Put back what else Ray changes in the process that connects."""
    logger = logging.getLogger("ray")
    level, formats = logger.level, [(each, each.formatter) for each in logger.handlers]
    faults, drawn = faulthandler.is_enabled(), random.getstate()
    try:
        yield
    finally:
        logger.setLevel(level)
        for handler, formatter in formats:
            handler.setFormatter(formatter)
        random.setstate(drawn)
        if not faults:
            faulthandler.disable()


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
