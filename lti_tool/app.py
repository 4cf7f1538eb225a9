"""create_app(settings) wires everything; read it to see the whole house."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, g, has_app_context
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import web
from lti_tool.lti.http import OutgoingHttp
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.launch import LaunchDoor
from lti_tool.lti.scores import Scores
from lti_tool.recording import Pen
from lti_tool.settings import Settings
from lti_tool.storage import database
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.connect_portal import ConnectPortal
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.enter import Enter
from lti_tool.use_cases.inspect_visit import InspectVisit
from lti_tool.use_cases.operate import Operate
from lti_tool.use_cases.publish_figures import PublishFigures
from lti_tool.use_cases.read_advice import ReadAdvice
from lti_tool.use_cases.read_reports import ReadReports
from lti_tool.use_cases.take_assessment import TakeAssessment
from lti_tool.use_cases.take_module import TakeModule
from lti_tool.use_cases.work import Work


@dataclass(frozen=True)
class Commands:
    """The journeys that have no page; the command line asks them."""

    connect: ConnectPortal
    figures: PublishFigures
    reports: ReadReports
    operate: Operate
    work: Work
