"""Every expected failure: a class, a stable code for programs, a sentence and a hint for people.

The tree (codes in brackets)::

    AppError
    ├── BadInput [bad-input]                    a body or file that cannot be read at all
    │   ├── TooLarge [too-large]
    │   └── InvalidCursor [invalid-cursor]
    ├── Invalid [invalid]                       readable, but wrong: faults say where
    │   ├── PackInvalid [pack-invalid]
    │   └── StandardsInvalid [standards-invalid]
    ├── NotSignedIn [not-signed-in]
    │   ├── SecondFactorRequired [second-factor-required]
    │   └── SecondFactorWrong [second-factor-wrong]
    ├── Forbidden [forbidden]
    ├── NotFound [not-found]                    also what the caller may not know to exist
    ├── Conflict [conflict]
    │   └── IdempotencyInFlight [idempotency-in-flight]
    ├── IdempotencyMismatch [idempotency-mismatch]
    ├── PreconditionRequired [precondition-required]
    ├── PreconditionFailed [precondition-failed]
    ├── TooManyAttempts [too-many-attempts]
    ├── NotAcceptable [not-acceptable]
    ├── ContentGone [content-gone]              a file that was held, and was taken away for good
    ├── ContentDamaged [content-damaged]        a file that is no longer what its hash says
    └── Unavailable [unavailable]               the service cannot start or reach what it needs

Which HTTP status each one has is the business of ``app/api/errors.py``; the command line prints the same sentences.
"""

from dataclasses import dataclass


def counted(count: int, noun: str) -> str:
    """A number with its noun, which takes an s for any number but one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one place of a JSON document.

    ``pointer`` is a JSON Pointer (RFC 6901; ``""`` is the whole document), ``message`` says what is wrong,
    ``hint`` what to do about it.
    """

    pointer: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Give the fault as one line, the place first."""
        return f"{self.pointer or '(whole document)'}: {self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with one place of the standards tree; lines and columns count from 1, paths are tree-relative."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Give the problem as ``file:line:column message (hint)``, which editors can follow."""
        return f"{self.file}:{self.line}:{self.column} {self.message}" + (f" ({self.hint})" if self.hint else "")


class AppError(Exception):
    """An expected failure: ``message`` says what is wrong, ``hint`` what to do, ``code`` never changes."""

    code = "error"
    title = "Something went wrong"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(AppError):
    """The input cannot be read at all; ``faults`` are the places that keep it from being read, where there are such."""

    code = "bad-input"
    title = "The input cannot be read"

    def __init__(self, message: str, *, hint: str = "", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class TooLarge(BadInput):
    """The input is larger than the service takes."""

    code = "too-large"
    title = "The input is too large"


class InvalidCursor(BadInput):
    """A page cursor that this service did not issue."""

    code = "invalid-cursor"
    title = "The page cursor is not one of ours"


class Invalid(AppError):
    """The input can be read but must not be taken; ``faults`` lists everything that is wrong with it."""

    code = "invalid"
    title = "The input has faults"

    def __init__(self, message: str, *, hint: str = "", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class PackInvalid(Invalid):
    """An assessment pack with faults; it is refused whole (semantics.md 3)."""

    code = "pack-invalid"
    title = "The assessment pack has faults"


class StandardsInvalid(AppError):
    """A standards tree with problems; nothing of it is loaded."""

    code = "standards-invalid"
    title = "The standards tree has problems"

    def __init__(self, message: str, *, problems: tuple[Problem, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class NotSignedIn(AppError):
    """No token, or one that does not hold."""

    code = "not-signed-in"
    title = "Sign in first"


class SecondFactorRequired(NotSignedIn):
    """The password is right, and a code has to come with it."""

    code = "second-factor-required"
    title = "A second factor is needed"


class SecondFactorWrong(NotSignedIn):
    """The password is right; the code that came with it is not, or was used before."""

    code = "second-factor-wrong"
    title = "The second factor is wrong"


def token_refused() -> NotSignedIn:
    """The one answer to every access token that does not hold; which check failed is nobody's business."""
    return NotSignedIn(
        "The request carries no access token that holds.",
        hint="Get a token from POST /v1/token and send it as: Authorization: Bearer <token>",
    )


class Forbidden(AppError):
    """The caller may see the thing but not do this to it."""

    code = "forbidden"
    title = "Not allowed for your role"


class NotFound(AppError):
    """The thing does not exist, or the caller may not learn that it does."""

    code = "not-found"
    title = "Not found"


class Conflict(AppError):
    """The request is sound but clashes with the record as it stands."""

    code = "conflict"
    title = "The record is in another state"


class IdempotencyInFlight(Conflict):
    """A request with the same idempotency key is still being worked on."""

    code = "idempotency-in-flight"
    title = "The same request is still being worked on"


class IdempotencyMismatch(AppError):
    """An idempotency key was used again for another request."""

    code = "idempotency-mismatch"
    title = "The idempotency key was used for another request"


class PreconditionRequired(AppError):
    """A change without ``If-Match``."""

    code = "precondition-required"
    title = "Say which version you are changing"


class PreconditionFailed(AppError):
    """A change of a version that is no longer the newest."""

    code = "precondition-failed"
    title = "Somebody changed it meanwhile"


class TooManyAttempts(AppError):
    """Too many tries in too short a time."""

    code = "too-many-attempts"
    title = "Too many attempts"


class NotAcceptable(AppError):
    """No form of the resource is one that the caller accepts."""

    code = "not-acceptable"
    title = "Not available in the form asked for"


class ContentGone(AppError):
    """The file of a document was taken away for good; its particulars are on record."""

    code = "content-gone"
    title = "The file is no longer held"


class ContentDamaged(AppError):
    """The file of a document is missing, or has another SHA-256 than it was stored under; nothing of it is sent."""

    code = "content-damaged"
    title = "The file is damaged"


class Unavailable(AppError):
    """The service cannot start, or cannot reach what it needs."""

    code = "unavailable"
    title = "The service cannot do this now"
