"""Settings come from the environment, once, and every gap is reported at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lti_tool.settings import LRS_RIGHTS, Settings, SettingsMissing, load_settings

KEYS = {right: f"a-secret-for-{right}" for right in LRS_RIGHTS}
FERNET_KEY, OLDER_KEY = "A" * 43 + "=", "B" * 42 + "A="
"""Of the right form; the same in every process, since they are in the names of tests."""
COMPLETE = {
    "PUBLIC_URL": "https://digivaardig.example",
    "SECRET_KEY": "s" * 32,
    "ENCRYPTION_KEYS": FERNET_KEY,
    "LRS_KEYS": json.dumps(KEYS),
}


@pytest.fixture
def environment(monkeypatch):
    """A complete environment with these changes; None takes a variable out."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)

    def change(**changes: str | None) -> None:
        for name, value in {**COMPLETE, **changes}.items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return change


def gaps(refused: pytest.ExceptionInfo[SettingsMissing]) -> str:
    return str(refused.value)


def test_four_settings_are_enough(environment):
    environment()
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{Path.cwd() / 'var' / 'digivaardig.sqlite3'}"
    assert settings.content_dir / settings.content_package == Path("content_packages/digivaardig-basis")
    assert settings.lrs_keys == KEYS
    assert (settings.demo, settings.behind_proxy, settings.allow_private_portals) == (False, False, False)


def test_without_anything_every_missing_setting_is_named_at_once(environment):
    environment(**dict.fromkeys(COMPLETE))
    with pytest.raises(SettingsMissing) as refused:
        load_settings()
    for name in COMPLETE:
        assert name in gaps(refused)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "digivaardig.example"),
        ("SECRET_KEY", "too short"),
        ("ENCRYPTION_KEYS", "no-fernet-key"),
        ("ENCRYPTION_KEYS", f"{FERNET_KEY},no-fernet-key"),
        ("LRS_KEYS", "not json"),
        ("DATABASE_URL", "mysql://root@database/digivaardig"),
        ("LRS_KEYS", '["a list"]'),
        ("LRS_KEYS", json.dumps({**KEYS, "erase": "short"})),
        ("LRS_KEYS", ""),
        ("FIGURES_EVERY_MINUTES", "-1"),
        ("LOG_LEVEL", "loud"),
        ("DEMO", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(environment, name, value):
    environment(**{name: value})
    with pytest.raises(SettingsMissing) as refused:
        load_settings()
    assert name in gaps(refused)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "LRS_KEYS"])
def test_a_refusal_never_repeats_a_secret(environment, name):
    environment(**{name: "hush-hush"})
    with pytest.raises(SettingsMissing) as refused:
        load_settings()
    assert "hush-hush" not in gaps(refused)


def test_each_right_at_the_lrs_needs_a_secret_of_its_own(environment):
    environment(LRS_KEYS=json.dumps({right: KEYS[right] for right in LRS_RIGHTS[:2]}))
    with pytest.raises(SettingsMissing) as refused:
        load_settings()
    assert all(right in gaps(refused) for right in LRS_RIGHTS[2:])
    assert not any(right in gaps(refused) for right in LRS_RIGHTS[:2])


def test_outside_the_demo_the_tool_is_only_reached_over_https(environment):
    environment(PUBLIC_URL="http://localhost:8000")
    with pytest.raises(SettingsMissing, match="PUBLIC_URL must be https"):
        load_settings()


def test_the_demo_runs_over_http_on_this_machine(environment):
    environment(PUBLIC_URL="http://localhost:8000/", DEMO="1")
    assert load_settings().public_url == "http://localhost:8000"


def test_the_public_address_has_no_slash_at_its_end(environment):
    environment(PUBLIC_URL="https://digivaardig.example//")
    assert load_settings().public_url == "https://digivaardig.example"


def test_without_an_lrs_of_its_own_the_tool_carries_the_built_in_one(environment):
    environment()
    settings = load_settings()
    assert settings.built_in_lrs_is_mounted
    assert settings.lrs_endpoint == "https://digivaardig.example/xapi"


def test_with_an_lrs_of_its_own_an_installation_does_not_carry_another(environment):
    environment(LRS_URL="https://lrs.example/xapi/")
    settings = load_settings()
    assert not settings.built_in_lrs_is_mounted
    assert settings.lrs_endpoint == "https://lrs.example/xapi"


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (None, "https://digivaardig.example/xapi/"),
        ("https://id.example/d", "https://id.example/d/"),
        ("https://id.example/d/", "https://id.example/d/"),
    ],
)
def test_the_base_of_iris_always_ends_in_a_slash(environment, given, base):
    environment(XAPI_IRI_BASE=given)
    assert load_settings().iri_base == base


@pytest.mark.parametrize(
    "base", ["tool.example/", "ftp://x/", "https://tool example/", "https://x/o'k/", "https://x/?a="]
)
def test_a_base_that_starts_no_iri_is_refused(environment, base):
    environment(XAPI_IRI_BASE=base)
    with pytest.raises(SettingsMissing, match=r"XAPI_IRI_BASE: .*must be an http"):
        load_settings()


def test_encryption_keys_stand_newest_first_with_or_without_spaces(environment):
    environment(ENCRYPTION_KEYS=f"{FERNET_KEY}, {OLDER_KEY}")
    assert load_settings().fernet_keys == (FERNET_KEY.encode(), OLDER_KEY.encode())


def test_settings_cannot_be_changed_while_the_tool_runs(environment):
    environment()
    with pytest.raises(ValueError, match="frozen"):
        load_settings().demo = True


def test_a_program_may_give_the_settings_itself(environment):
    environment(**dict.fromkeys(COMPLETE))
    settings = Settings(
        public_url="https://digivaardig.example",
        secret_key="s" * 32,
        encryption_keys=FERNET_KEY,
        lrs_keys=KEYS,
    )
    assert settings.lrs_keys == KEYS
