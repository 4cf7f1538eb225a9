"""The paths of the profile: what they lead to, and which are refused."""

import pytest

from xapi.jsonpath import PathUnknown, found, steps_of

WHOLE = {"a": {"b": [{"c": 1}, {"c": 2}, {}], "http://x/y|z": None}, "d": "text"}


def led_to(path: str) -> list[tuple[str, object]]:
    return list(found(steps_of(path), WHOLE))


def test_a_path_leads_to_every_place_it_fits() -> None:
    assert led_to("$.a.b[*].c") == [("a.b[0].c", 1), ("a.b[1].c", 2)]
    assert led_to("$.a['http://x/y|z']") == [("a.http://x/y|z", None)]
    assert led_to("$['d','e','a'].b") == [("a.b", WHOLE["a"]["b"])]  # type: ignore[index]
    assert led_to("$[*]") == [("a", WHOLE["a"]), ("d", "text")]


@pytest.mark.parametrize("path", ["$.e", "$.d.e", "$.a.b.c", "$.d[*]", "$.a.b[*].c.d"])
def test_a_path_that_fits_nowhere_leads_nowhere(path: str) -> None:
    assert led_to(path) == []


@pytest.mark.parametrize(
    "path",
    ["", "$", "a.b", "$..a", "$.a[0]", "$.a[?(@.b)]", "$.a[(@.b)]", "$['a'", "$[a]", "$.a|$.b", "$.a ", "$.ä"],
)
def test_what_is_no_path_that_is_known_here_is_refused(path: str) -> None:
    with pytest.raises(PathUnknown, match="is not a path"):
        steps_of(path)
