"""Words in English and, where the designer gave them, in Dutch and German."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LOCALES: Final = ("en", "nl", "de")


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in several languages."""

    plain: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.plain or self.translations)

    def pick(self, locale: str) -> str:
        """The text in this language, else in English."""
        language = locale.replace("_", "-").partition("-")[0]
        return self.translations.get(language) or self.plain or self.translations.get("en", "")

    def missing(self) -> list[str]:
        """Languages other than English in which there is no text."""
        return [each for each in LOCALES[1:] if self and not self.translations.get(each)]
