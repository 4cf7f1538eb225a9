"""The shape of the files in a package: keys, types and limits; the JSON Schemas are made from these."""

from lti_tool.content_library.format.credits import CreditsShape
from lti_tool.content_library.format.golden import GoldenShape
from lti_tool.content_library.format.items import ItemShape
from lti_tool.content_library.format.modules import ModuleShape, StepShape, TextShape
from lti_tool.content_library.format.package import FrameworkShape, LabelShape, PackageShape
from lti_tool.content_library.format.stories import StoryShape
from lti_tool.content_library.format.translations import TranslationShape
from lti_tool.content_library.format.words import Shape

__all__ = [
    "CreditsShape",
    "FrameworkShape",
    "GoldenShape",
    "ItemShape",
    "LabelShape",
    "ModuleShape",
    "PackageShape",
    "Shape",
    "StepShape",
    "StoryShape",
    "TextShape",
    "TranslationShape",
]
