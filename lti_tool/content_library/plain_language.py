"""How easily a Dutch text is read, by what a computer can count.

Reading ease is that of Flesch as Douma fitted it to Dutch (W.H. Douma, De leesbaarheid van landbouwbladen, 1960):
206.84 - 0.93 x words per sentence - 77 x syllables per word. No formula proves B1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise

from pyphen import Pyphen

EASY = 60
"""Reading ease from which a text reads easily."""
FEWEST_WORDS = 30
"""In a shorter text one long word decides."""
LONGEST_SENTENCE = 15
"""Words."""
LONGEST_WORD = 20
"""Letters."""
SHOWN_WORDS = 5

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])(?<!\.\w\.)[\"'”’)]*\s+|\n+")
_WORD = re.compile(r"\w+(?:['’.@/:-]+\w+)*")
_ADDRESS = re.compile(r"\w[.@/:]+\w")
"""In an address, the name of a file or a number such as 12.30."""
_LONG = re.compile(rf"(?<![\w./@-])[^\W\d_]{{{LONGEST_WORD + 1},}}(?![./@]?\w)")
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:(?:[a-z]\.){2,}|(?:bijv|bv|evt|incl|excl|enz|etc|resp|ca|max|min|nr)\.)", re.IGNORECASE
)
_BECOMES = re.compile(r"\b(?:wordt|worden|werd|werden)\b", re.IGNORECASE)
_PARTICIPLE = re.compile(
    r"\b(?:aan|af|bij|door|in|mee|na|om|op|over|samen|terug|toe|uit|vast|voor|weg)?"
    r"ge(?!meente|gevens)\w{2,30}(?:d|t|en)\b",
    re.IGNORECASE,
)
_VOWELS = re.compile(
    r"aai|eau|eeu|ieu|oei|ooi|aa|ai|au|ea|ee|ei|eu|ie|ij|oe|oo|ou|ui|uu|[aeiouyáàâäéèêëíìîïóòôöúùûü]",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with a word in it."""
    return [part for part in _SENTENCE_ENDS.split(text) if _WORD.search(part)]


def words_in(text: str) -> list[str]:
    return _WORD.findall(text)


def reading_ease(texts: Iterable[str]) -> float | None:
    """Flesch-Douma of texts together; higher is easier, 100 is very easy. None under FEWEST_WORDS words.

    Addresses are left out: nobody reads them syllable by syllable, and the formula was fitted to running text.
    """
    told = [[word for word in words_in(s) if not _ADDRESS.search(word)] for text in texts for s in sentences(text)]
    words = [word for sentence in told for word in sentence]
    if len(words) < FEWEST_WORDS:
        return None
    syllables = sum(map(syllables_in, words))
    return 206.84 - 0.93 * len(words) / len(told) - 77 * syllables / len(words)


@lru_cache(maxsize=50_000)
def syllables_in(word: str) -> int:
    """At least 1.

    Hyphenation leaves single letters alone ("even" has no place for a hyphen), and vowels that belong together in
    "team" do not in "reactie": each only ever counts too few.
    """
    return max(len(_hyphens().positions(word)) + 1, len(_VOWELS.findall(word)), 1)


@cache
def _hyphens() -> Pyphen:
    return Pyphen(lang="nl_NL")


def advice(text: str) -> Iterator[str]:
    """What would make a text simpler, and where in it."""
    told = text.split()
    if len(told) > LONGEST_SENTENCE:
        for words in map(words_in, sentences(text)):
            if len(words) > LONGEST_SENTENCE:
                yield f"a sentence of {len(words)} words, {_beginning(words)}: make it two, or leave words out"
    if any(len(word) > LONGEST_WORD for word in told):
        for word in _LONG.findall(text):
            yield f"'{word}' has {len(word)} letters: use shorter words, or explain it"
    if "." in text:
        for short in _ABBREVIATION.findall(text):
            yield f"write '{short}' in full, or leave it out"
    if "word" in text or "werd" in text:
        yield from _passive(text)


def _passive(text: str) -> Iterator[str]:
    for before, after in pairwise(sentences(text)):
        if _is_passive(before) and _is_passive(after):
            yield f"two sentences in a row hide who does it, {_beginning(words_in(before))}: say who"


def _beginning(words: list[str]) -> str:
    return f"'{' '.join(words[:SHOWN_WORDS])} …'"


def _is_passive(sentence: str) -> bool:
    return _BECOMES.search(sentence) is not None and _PARTICIPLE.search(sentence) is not None
