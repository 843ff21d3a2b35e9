"""Nothing that is shown of groups, and nothing that can be worked out of it, hangs on too few members."""

from fractions import Fraction
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.suppression import THRESHOLD, withheld

# Three regions, and all of Wales, which everybody belongs to.
WALES = 0b1000
KINDS = tuple(WALES | regions for regions in range(WALES))


def shown(*members: int) -> str:
    """What is shown of three regions and of Wales, where everybody works in one region."""
    found = withheld(tuple(WALES | 1 << region for region in range(3)), members)
    return "".join("-" if found >> group & 1 else "x" for group in range(4))


def test_what_is_withheld() -> None:
    assert shown(5, 6, 7) == "xxxx"
    assert shown(4, 0, 0) == "-xx-"  # too few in all
    assert shown(4, 6, 7) == "--xx"  # and the next smallest, or the rest of Wales would tell
    assert shown(4, 3, 9) == "--xx"  # seven together tell of nobody
    assert shown(2, 2, 9) == "---x"  # four together would
    assert shown(1, 3, 0) == "--x-"
    assert shown(0, 0, 0) == "xxxx"


def test_regions_that_differ_by_few_are_not_both_shown() -> None:
    both, first = WALES | 0b11, WALES | 0b01
    assert withheld((both,), (9,)) == 0
    assert withheld((both, first), (9, 5)) == 0
    assert withheld((both, first), (9, 2)) == 0b10  # two work in the first alone
    assert withheld((first, both), (2, 9)) == 0b10


def worked_out(rows: list[list[int]], wanted: list[int]) -> bool:
    """Whether figures with these rows of members give the sum of the members wanted: by elimination, in fractions."""
    left = [list(map(Fraction, row)) for row in rows]
    target = list(map(Fraction, wanted))
    done = 0
    for column in range(len(target)):
        found = next((row for row in left[done:] if row[column]), None)
        if found is None:
            continue
        left.remove(found)
        found = [value / found[column] for value in found]
        left.insert(done, found)
        for place, row in enumerate(left):
            if place != done:
                left[place] = [value - row[column] * other for value, other in zip(row, found, strict=True)]
        target = [value - target[column] * other for value, other in zip(target, found, strict=True)]
        done += 1
    return not any(target)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(KINDS), st.sampled_from((1, 2, 3, 4, 5, 9)), min_size=1, max_size=6))
def test_no_one_to_four_members_can_be_worked_out(found: dict[int, int]) -> None:
    kinds, members = tuple(found), tuple(found.values())
    hidden = withheld(kinds, members)
    rows = [[kind >> group & 1 for kind in kinds] for group in range(4) if not hidden >> group & 1]
    for count in range(1, THRESHOLD):
        for few in combinations(range(len(kinds)), count):
            if sum(members[place] for place in few) < THRESHOLD:
                for signs in product((1, -1, 2), repeat=count):
                    wanted = [0] * len(kinds)
                    for place, sign in zip(few, signs, strict=True):
                        wanted[place] = sign
                    assert not worked_out(rows, wanted), (kinds, members, hidden)
    if all(size >= THRESHOLD for size in members):
        assert hidden == 0
