"""A learner looks at a picture, or opens a file, of the content that their campaign uses."""

from __future__ import annotations

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

    def medium(self, where: Where, file: str) -> Medium:
        """By its path inside the package.

        Raises:
            MediumUnknown: the package has no such file, or not any more.
        """
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(where.tenant_id)
            campaign = tenant_rows.load_campaign(where.tenant_id, where.campaign_id)
            release = self._content.release_for(tenant, campaign)
        medium = release.package.medium(file)
        if not medium.path.is_file():
            raise MediumUnknown(file)
        return medium
