"""Everything that the demo needs, running: portal, LRS, tool and worker, each a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

import requests
from cryptography.fernet import Fernet

from lti_tool.demo.answer_key import AnswerKey
from lti_tool.demo.interruption import Interruption
from lti_tool.demo.municipalities import KLEINDORP, VOORBEELDSTAD, write_files
from lti_tool.demo.own_http import get
from lti_tool.demo.people import all_take_part, colleagues_of_voorbeeldstad, people_of_kleindorp
from lti_tool.demo.processes import Programs, free_port

PROJECT = Path(__file__).resolve().parents[2]
CONTENT = PROJECT / "content_packages"
PORTAL_PORT, TOOL_PORT, LRS_PORT = 8600, 8601, 8602
"""What the demo asks for; a port that is taken gives way to another."""
LRS_SECRETS = ("write_operator", "write_group", "read_operator", "read_group", "erase")
OPERATOR = "operator"
CLI = ("-m", "lti_tool.cli")


class Stage:
    """Used in a `with` block: inside it everything runs, after it nothing does.

    The portal is on 127.0.0.1 and the tool on localhost: to a browser those are two sites, so the tool's
    cookies are third-party cookies, as in a real portal.
    """

    def __init__(self, *, usual_ports: bool, interruption: Interruption) -> None:
        portal, tool, lrs = (
            free_port(wanted if usual_ports else None) for wanted in (PORTAL_PORT, TOOL_PORT, LRS_PORT)
        )
        self._ports = {"portal": portal, "tool": tool, "lrs": lrs}
        self.portal_url = f"http://127.0.0.1:{portal}"
        self.tool_url = f"http://localhost:{tool}"
        self.lrs_url = f"http://127.0.0.1:{lrs}/xapi"
        self.tool_start_seconds = 0.0
        self._folder = tempfile.TemporaryDirectory(prefix="digivaardig-demo-")
        self.folder = Path(self._folder.name)
        self._interruption = interruption
        self.programs = Programs(self.folder, self._environment(), interruption.held)

    def __enter__(self) -> Stage:
        try:
            self._start()
        except BaseException:  # Ctrl-C while starting must stop what was started
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                error.add_note(f"The tool's last words:\n{self.programs.last_words('tool')}")
            if isinstance(error, requests.RequestException):
                self.programs.check()  # a connection broke: say rather which program ended
        finally:
            self._leave()

    def cli(self, *arguments: str) -> str:
        """Run the tool's command line; returns what it printed.

        Raises:
            CommandFailed: it did not succeed.
        """
        return self.programs.command(*CLI, *arguments)

    def let_people_take_part(self, count: int) -> int:
        """Two rounds for Voorbeeldstad with the second measurement opened in between, one for Kleindorp,
        then the figures; returns the number of questions answered."""
        key = AnswerKey.read(CONTENT)
        people = colleagues_of_voorbeeldstad(count)
        questions = all_take_part(self.portal_url, people, 1, key)
        questions += all_take_part(self.portal_url, people_of_kleindorp(), 1, key)
        self.cli("campaign", "set", "--tenant", VOORBEELDSTAD, "--post-from", "now")
        questions += all_take_part(self.portal_url, people, 2, key)
        for tenant in (VOORBEELDSTAD, KLEINDORP):
            self.cli("figures", "publish", "--tenant", tenant)
        return questions

    def csv_address(self) -> str:
        """A fresh secret address of Voorbeeldstad's figures."""
        return self.cli("analyst", "link", "--tenant", VOORBEELDSTAD).split()[0]

    def operator_password(self) -> str:
        """The password of the operator `OPERATOR`, made now."""
        return self.cli("operator", "add", OPERATOR).split()[-1]

    def lrs_credentials(self, stream: str) -> tuple[str, str]:
        """Name and password with which `operator` or `group` statements of Voorbeeldstad are read."""
        printed = self.cli("lrs", "credentials", "--tenant", VOORBEELDSTAD, "--stream", stream)
        name, password = printed.split()[-2:]
        return name, password

    def _start(self) -> None:
        programs = self.programs
        portal_arguments = ("--port", str(self._ports["portal"]), "--tool-url", self.tool_url)
        portal = programs.start("portal", ("-m", "lti_tool.demo_portal", *portal_arguments))
        self.cli("migrate")
        lrs = programs.start("lrs", (*CLI, "lrs", "serve", "--port", str(self._ports["lrs"])))
        programs.wait_for(portal, f"{self.portal_url}/health")
        answer = get(f"{self.portal_url}/api/registrations")
        today = (datetime.now(UTC) - timedelta(days=1)).date()  # in force in every time zone
        self.cli("tenant", "apply", *map(str, write_files(self.folder, answer.json()["registrations"], today)))
        programs.wait_for(lrs, f"{self.lrs_url}/about")
        tool = programs.start("tool", (*CLI, "serve", "--port", str(self._ports["tool"])))
        self.tool_start_seconds = programs.wait_for(tool, f"{self.tool_url}/health")
        programs.start("worker", (*CLI, "worker"))

    def _leave(self) -> None:
        with self._interruption.held():
            self.programs.stop()
            self._folder.cleanup()

    def _environment(self) -> dict[str, str]:
        """The settings of the installation (`.env.example` explains them); secrets are made each time."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "PUBLIC_URL": self.tool_url,
            "DATABASE_URL": f"sqlite:///{self.folder / 'tool.sqlite3'}",
            "SECRET_KEY": secrets.token_hex(32),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DEMO": "1",
            "ALLOW_PRIVATE_PORTALS": "1",
            "LRS_DATABASE_URL": f"sqlite:///{self.folder / 'lrs.sqlite3'}",
            "LRS_URL": self.lrs_url,
            "LRS_KEYS": json.dumps({name: secrets.token_urlsafe(24) for name in LRS_SECRETS}),
            "CONTENT_DIR": str(CONTENT),
            "FIGURES_EVERY_MINUTES": "0",  # published once, after everybody took part
        }
