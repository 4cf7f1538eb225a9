"""Names and passwords of the built-in LRS."""

import pytest

from xapi.credentials import RIGHTS, Access, Credentials

SECRETS = {right: f"secret-of-{right}" for right in RIGHTS}


@pytest.mark.parametrize("right", RIGHTS)
def test_what_is_made_is_accepted_for_that_right_only(right: str) -> None:
    credentials = Credentials(SECRETS)
    name, password = credentials.make("voorbeeldstad", right)
    action, _, stream = right.partition("_")
    assert credentials.check(name, password) == Access("voorbeeldstad", action, stream)
    for other in set(RIGHTS) - {right}:
        assert credentials.check(f"voorbeeldstad/{other}", password) is None
    assert credentials.check(f"elders/{right}", password) is None
    assert credentials.check(name, password + "x") is None


def test_a_right_without_a_secret_cannot_be_used() -> None:
    credentials = Credentials({})
    with pytest.raises(KeyError):
        credentials.make("voorbeeldstad", "erase")
    name, password = Credentials({"erase": ""}).make("voorbeeldstad", "erase")
    assert credentials.check(name, password) is None


def test_an_unknown_right_or_no_owner_is_refused() -> None:
    credentials = Credentials({**SECRETS, "anything": "x" * 20})
    for name in ("voorbeeldstad/anything", "/erase", "erase", ""):
        _, password = credentials.make(name.rpartition("/")[0], name.rpartition("/")[2]) if name else ("", "")
        assert credentials.check(name, password) is None
