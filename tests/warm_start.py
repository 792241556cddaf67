"""Commands in processes that are forked from one that has imported spaCy and torch already.

They are processes like others, but begin where that one stands, without the seconds that importing
takes. What is killed, or what looks at how a process starts, has to be one that starts itself.
"""

import array
import atexit
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

PYTHON = [sys.executable, "-I", "-S", __file__, "--run"]
COMMANDS = {"spacy": "spacy", "spacy-lstm-sentiment": "spacy_lstm_sentiment"}
SERVER = "WARM_START_SERVER"
# Elsewhere libraries do not survive a fork.
IS_THERE = sys.platform == "linux"


def temporary_folder() -> str:
    """A folder that goes when this process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def server() -> str:
    """The socket of the process that forks, for this process and all that it starts."""
    path = str(Path(temporary_folder(), "socket"))
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", path],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    process.stdout.readline()
    atexit.register(process.kill)
    os.environ[SERVER] = path
    return path


@cache
def bin_folder() -> str:
    """A folder with the commands of this environment, for PATH."""
    if not IS_THERE:
        return str(Path(sys.executable).parent)
    server()
    folder = Path(temporary_folder())
    for name, module in COMMANDS.items():
        words = " ".join(f"'{word}'" for word in [*PYTHON, "-m", module])
        (folder / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (folder / name).chmod(0o755)
    return str(folder)


def python() -> list[str]:
    """What stands for sys.executable before "-m" and a module, or the name of a script."""
    if not IS_THERE:
        return [sys.executable]
    server()
    return PYTHON


def ask(arguments: list[str]) -> None:
    """Have the server run a command in this process's place; end as that does."""
    request = {"arguments": arguments, "cwd": str(Path.cwd()), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[SERVER])
        descriptors = array.array("i", [0, 1, 2])
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)
        connection.sendmsg([b"."], [rights])
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = connection.makefile().readline()
    code = int(answer or 1)
    if code < 0:
        with suppress(OSError):  # of those that nobody may handle
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def serve(path: str) -> None:
    """Fork for each that asks."""
    import torch  # noqa: F401

    import spacy_lstm_sentiment.bulk.scoring
    import spacy_lstm_sentiment.cli  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            if not os.fork():
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    watch(connection)


def watch(connection: socket.socket) -> None:
    """Run what is asked for in a process of its own, and tell how that ended."""
    _, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_LEN(3 * 4))
    descriptors = array.array("i", ancillary[0][2])
    request = json.loads(connection.makefile().readline())
    child = os.fork()
    if not child:
        connection.close()
        begin(request, list(descriptors))
        return
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def begin(request: dict, descriptors: list[int]) -> None:
    """Be the command."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    arguments = request["arguments"]
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[0] = request["cwd"]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = str(Path(arguments[0]).parent.absolute())
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    {"--run": lambda: ask(sys.argv[2:]), "--serve": lambda: serve(sys.argv[2])}[sys.argv[1]]()
