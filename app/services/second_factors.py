"""The second factor of those who sign in: enrolled, confirmed, asked for, turned off, reset.

A code is good once: of the codes of an app each time step counts once, and no earlier one after it; a recovery code is
struck off. Secrets are encrypted (``Vault``), recovery codes hashed.
"""

from collections.abc import Sequence
from uuid import UUID

from app.db.repositories import audit, second_factors, users
from app.db.session import Transaction
from app.db.values import SecondFactor
from app.errors import Conflict, Fault, Invalid, SecondFactorRequired, SecondFactorWrong, Unavailable
from app.security.secret_texts import hash_of_secret
from app.security.totp import is_totp, plain, step_of
from app.security.vault import Vault


def enrol(tx: Transaction, vault: Vault, secret: bytes) -> None:
    """Keep a secret of the caller, which counts for nothing until ``confirm``; one that waited is replaced.

    Raises ``Conflict`` where they have a second factor already.
    """
    if not second_factors.enrol(tx, vault.seal(secret)):
        raise Conflict("You have a second factor already.", hint="Turn it off first.")
    audit.record(tx, "second_factor.enrolled", _subject(tx.actor.user))


def confirm(tx: Transaction, vault: Vault, code: str, recovery_codes: Sequence[str]) -> None:
    """Ask the caller for a second factor from now on, as the first code of their app is right.

    Raises ``Conflict`` where nothing waits to be confirmed, and ``Invalid`` (``/code``) for a code that is not right.
    """
    found = second_factors.find(tx, tx.actor.user)
    if found is None or found.confirmed_at is not None:
        raise Conflict("No second factor waits to be confirmed.", hint="Enrol one first.")
    step = step_of(vault.open(found.secret), plain(code), tx.now)
    if step is None:
        raise wrong_code()
    if not second_factors.confirm(tx, step, [hash_of_secret(plain(each)) for each in recovery_codes]):
        raise Conflict("The second factor was confirmed meanwhile.", hint="Sign in with it.")
    audit.record(tx, "second_factor.confirmed", _subject(tx.actor.user))


def prove(tx: Transaction, vault: Vault, code: str | None) -> None:
    """Let a caller through who has no second factor, or gives a code of theirs, which is thereby used.

    Raises ``SecondFactorRequired`` without a code, and ``SecondFactorWrong`` for one that is not right or was used.
    """
    found = second_factors.find(tx, tx.actor.user)
    if found is None or found.confirmed_at is None:
        return
    if code is None:
        raise SecondFactorRequired(
            "A second factor is needed.", hint="Send the code of your app, or a recovery code, as second_factor."
        )
    if not _used(tx, vault, found, plain(code)):
        raise SecondFactorWrong(
            "The code of the second factor is not right, or was used before.",
            hint="Wait for the next code of your app, or use a recovery code that is left.",
        )


def turn_off(tx: Transaction, vault: Vault, code: str) -> None:
    """Take away the second factor of the caller, who gives a code; one that waits to be confirmed needs none.

    Raises ``Conflict`` where there is none, and ``Invalid`` (``/code``) for a code that is not right or was used.
    """
    found = second_factors.find(tx, tx.actor.user)
    if found is None:
        raise Conflict("You have no second factor.", hint="There is nothing to turn off.")
    if found.confirmed_at is not None and not _used(tx, vault, found, plain(code)):
        raise wrong_code()
    second_factors.clear(tx, tx.actor.user)
    audit.record(tx, "second_factor.turned_off", _subject(tx.actor.user))


def reset(tx: Transaction, user_id: UUID) -> None:
    """Take away the second factor of a user who has lost it, if there is one, as an administrator.

    Raises ``Forbidden`` and ``NotFound``.
    """
    tx.require("administrator")
    users.get(tx, user_id)
    if second_factors.clear(tx, user_id):
        audit.record(tx, "second_factor.reset", _subject(user_id))


def encrypt_anew(tx: Transaction, vault: Vault) -> int:
    """Seal every secret under the newest key, so that older ones can be retired; gives how many needed it.

    As an administrator. What no key opens is left as it is.
    """
    count = 0
    for user, sealed in second_factors.every_secret(tx):
        try:
            renewed = vault.renewed(sealed)
        except Unavailable:
            continue
        if renewed is not None:
            second_factors.reseal(tx, user, sealed, renewed)
            count += 1
    return count


def wrong_code() -> Invalid:
    """The answer to a code that somebody who is signed in got wrong."""
    fault = Fault("/code", "this code is not right, or was used before", "wait for the next code of your app")
    return Invalid("Nothing was changed.", hint="See faults.", faults=(fault,))


def _used(tx: Transaction, vault: Vault, found: SecondFactor, code: str) -> bool:
    """Whether the code is right and was not used before; it is from now on."""
    if not is_totp(code):
        if not second_factors.use_recovery_code(tx, hash_of_secret(code)):
            return False
        audit.record(tx, "second_factor.recovery_code_used", _subject(tx.actor.user))
        return True
    step = step_of(vault.open(found.secret), code, tx.now)
    if step is None or not second_factors.use_step(tx, step):
        return False
    renewed = vault.renewed(found.secret)
    if renewed is not None:
        second_factors.reseal(tx, tx.actor.user, found.secret, renewed)
    return True


def _subject(user: UUID) -> str:
    return f"users/{user}"
