"""Somebody reads who made the content that their campaign uses, and what they may do with it."""

from __future__ import annotations

from lti_tool.domain.colophon import Colophon
from lti_tool.domain.people import Where
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent


class ReadColophon:
    """Credit where it is due."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def colophon(self, where: Where) -> Colophon:
        """Of the release that the campaign uses."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(where.tenant_id)
            campaign = tenant_rows.load_campaign(where.tenant_id, where.campaign_id)
            return self._content.release_for(tenant, campaign).package.colophon
