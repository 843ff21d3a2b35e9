"""The fewest documents and answers that satisfy several needs, and what is said where no proof was found."""

from itertools import combinations, count, product

from app.engine.fewest import AnswerAmong, Either, Every, Fewest, MoreDocuments, Need, cost, fewest, holds


def more(*types: str, count: int = 1) -> MoreDocuments:
    return MoreDocuments(types, count)


def answer(question: str, *options: int) -> AnswerAmong:
    return AnswerAmong(question, frozenset(options))


def test_what_nothing_is_missing_of_costs_nothing() -> None:
    assert fewest([]) == Fewest({}, 0, ())
    assert fewest([Every(), answer("q", 0, 1)]) == Fewest({}, 0, ())


def test_one_document_serves_all_that_ask_for_its_type() -> None:
    assert fewest([more("a"), more("a", count=3), more("a", "b")]) == Fewest({("document", "a"): 3}, 3, ())


def test_what_is_shared_is_chosen_before_what_is_not() -> None:
    needs: list[Need] = [more("a", "b"), more("b", "c"), more("c", "b", "d")]
    assert fewest(needs) == Fewest({("document", "b"): 1}, 1, ())
    either: list[Need] = [Either((more("a"), answer("q", 1))), Either((answer("q", 1), more("b")))]
    assert fewest(either) == Fewest({("answer", "q"): 1}, 1, ())


def test_of_a_branch_the_cheapest_is_taken_and_of_an_all_everything() -> None:
    branch = Either((more("a", count=3), Every((more("b"), more("c")))))
    assert fewest([branch]).chosen == {("document", "b"): 1, ("document", "c"): 1}


def test_an_answer_that_undoes_what_held_is_paid_for_or_avoided() -> None:
    held = Either((answer("q", 0), more("a")))
    assert fewest([held, answer("q", 1)]).chosen == {("answer", "q"): 1, ("document", "a"): 1}
    assert fewest([held, Either((answer("q", 1), more("b")))]).at_least == 1


def test_what_cannot_be_is_told_and_the_rest_is_planned() -> None:
    found = fewest([answer("q", 1), answer("p"), answer("q", 2), more("a")])
    assert found == Fewest({("answer", "q"): 1, ("document", "a"): 1}, 2, (1, 2))
    assert fewest([answer("p"), answer("q")]) == Fewest({}, 0, (0, 1))
    both: list[Need] = [
        Either((answer("p", 1), answer("q", 1))),
        answer("p", 0),
        Either((answer("q", 0), answer("p", 1))),
    ]
    assert len(fewest(both).beyond) == 1


def test_where_the_search_is_cut_off_the_bound_is_told() -> None:
    needs: list[Need] = [more(f"{name}1", f"{name}2", f"{name}3") for name in "abcdefgh"]
    needs += [
        more(f"{one}{index}", f"{two}{index}")
        for one, two in zip("abcdefg", "bcdefgh", strict=True)
        for index in (1, 2, 3)
    ]
    cut = fewest(needs, limit=40)
    assert all(holds(need, cut.chosen) for need in needs)
    assert 0 < cut.at_least < cost(cut.chosen)
    for item in cut.chosen:
        fewer = {name: count for name, count in cut.chosen.items() if name != item}
        assert not all(holds(need, fewer) for need in needs), "nothing of it can be left out"
    assert fewest(needs, limit=1).beyond, "where nothing was found, that is told too"


def test_what_a_search_cut_off_need_not_have_chosen_is_left_out() -> None:
    pairs = ("mp", "mp", "mq", "mq", "pr", "qs")
    first = {("document", "p"): 1, ("document", "q"): 1}
    assert fewest([more(*pair) for pair in pairs], limit=4) == Fewest(first, 2, ())
    twice = {("document", "p"): 2, ("document", "q"): 2}
    assert fewest([more(*pair, count=2) for pair in pairs], limit=7) == Fewest(twice, 4, ())


def test_trying_everything_finds_nothing_cheaper() -> None:
    needs: list[Need] = [
        Either((more("a", count=2), more("b"))),
        Every((more("b", "c"), answer("q", 1, 2))),
        Either((answer("q", 0, 2), more("c", count=2))),
    ]
    found = fewest(needs)
    every = [
        {("document", "a"): a, ("document", "b"): b, ("document", "c"): c} | ({("answer", "q"): q} if q else {})
        for a, b, c, q in product(range(3), range(3), range(3), range(3))
    ]
    assert (
        cost(found.chosen)
        == found.at_least
        == min(cost(one) for one in every if all(holds(need, one) for need in needs))
    )


def test_what_two_parts_add_to_one_type_is_kept() -> None:
    """Two documents of a are settled; a third is one part's way, and the other part, which needs none, keeps it."""
    needs: list[Need] = [
        more("a", count=2),
        Either((more("a", count=3), answer("q", 1))),
        Either((more("b"), more("c"))),
    ]
    found = fewest(needs)
    assert all(holds(need, found.chosen) for need in needs)
    assert (cost(found.chosen), found.at_least) == (4, 4)


