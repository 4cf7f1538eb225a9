"""`digivaardig content preview`: a package in the real pages on this computer, anew at every change of a file."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from cryptography.fernet import Fernet
from flask import Flask, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.app import create_app, settled
from lti_tool.settings import LRS_RIGHTS, Settings
from lti_tool.storage.schema import SCHEMA
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.preview_content import ChangingContent, PreviewContent
from lti_tool.web import content_preview
from lti_tool.web.handles import Wsgi

LOOPBACK = "127.0.0.1"
OWN_NAMES = (LOOPBACK, "localhost")
"""What a browser may call this computer; another name is another site that leads here (DNS rebinding)."""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """The terminal is for the author; the path of a request is a secret."""


@click.command()
@click.argument("folder", metavar="PACKAGE", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--port", default=8010, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option("--host", default=LOOPBACK, show_default=True, help="Another one lets other computers in.")
def preview(folder: Path, port: int, host: str) -> None:
    """Show PACKAGE as learners see it, anew at every change; Ctrl-C stops it.

    It needs no database and no settings, and keeps nothing.
    """
    try:
        listening = socket.create_server((host, port))
    except OSError as err:
        said = f"cannot listen on {host}, port {port}: {os.strerror(err.errno or 0)}; choose another --port"
        raise click.ClickException(said) from err
    signal.signal(signal.SIGTERM, _stop)
    with suppress(KeyboardInterrupt), listening, tempfile.TemporaryDirectory(prefix="digivaardig-") as scratch:
        port = listening.getsockname()[1]
        secret = secrets.token_urlsafe(32)
        names = OWN_NAMES if host in OWN_NAMES else ()
        app = settled(make_preview(folder.resolve(), Path(scratch), secret, names=names))
        server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listening.fileno())
        click.echo(f"Open http://{host}:{port}/preview/enter/{secret}")
        server.serve_forever()  # until a KeyboardInterrupt
    click.echo("Stopped; nothing was kept.")


def make_preview(folder: Path, scratch: Path, secret: str, *, names: tuple[str, ...] = OWN_NAMES) -> Flask:
    """The tool with a throw-away database in `scratch`, for whoever knows the secret.

    Args:
        names: hosts that a browser may ask for; empty: any.
    """
    settings = _settings(folder, scratch)
    SCHEMA.upgrade(settings.database_url)
    content = ChangingContent(folder)
    app = create_app(settings, content=content)
    if names:
        app.wsgi_app = _UnderOwnName(app.wsgi_app, names)  # type: ignore[method-assign]
    content_preview.hang(app, PreviewContent(content, Seal(settings.fernet_keys)), secret)
    return app


class _UnderOwnName:
    """Answers a browser that asks for this computer by one of its names, and nobody else."""

    def __init__(self, app: Wsgi, names: tuple[str, ...]) -> None:
        self._app = app
        self._names = names

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "").partition(":")[0] in self._names:
            return self._app(environ, start_response)
        refusal = Response("The preview is for a browser on this computer.\n", 421, mimetype="text/plain")
        return refusal(environ, start_response)


def _settings(folder: Path, scratch: Path) -> Settings:
    """Of an installation that nobody reaches, and that reaches nobody; the environment has no say in it."""
    return Settings(
        public_url="https://voorbeeld.invalid",
        database_url=f"sqlite:///{scratch / 'preview.sqlite3'}",
        secret_key=secrets.token_hex(32),
        encryption_keys=Fernet.generate_key().decode(),
        xapi_iri_base="",
        content_dir=folder.parent,
        content_package=folder.name,
        lrs_url="https://lrs.invalid",
        lrs_database_url="",
        lrs_keys={name: secrets.token_urlsafe(24) for name in LRS_RIGHTS},
        allow_private_portals=False,
        behind_proxy=False,
        figures_every_minutes=0,
        keep_sent_days=1,
        demo=False,
        log_level="warning",
    )


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
