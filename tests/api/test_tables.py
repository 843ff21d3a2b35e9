"""Tables that are sent whole."""

from collections.abc import Iterator

import pytest

from app.api.tables import table
from app.errors import Unavailable


def test_what_is_refused_before_the_first_row_is_told() -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        yield from ()
        raise Unavailable("Too much has to be worked out.")

    with pytest.raises(Unavailable):
        table("services.csv", ("service",), rows())


def test_a_table_says_what_it_is_called_and_in_which_language() -> None:
    headers = table("services.csv", ("service",), iter([("A",)])).headers
    assert headers["content-disposition"] == 'attachment; filename="services.csv"'
    assert headers["vary"] == "Accept"
    assert "content-language" not in headers
    spoken = table("services.csv", ("service",), iter([]), "cy").headers
    assert (spoken["content-language"], spoken["vary"]) == ("cy", "Accept, Accept-Language")
