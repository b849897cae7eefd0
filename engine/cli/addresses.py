"""Where the desk listens, checked before anything is started."""

from __future__ import annotations

import errno
import socket

import click

from engine.errors import ConfigurationError

GREATEST_PORT = 65535


def parse_address(bind: str) -> tuple[str, int]:
    """Read HOST:PORT, [IPV6]:PORT or :PORT.

    Raises:
        click.BadParameter: it is none of them.
    """
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) <= GREATEST_PORT:
        raise click.BadParameter(f"{bind!r} is not HOST:PORT", param_hint="--bind")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104  # asked for by leaving it out


def written(host: str, port: int) -> str:
    """Write an address as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Make sure that the desk can listen there.

    Raises:
        ConfigurationError: it cannot; the message says why.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as problem:
        raise ConfigurationError(_sentence(problem, host, port)) from problem


def _sentence(problem: OSError, host: str, port: int) -> str:
    if isinstance(problem, socket.gaierror):
        return f"there is no address {host}"
    match problem.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use by another program"
        case errno.EACCES:
            return f"port {port} on {host} may not be used by this user; take one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this computer"
        case _:
            return f"port {port} on {host} cannot be used: {problem.strerror}"
