"""The engine: which item to ask next, and what the answers say. NumPy only; no clock, hidden state or I/O."""

from lti_tool.measurement.bank import Bank, BankUnusable, ScoredItem
from lti_tool.measurement.change import Change, PairsDoNotMatch, TooFewPairs, paired_change
from lti_tool.measurement.model import Prior, PriorUnusable
from lti_tool.measurement.posterior import (
    AnotherBankVersion,
    Answer,
    ItemTwiceInHistory,
    State,
    UnknownItemInHistory,
)
from lti_tool.measurement.report import DomainProfile, Profile, profile, tag_weakness
from lti_tool.measurement.select import Ask, Done, next_step
from lti_tool.measurement.stop import Policy, PolicyUnusable

__all__ = [
    "AnotherBankVersion",
    "Answer",
    "Ask",
    "Bank",
    "BankUnusable",
    "Change",
    "DomainProfile",
    "Done",
    "ItemTwiceInHistory",
    "PairsDoNotMatch",
    "Policy",
    "PolicyUnusable",
    "Prior",
    "PriorUnusable",
    "Profile",
    "ScoredItem",
    "State",
    "TooFewPairs",
    "UnknownItemInHistory",
    "next_step",
    "paired_change",
    "profile",
    "tag_weakness",
]
