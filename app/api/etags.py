"""Entity tags and the conditions on them (RFC 9110, 8.8 and 13)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request

from app.errors import BadInput, NotFound, PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')


@dataclass(frozen=True, slots=True)
class Tags:
    """What an ``If-Match`` or ``If-None-Match`` names: anything (``*``), or strong and weak tags without quotes."""

    anything: bool = False
    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    def matches_weakly(self, etag: str) -> bool:
        """Whether ``etag`` is named, weak or strong: enough to say "not modified"."""
        return self.anything or etag in self.strong or etag in self.weak


def read_tags(header: str) -> Tags:
    """Read a list of entity tags; raises ``BadInput`` for anything else."""
    if header.strip() == "*":
        return Tags(anything=True)
    strong: set[str] = set()
    weak: set[str] = set()
    at = 0
    while match := _TAG.match(header, at):
        (weak if match[1] else strong).add(match[2])
        if match.end() == len(header):
            return Tags(strong=frozenset(strong), weak=frozenset(weak))
        if header[match.end()] != ",":
            break
        at = match.end() + 1
    raise BadInput(
        "An If-Match or If-None-Match header is not a list of entity tags.",
        hint='Send the ETag as it was given, quotes included, such as If-Match: "3".',
    )


def quoted(etag: str) -> str:
    """An etag as the header writes it."""
    return f'"{etag}"'


@dataclass(frozen=True, slots=True)
class Expected:
    """Which version the caller means to change."""

    tags: Tags | None

    def etag(self, current: Callable[[], str]) -> str | None:
        """The one etag that the change is made on; ``None`` means that there must be nothing yet.

        ``current`` gives the etag on record, and is asked only where the header leaves a choice. Raises
        ``PreconditionFailed``; weak tags never match, since a change is made on exact content.
        """
        if self.tags is None:
            return None
        if len(self.tags.strong) == 1:
            return next(iter(self.tags.strong))
        try:
            found = current()
        except NotFound:
            raise _failed() from None
        if self.tags.anything or found in self.tags.strong:
            return found
        raise _failed()

    def existing(self, current: Callable[[], str]) -> str:
        """The same for what cannot be created by this operation."""
        found = self.etag(current)
        if found is None:
            raise _failed()
        return found


def _failed() -> PreconditionFailed:
    return PreconditionFailed(
        "The record is not in the version that the condition names.",
        hint="Read it again, repeat the change on what is there now, and send its new ETag.",
    )


class Condition:
    """Reads the condition that every change must carry.

    ``creates``: whether ``If-None-Match: *`` is one; ``as_read``: whether ``If-Match: *`` is none, since what matters
    is that the caller has read what is there.
    """

    def __init__(self, *, creates: bool, as_read: bool = False) -> None:
        self.creates = creates
        self.as_read = as_read

    async def __call__(
        self,
        if_match: Annotated[str | None, Header(description="The ETag of the version that this is done on.")] = None,
        if_none_match: Annotated[str | None, Header(description="* to create what must not exist yet.")] = None,
    ) -> Expected:
        """Raise ``PreconditionRequired`` without a condition, ``BadInput`` for one that makes no sense."""
        if if_match is not None and if_none_match is None:
            tags = read_tags(if_match)
            if tags.anything and self.as_read:
                raise PreconditionRequired(
                    "If-Match: * does not say what was read.", hint="Send If-Match with the ETag of what was read."
                )
            return Expected(tags)
        if if_match is not None:
            raise BadInput("If-Match and If-None-Match contradict each other.", hint="Send one of the two.")
        if if_none_match is None:
            create = " or, to create it, If-None-Match: *" if self.creates else ""
            raise PreconditionRequired(
                "A change must say which version it is made on.",
                hint=f"Send If-Match with the ETag that you were given{create}.",
            )
        if read_tags(if_none_match) != Tags(anything=True):
            raise BadInput("On a change, If-None-Match can only be *.", hint="Send If-Match to change what is there.")
        return Expected(None)


IfMatch: TypeAlias = Annotated[Expected, Depends(Condition(creates=False))]
IfMatchAsRead: TypeAlias = Annotated[Expected, Depends(Condition(creates=False, as_read=True))]
IfMatchOrNew: TypeAlias = Annotated[Expected, Depends(Condition(creates=True))]


def named(request: Request, etag: str) -> bool:
    """Whether a reader names this very version in ``If-None-Match``; ``*`` names none."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    tags = read_tags(header)
    return etag in tags.strong or etag in tags.weak


def not_modified(request: Request, etag: str) -> bool:
    """Whether the caller has this representation already."""
    header = request.headers.get("if-none-match")
    return header is not None and read_tags(header).matches_weakly(etag)
