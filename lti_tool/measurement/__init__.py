"""The engine: which item to ask next, and what the answers say. NumPy only; no clock, hidden state or I/O."""

from lti_tool.measurement.bank import Bank, BankUnusable, ScoredItem
from lti_tool.measurement.calibrate import (
    CalibratedItem,
    Calibration,
    GroupMean,
    NothingToCalibrate,
    calibrate,
)
from lti_tool.measurement.change import (
    Change,
    Own,
    PairsDoNotMatch,
    TooFewPairs,
    chance_improved,
    group_change,
    latent_change,
    paired_change,
)
from lti_tool.measurement.lockstep import AnswersDoNotMatch, Sittings, sit_together
from lti_tool.measurement.model import Prior, PriorUnusable
from lti_tool.measurement.posterior import (
    AnotherBankVersion,
    Answer,
    ItemTwiceInHistory,
    State,
    UnknownItemInHistory,
    own_log_likelihood,
)
from lti_tool.measurement.report import DomainProfile, Profile, profile, tag_weakness
from lti_tool.measurement.select import Ask, Done, next_step
from lti_tool.measurement.sheets import Sheet
from lti_tool.measurement.simulate import DomainHealth, Health, SimulationUnusable, simulate
from lti_tool.measurement.stop import Policy, PolicyUnusable

__all__ = [
    "AnotherBankVersion",
    "Answer",
    "AnswersDoNotMatch",
    "Ask",
    "Bank",
    "BankUnusable",
    "CalibratedItem",
    "Calibration",
    "Change",
    "DomainHealth",
    "DomainProfile",
    "Done",
    "GroupMean",
    "Health",
    "ItemTwiceInHistory",
    "NothingToCalibrate",
    "Own",
    "PairsDoNotMatch",
    "Policy",
    "PolicyUnusable",
    "Prior",
    "PriorUnusable",
    "Profile",
    "ScoredItem",
    "Sheet",
    "SimulationUnusable",
    "Sittings",
    "State",
    "TooFewPairs",
    "UnknownItemInHistory",
    "calibrate",
    "chance_improved",
    "group_change",
    "latent_change",
    "next_step",
    "own_log_likelihood",
    "paired_change",
    "profile",
    "simulate",
    "sit_together",
    "tag_weakness",
]
