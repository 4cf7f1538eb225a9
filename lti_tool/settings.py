"""Settings: read from the environment once, every gap reported at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from xapi.formats import is_iri

LRS_RIGHTS = ("write_operator", "write_group", "read_operator", "read_group", "erase")
SHORTEST_SECRET = 16


class SettingsMissing(Exception):
    """One or more settings are absent or wrong; the message names each of them."""


class Settings(BaseSettings):
    """What an installation decides. `.env.example` explains each one for the operator."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    public_url: str
    """Where browsers reach the tool, for example https://digivaardig.example (no path)."""
    database_url: str = Field(default="sqlite:///var/digivaardig.sqlite3", validate_default=True)
    secret_key: str = Field(min_length=32)
    """Signs CSRF tokens; at least 32 characters."""
    encryption_keys: str
    """One or more Fernet keys, comma separated, newest first; seal keys and pseudonyms at rest."""
    xapi_iri_base: str = ""
    """Start of every xAPI IRI; fixed at installation (default: public URL + /xapi/)."""
    content_dir: Path = Path("content_packages")
    content_package: str = "digivaardig-basis"
    lrs_url: str = ""
    """Where statements go; empty: the built-in LRS, mounted in the tool at /xapi."""
    lrs_database_url: str = ""
    """Database of the built-in LRS; empty: the tool's own."""
    lrs_keys: Annotated[dict[str, str], NoDecode]
    """Secrets from which the LRS credentials are made: one for each of LRS_RIGHTS."""
    allow_private_portals: bool = False
    """Lets a portal live on http or a private address (an LMS in the same server room; the demo)."""
    behind_proxy: bool = False
    """Trust one reverse proxy's X-Forwarded-* headers."""
    figures_every_minutes: int = Field(default=60, ge=0)
    """How often the worker looks whether figures are due; 0: only by command."""
    keep_sent_days: int = Field(default=30, ge=1)
    """How long the worker keeps what was said in messages that arrived."""
    demo: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("lrs_keys", mode="before")
    @classmethod
    def _keys_from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as err:
            raise ValueError("is not JSON") from err

    @field_validator("lrs_keys")
    @classmethod
    def _a_secret_for_each_right(cls, value: dict[str, str]) -> dict[str, str]:
        missing = [name for name in LRS_RIGHTS if len(value.get(name, "")) < SHORTEST_SECRET]
        if missing:
            raise ValueError(f"lacks a secret of at least {SHORTEST_SECRET} characters for {', '.join(missing)}")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// (or http:// on this machine)")
        return value.rstrip("/")

    @field_validator("xapi_iri_base")
    @classmethod
    def _can_start_an_iri(cls, value: str) -> str:
        """It stands in IRIs, in the paths of the profile (in quotes) and in routes."""
        if value and not (
            value.startswith(("https://", "http://")) and is_iri(value) and not set(value) & set("'?#")
        ):
            raise ValueError("must be an http(s) address without spaces, quotes, ? or #")
        return value

    @field_validator("database_url", "lrs_database_url")
    @classmethod
    def _same_file_from_everywhere(cls, value: str) -> str:
        """A relative SQLite path counts from the folder where the command runs, for every library alike."""
        start = "sqlite:///"
        if not value.startswith((start, "postgresql")) and value:
            raise ValueError("must start with sqlite:/// or postgresql://")
        if not value.startswith(start):
            return value
        return start + str(Path(value.removeprefix(start)).absolute())

    @field_validator("encryption_keys")
    @classmethod
    def _real_fernet_keys(cls, value: str) -> str:
        for key in value.split(","):
            Fernet(key.strip().encode())
        return value

    @model_validator(mode="after")
    def _safe_outside_the_demo(self) -> Settings:
        if not self.demo and self.public_url.startswith("http://"):
            raise ValueError("PUBLIC_URL must be https outside the demo")
        return self

    @property
    def iri_base(self) -> str:
        """The base of all xAPI IRIs, ending in a slash."""
        base = self.xapi_iri_base or f"{self.public_url}/xapi/"
        return base if base.endswith("/") else f"{base}/"

    @property
    def lrs_endpoint(self) -> str:
        """The LRS that receives statements, without a trailing slash."""
        return (self.lrs_url or f"{self.public_url}/xapi").rstrip("/")

    @property
    def built_in_lrs_is_mounted(self) -> bool:
        """Whether the tool itself carries the LRS (production without an LRS of its own)."""
        return not self.lrs_url

    @property
    def fernet_keys(self) -> tuple[bytes, ...]:
        """The sealing keys, newest first."""
        return tuple(key.strip().encode() for key in self.encryption_keys.split(","))


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsMissing: naming every absent or wrong setting at once.
    """
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as err:
        lines = [f"  {'_'.join(map(str, e['loc'])).upper() or 'SETTINGS'}: {e['msg']}" for e in err.errors()]
        raise SettingsMissing("These settings are missing or wrong:\n" + "\n".join(lines)) from err
