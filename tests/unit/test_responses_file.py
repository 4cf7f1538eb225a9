"""A file of answers from elsewhere: read as it is meant, and each mistake named by line and column."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.content_library import load_package
from lti_tool.domain.calibration import PersonalAnswer, ResponsesBroken
from lti_tool.use_cases import read_responses as responses
from tests.integration.journeys.small_content import write_small_content

HEAD = "person,group,item,right\n"
GOOD = HEAD + "jan,pre,VEI-INT-0011,1\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return load_package(write_small_content(tmp_path_factory.mktemp("content") / "klein"))


@pytest.fixture(scope="module")
def read(package, tmp_path_factory):
    """Read these bytes, or this text, as a file."""
    path = tmp_path_factory.mktemp("answers") / "answers.csv"

    def run(content):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return responses.read_responses(path, package)

    return run


@pytest.fixture
def refused(read):
    """Why these answers are refused, without the name of the file before each reason."""

    def run(content):
        with pytest.raises(ResponsesBroken) as why:
            read(content)
        lines = str(why.value).split("\n")
        assert all("answers.csv: " in line for line in lines)
        return [line.partition("answers.csv: ")[2] for line in lines]

    return run


def test_each_line_is_an_answer_of_somebody_to_a_question(read):
    assert read(HEAD + "jan,pre,VEI-INT-0011@1,1\njan,post,INF-ZOE-0012,false\n") == [
        PersonalAnswer("jan", "jan\0pre", "pre", "VEI-INT-0011", True),
        PersonalAnswer("jan", "jan\0post", "post", "INF-ZOE-0012", False),
    ]


def test_without_groups_everybody_is_in_one(read):
    (answer,) = read("item,right,person\nVEI-INT-0011,0,jan\n")
    assert (answer.person, answer.group, answer.right) == ("jan", "", False)


@pytest.mark.parametrize("right", ["1", "true", "TRUE", " True "])
def test_right_may_be_written_in_several_ways(read, right):
    assert read(f"{HEAD}jan,,VEI-INT-0011,{right}\n")[0].right


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        GOOD.replace("\njan", "\n\n\njan"),
        GOOD.replace("jan,pre", '"jan","pre"'),
        GOOD.replace("person,", " person ,"),
    ],
    ids=["BOM", "CRLF", "no last line end", "empty lines", "quoted", "spaces"],
)
def test_what_spreadsheets_make_of_it_is_fine(read, content):
    assert read(content) == read(GOOD)


MISTAKES = [
    ("", "line 1: there is no header"),
    ("\n\n", "line 1: there is no header"),
    (",,\n", "line 1: there is no header"),
    (HEAD, "has no answers"),
    (HEAD + "\n\n", "has no answers"),
    (
        "person;group;item;right\n",
        "line 1: the header lacks person, item, right; columns are separated by commas",
    ),
    ("person,item\n", "line 1: the header lacks right"),
    ("jan,pre,VEI-INT-0011,1\n", "line 1: the header lacks person, item, right"),
    ("person,item,right,name\n", "line 1: 1 columns are not known"),
    ("person,item,right,item\n", "line 1: a column is there twice"),
    (HEAD + "jan,pre,VEI-INT-0011\n", "line 2: has 3 columns where the header has 4"),
    (HEAD + ",pre,VEI-INT-0011,1\n", "line 2: person: is empty"),
    (HEAD + "jan,pre,VEI-INT-9999,1\n", "line 2: item: VEI-INT-9999 is not in klein-pakket"),
    (
        HEAD + "jan,pre,VEI-INT-0100,1\n",
        "line 2: item: VEI-INT-0100 is not asked in an assessment of klein-pakket",
    ),
    (HEAD + "jan,pre,VEI-INT-0011@2,1\n", "line 2: item: VEI-INT-0011 has version 1 here, not 2"),
    (HEAD + "jan,pre,VEI-INT-0011@1.0,1\n", "line 2: item: is not an item's id"),
    (HEAD + "VEI-INT-0011,pre,jan,1\n", "line 2: item: is not an item's id"),
    (HEAD + "jan,pre,VEI-INT-0011,yes\n", "line 2: right: must be 0, 1, false or true"),
    (HEAD + "jan,pre,VEI-INT-0011,\n", "line 2: right: must be"),
    (GOOD + "jan,post,VEI-INT-0011@1,0\n", "line 3: item: this person answered it in line 2 already"),
    (GOOD.encode("utf-16"), "line 1: is not UTF-8"),
    (HEAD.encode() + b"j\xe9,pre,VEI-INT-0011,1\n", "line 2: is not UTF-8"),
    (HEAD + "j\0n,pre,VEI-INT-0011,1\n", "line 2: has a NUL byte"),
    (HEAD + '"jan,pre,VEI-INT-0011,1\n', "line 2: cannot be read further: unexpected end of data"),
    (HEAD + '"jan"x,pre,VEI-INT-0011,1\n', "line 2: cannot be read further"),
    (HEAD.replace("\n", "\r") + "jan,pre,VEI-INT-0011,1\r", "line 1: cannot be read further"),
    (HEAD + "x" * 10_001, "line 2: is longer than 10000 bytes"),
    (b"\xff" * 100_000, "line 1: is longer than 10000 bytes"),
    (HEAD + '"' + "x\n" * 200_000, "cannot be read further: field larger than field limit"),
]


@pytest.mark.parametrize(("content", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_named_by_line_and_column(refused, content, said):
    assert said in refused(content)[0]


def test_all_mistakes_are_named_at_once_in_their_order(refused):
    wrong = HEAD + ",pre,VEI-INT-9999,perhaps\njan,pre,x,1\n"
    assert [why.partition(": ")[0] for why in refused(wrong)] == ["line 2", "line 2", "line 2", "line 3"]


def test_of_very_many_mistakes_fifty_are_named_and_the_others_counted(refused):
    said = refused(HEAD + "jan,pre,x,1\n" * 120)
    assert len(said) == responses.SHOWN + 1
    assert said[-1] == "and 70 more"
    assert len(refused(HEAD + "jan,pre,x,1\n" * 50)) == 50


def test_no_person_group_or_unknown_text_is_repeated_in_what_is_said(refused):
    wrong = (
        HEAD + "Fatima,Secretariaat,Piet,Kees\nFatima,Secretariaat\n" + "Fatima,Secretariaat,VEI-INT-0011,1\n" * 2
    )
    said = " ".join(refused(wrong))
    assert not [name for name in ("Fatima", "Secretariaat", "Piet", "Kees") if name in said]


def test_a_file_that_is_not_there_or_is_a_folder_is_named(package, tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(ResponsesBroken, match="cannot be read: "):
            responses.read_responses(path, package)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text('person,group,item,right\r\n"1VEI-INT0\0', max_size=200)))
def test_whatever_stands_in_a_file_it_is_read_or_refused_in_words(read, content):
    head = b"" if isinstance(content, bytes) else HEAD.encode()
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        answers = read(head + raw)
    except ResponsesBroken:
        return
    assert answers
