"""Which LRS a stream may go to: the employer never reads what is about one person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.endpoints import ERASES, READERS, STREAMS, LrsEndpoint, Secrets, after_wiping, check_endpoint
from lti_tool.domain.errors import EndpointRefused
from tests.factories import NOW

GOOD = LrsEndpoint(
    tenant_id="voorbeeldstad",
    id="1",
    stream="operator",
    url="https://lrs.example/xapi",
    username="key",
    read_by="operator",
    erase="void",
    added_at=NOW,
    secrets=Secrets("secret"),
)
GROUP = replace(GOOD, id="2", stream="group", read_by="employer", erase="none")


@pytest.mark.parametrize("endpoint", [GOOD, GROUP, replace(GROUP, read_by="operator")])
def test_a_good_one_may_be_used(endpoint: LrsEndpoint) -> None:
    check_endpoint(endpoint, [], allow_http=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stream": "everything"}, "stream: 'everything' is none of operator, group"),
        ({"read_by": "anybody"}, "read_by: 'anybody'"),
        ({"erase": "magic"}, "erase: 'magic'"),
        ({"username": ""}, "name or password"),
        ({"secrets": Secrets("")}, "name or password"),
        ({"erase": "lrsql"}, "erase: lrsql needs a name and password"),
        ({"erase": "lrsql", "secrets": Secrets("secret", "me", "")}, "erase: lrsql needs"),
        ({"read_by": "employer"}, "read_by: an LRS that the employer reads gets figures about groups only"),
        ({"url": "http://lrs.example/xapi"}, "url: must be https"),
    ],
)
def test_a_wrong_one_is_refused_in_words(changes: dict[str, object], said: str) -> None:
    with pytest.raises(EndpointRefused, match=said):
        check_endpoint(replace(GOOD, **changes), [], allow_http=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lrs.example/xapi",
        "ftp://lrs.example",
        "https://",
        "https://me:secret@lrs.example",
        "https://lrs.example/?x=1",
        "https://lrs.example/#x",
        "https://lrs.example:0/",
        "https://lrs.example:port/",
        "https://[::1/xapi",
        "https://lrs.example/a b",
        "https://lrs.example/\n",
        "https://één.example/",
        "https://lrs.example/" + "x" * 2000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(EndpointRefused, match="url: is no http"):
        check_endpoint(replace(GOOD, url=url), [], allow_http=True)


def test_http_is_for_a_server_room_that_says_so() -> None:
    check_endpoint(replace(GOOD, url="http://10.0.0.3:8080/xapi"), [], allow_http=True)


any_endpoint = st.builds(
    lambda tenant, stream, url, read_by: replace(
        GOOD, tenant_id=tenant, stream=stream, url=url, read_by=read_by, erase="none"
    ),
    st.sampled_from(["a", "b"]),
    st.sampled_from(STREAMS),
    st.sampled_from(["https://one.example", "https://two.example"]),
    st.sampled_from(READERS),
)


@given(st.lists(any_endpoint, max_size=8))
def test_no_employer_ever_reads_where_an_operator_stream_goes(wanted: list[LrsEndpoint]) -> None:
    kept: dict[tuple[str, str], LrsEndpoint] = {}
    for one in wanted:
        try:
            check_endpoint(one, kept.values(), allow_http=False)
        except EndpointRefused:
            continue
        kept[one.tenant_id, one.stream] = one
    read_by_employers = {one.url for one in kept.values() if one.read_by == "employer"}
    assert not read_by_employers & {one.url for one in kept.values() if one.stream == "operator"}


def test_what_is_said_about_wiping_is_what_the_weakest_place_can_do() -> None:
    assert after_wiping([]) == "erased"
    assert after_wiping(["lrsql"]) == "erased"
    assert after_wiping(["lrsql", "void"]) == "hidden"
    assert after_wiping(ERASES) == "kept"


def test_secrets_are_not_told_by_accident() -> None:
    said = repr(replace(GOOD, secrets=Secrets("hush-1", "eraser", "hush-2")))
    assert "hush" not in said
