"""A learner looks at a picture, or opens a file, of the content that their campaign uses."""

from __future__ import annotations

from pathlib import Path

from lti_tool.domain.content import Medium
from lti_tool.domain.errors import MediumUnknown
from lti_tool.domain.people import Where
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent


class ShowMedia:
    """The pictures, films and files of content packages."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def medium(self, where: Where, file: str) -> tuple[Medium, Path | bytes]:
        """By its path inside the package: what it is, and where it is or what is in it.

        Raises:
            MediumUnknown: the package has no such file, or not any more.
        """
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(where.tenant_id)
            campaign = tenant_rows.load_campaign(where.tenant_id, where.campaign_id)
            found = self._content.release_for(tenant, campaign).package.medium(file)
            content = self._content.medium(found)
        if isinstance(content, Path) and not content.is_file():
            raise MediumUnknown(file)
        return found, content
