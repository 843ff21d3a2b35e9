"""Numbers of issued documents: what a slip of the pen gives, and what does not."""

from uuid import UUID

import pytest

from app.services.numbering import number_of, read_number

NUMBER = number_of("SAF", 2026, UUID(int=7))


def test_a_number_belongs_to_its_id_and_reads_as_people_type_it() -> None:
    assert number_of("SAF", 2026, UUID(int=7)) == NUMBER != number_of("SAF", 2026, UUID(int=8))
    assert [len(part) for part in NUMBER.split("-")] == [3, 4, 5, 5, 1]
    for typed in (NUMBER, NUMBER.lower(), NUMBER.replace("-", ""), f" {NUMBER.replace('-', ' - ')}\n"):
        assert read_number(typed) == NUMBER
    body = NUMBER[:-1].replace("1", "I").replace("0", "o")
    assert read_number(f"SAF{body[3:]}{NUMBER[-1]}") == NUMBER


def test_every_single_slip_is_found() -> None:
    for place, letter in enumerate(NUMBER):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if letter not in ("-", other):
                assert read_number(f"{NUMBER[:place]}{other}{NUMBER[place + 1 :]}") is None


@pytest.mark.parametrize("typed", ["", "SAF", "x" * 1000, "\uff33AF-2026-00000-00000-0", f"{NUMBER}0", "\0"])
def test_anything_else_is_no_number(typed: str) -> None:
    assert read_number(typed) is None
