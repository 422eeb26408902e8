"""How a setting is declared."""

from dataclasses import field
from typing import Any, ClassVar


def setting(default: Any, sentence: str, *, secret: bool = False, pixashot: bool = False) -> Any:
    """Declare a setting; `secret` marks a value that must not be shown, `pixashot` a name from Pixashot."""
    return field(default=default, metadata={"sentence": sentence, "secret": secret, "pixashot": pixashot})


class Group:
    """Base of the groups; the group's name is a class argument."""

    group: ClassVar[str]

    def __init_subclass__(cls, group: str = "") -> None:
        cls.group = group