POOL: list[Need] = [
    more("a", count=2),
    more("a", "b"),
    more("b", "c", count=2),
    answer("q", 1),
    answer("q", 0, 2),
    Either((more("a", count=3), answer("q", 1))),
    Either((answer("q", 2), Every((more("b"), more("c"))))),
    Every((more("a", "c"), answer("q", 1, 2))),
    Either((Every((answer("q", 0), more("c"))), more("b", count=2))),
    Every((Either((more("b"), more("c"))), Either((more("b"), more("a", count=2))))),
]
CHOICES = sorted(
    (
        {("document", name): count for name, count in zip("abc", counts, strict=True)}
        | ({("answer", "q"): option} if option else {})
        for *counts, option in product(range(4), range(4), range(4), range(3))
    ),
    key=cost,
)


def test_of_any_three_needs_the_fewest_are_found_and_proved() -> None:
    """Beside every choice there is, by cost: none is cheaper, and earlier needs come first where not all can be."""
    for needs in combinations(POOL, 3):
        kept: list[Need] = []
        beyond = []
        best: dict[tuple[str, str], int] = {}
        for index, need in enumerate(needs):
            one = next((one for one in CHOICES if all(holds(each, one) for each in (*kept, need))), None)
            if one is None:
                beyond.append(index)
            else:
                best = one
                kept.append(need)
        found = fewest(needs)
        assert found.beyond == tuple(beyond)
        assert all(holds(need, found.chosen) for need in kept)
        assert cost(found.chosen) == found.at_least == cost(best)


def looked_at(*needs: Need) -> int:
    """Within how many states, for needs that hang together, the fewest are found and proved to be the fewest."""
    for limit in count():
        found = fewest(needs, limit=limit)
        if not found.beyond and cost(found.chosen) == found.at_least:
            return limit
    raise AssertionError


def either(*needs: Need) -> Either:
    return Either(needs)


def every(*needs: Need) -> Every:
    return Every(needs)


def test_what_has_no_alternative_is_settled_without_a_search() -> None:
    assert looked_at() == 0
    assert looked_at(more("a", "b"), more("a")) == 1
    assert fewest([more("a", "b"), more("a")], limit=1) == Fewest({("document", "a"): 1}, 1, ())
    assert fewest([more("a", "b")], limit=1) == Fewest({}, 0, (0,))


def test_what_does_not_hang_together_is_searched_by_itself() -> None:
    apart = more("a", "b"), more("c", "d")
    assert looked_at(*apart) == looked_at(more("a", "b")) == 2
    assert looked_at(*apart, more("b", "c")) == 3
    assert looked_at(*apart, more("e"), more("b", "c", "e")) == 2, "what holds links nothing"
    other = either(answer("q", 2), more("a", "b")), either(answer("q", 3), more("c", "d"))
    assert looked_at(answer("q", 1), *other) == 2, "nor does a question that is answered"


def test_the_first_choice_takes_what_helps_most() -> None:
    """With two states, only what is looked at first is chosen at all."""
    papers = more("a", "b"), more("b", "c"), more("d", "b")
    assert fewest(papers, limit=2) == Fewest({("document", "b"): 1}, 1, ())
    said = either(more("a"), answer("q", 1)), either(more("b"), answer("q", 1)), either(answer("q", 1), more("c"))
    assert fewest(said, limit=2) == Fewest({("answer", "q"): 1}, 1, ())


def test_what_is_left_is_told_as_a_bound() -> None:
    """Cut off after the first choice: needs with nothing in common add up, and the dearest counts at least."""
    assert fewest([more("a", "b"), more("b", "c", count=5), more("a", "c")], limit=6).at_least == 5
    two = every(more("a", "b"), more("c", "d"))
    assert fewest([two, more("a", "c", "e")], limit=3).at_least == 2
    held = either(answer("q", 0), more("f"))
    linked = more("a", "b"), either(answer("q", 1), more("c", "d"))
    assert fewest([held, *linked, more("a", "c")], limit=3).at_least == 2


def test_no_more_is_looked_at_than_it_takes() -> None:
    assert looked_at(either(more("a", count=3), more("b", count=4))) == 2
    assert looked_at(every(more("a", "b"), more("c", "d", "e"))) == 3
    assert looked_at(more("a", "b"), more("b", "c"), more("a", "c")) == 4, "of three that meet, two"
    assert looked_at(more("b", "d", "e"), more("a", "b"), more("d", "e"), more("a", "c")) == 3, "the narrowest first"
    assert looked_at(either(every(more("a", "b", "c"), answer("q")), more("d", count=5))) == 1, "nor what is in vain"
