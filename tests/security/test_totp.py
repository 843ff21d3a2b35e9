"""Codes that change with time, and those for when there is no app."""

from datetime import UTC, datetime, timedelta

import pytest

from app.security.totp import as_typed, is_totp, new_recovery_codes, new_totp_secret, plain, provisioning_uri, step_of

SECRET = b"12345678901234567890"  # that of RFC 6238, appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(SECRET, code, now) == seconds // 30
    for off, found in ((-60, False), (-30, True), (30, True), (60, False)):
        there = step_of(SECRET, code, now + timedelta(seconds=off))
        assert there == (seconds // 30 if found else None)
    for wrong in ("000000", code[:-1], f"{code}0", "", "é" * 6, "\ud800"):
        assert step_of(SECRET, wrong, now) is None


def test_secrets_and_recovery_codes_are_fresh_and_easy_to_type() -> None:
    assert new_totp_secret() != new_totp_secret()
    assert as_typed(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    uri = provisioning_uri(SECRET, "mair@example.org")
    assert uri.startswith("otpauth://totp/Safonau:mair%40example.org?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert plain(f" {code.lower()} ") == code.replace("-", "")
        assert not is_totp(code)
    assert is_totp(plain("287 082"))
    assert not is_totp("\u0661" * 6)
