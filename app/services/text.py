"""Text that the record cannot hold."""

from collections.abc import Iterator

from app.errors import Fault


def text_faults(value: object, pointer: str) -> Iterator[Fault]:
    """A fault for every text in a JSON value that PostgreSQL cannot keep: U+0000, or half a character."""
    if isinstance(value, str):
        if not _can_be_kept(value):
            yield Fault(
                pointer, "the text holds a character that cannot be kept", "take out U+0000 and halves of pairs"
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            if _can_be_kept(key):
                yield from text_faults(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
            else:
                yield Fault(pointer, "a name in here holds a character that cannot be kept", "take it out")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from text_faults(item, f"{pointer}/{index}")


def _can_be_kept(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
