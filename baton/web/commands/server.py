"""Serve the pages, the API and the beacon.

Run as many as you like on as many machines as you like; put a TLS proxy in front. Workers run apart (`baton work`).
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path

from baton.platform.errors import Refusal
from baton.platform.schema import check_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="server processes (default %(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="threads per process (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    need_free_port(args.host, args.port)
    check_schema()
    command = server_command(args.host, args.port, processes=args.processes, threads=args.threads)
    os.execv(command[0], command)  # noqa: S606


def need_free_port(host: str, port: int) -> None:
    """Raise Refusal where somebody listens there: the server shares its port, so two would answer in turns."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.") from None


def server_command(host: str, port: int, *, processes: int = 1, threads: int = 4) -> list[str]:
    """The server's command line: granian with our WSGI callable, static files served beside it."""
    static = Path(__file__).resolve().parent.parent / "static"
    return [
        sys.executable, "-m", "granian", "baton.web.wsgi:application",
        "--interface", "wsgi", "--no-ws", "--host", host, "--port", str(port),
        "--workers", str(processes), "--blocking-threads", str(threads), "--backpressure", str(threads * 16),
        "--static-path-route", "/static", "--static-path-mount", str(static),
        "--workers-kill-timeout", "10", "--log-level", "warning", "--respawn-failed-workers",
    ]  # fmt: skip
