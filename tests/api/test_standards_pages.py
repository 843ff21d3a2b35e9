"""The public pages: whole, escaped, in two languages, and honest about what is official."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.standards_pages import Pages, rule_sets_of
from app.engine.rules import RuleSet
from app.loader.catalogue import Catalogue
from app.reports.words import LANGUAGES, Language
from tests.api.htmlpage import Page

WALES = ("wales-perpetrator-services", "2018.1")
HOME_OFFICE = ("home-office-perpetrator-interventions", "2023.1")


Everything = dict[Language, list[tuple[str, Page]]]


@pytest.fixture(scope="module")
def everything(catalogue: Catalogue) -> Everything:
    """Every page in both languages, read once for all the tests."""
    return {
        language: [(name, Page(content.decode())) for name, content in every_page(catalogue, language)]
        for language in LANGUAGES
    }


def every_page(catalogue: Catalogue, language: Language) -> Iterator[tuple[str, bytes]]:
    pages = Pages(catalogue, language, None)
    yield from (("rule sets", pages.rule_sets()), ("schemes", pages.schemes()), ("crosswalks", pages.crosswalks()))
    yield "missing", pages.missing()
    yield "welcome", pages.welcome()
    for name in {name for name, _ in catalogue.rule_sets}:
        yield f"{name} versions", pages.rule_set_versions([*filter(lambda r: r.id == name, rule_sets_of(catalogue))])
    for name in {item.id for item in catalogue.crosswalks}:
        yield f"{name} versions", pages.crosswalk_versions([item for item in catalogue.crosswalks if item.id == name])
    for rule_set in catalogue.rule_sets.values():
        yield rule_set.id, pages.rule_set(rule_set)
        for standard in rule_set.standards:
            yield f"{rule_set.id} {standard.number}", pages.standard(rule_set, standard)
            for requirement in standard.requirements:
                yield f"{rule_set.id} {requirement.id}", pages.requirement(rule_set, standard, requirement)
    for scheme in catalogue.schemes.values():
        yield scheme.id, pages.scheme(scheme)
    for crosswalk in catalogue.crosswalks:
        yield f"{crosswalk.id} {crosswalk.version}", pages.crosswalk(crosswalk)


def requirement_page(catalogue: Catalogue, rule_set: RuleSet, name: str, language: Language = "en") -> Page:
    standard = next(item for item in rule_set.standards if rule_set.requirements[name] in item.requirements)
    found = Pages(catalogue, language, None).requirement(rule_set, standard, rule_set.requirements[name])
    return Page(found.decode())


def changed(catalogue: Catalogue, rule_set: RuleSet) -> Catalogue:
    return Catalogue({**catalogue.rule_sets, (rule_set.id, rule_set.version): rule_set}, catalogue.schemes, ())


def edited(rule_set: RuleSet, requirement: str, **changes: object) -> RuleSet:
    """The rule set with other fields in one requirement."""
    document: dict[str, Any] = json.loads(rule_set.model_dump_json(by_alias=True, exclude_none=True))
    for standard in document["standards"]:
        for item in standard["requirements"]:
            if item["id"] == requirement:
                item.update(changes)
    return RuleSet.model_validate_json(json.dumps(document))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_and_can_be_read_by_everybody(everything: Everything, language: Language) -> None:
    titles = set()
    for name, page in everything[language]:
        assert page.source.startswith("<!doctype html>"), name
        assert [element.attributes["lang"] for element in page.all("html")] == [language], name
        assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5, name
        assert all(element.attributes.get("aria-label") for element in page.all("nav")), name
        assert all(element.attributes.get("scope") in {"row", "col"} for element in page.all("th")), name
        levels = [int(element.tag[1]) for element in page.elements if re.fullmatch(r"h\d", element.tag)]
        assert all(after <= before + 1 for before, after in zip([*levels], levels[1:], strict=False)), name
        ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        assert len(set(ids)) == len(ids), name
        assert {link[1:] for link in page.links if link.startswith("#")} <= set(ids), name
        assert page.links[2] == "#content", name
        titles.add(page.all("title")[0].text)
    assert len(titles) == len(everything[language]), "titles tell pages apart"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_run_or_loaded(everything: Everything, language: Language) -> None:
    allowed = {"a", "link"}
    for name, page in everything[language]:
        assert {element.tag for element in page.elements if "href" in element.attributes} <= allowed, name
        assert not [element for element in page.elements if element.tag in {"script", "img", "iframe", "form"}], name
        attributes = {attribute for element in page.elements for attribute in element.attributes}
        assert not {item for item in attributes if item in {"src", "style", "srcset"} or item.startswith("on")}, name
        assert all(link.startswith(("/v1/", "/docs", "?lang=", "#", "http://", "https://")) for link in page.links), (
            name
        )


def test_no_page_claims_more_than_is_so(everything: Everything) -> None:
    for language in LANGUAGES:
        for name, page in everything[language]:
            words = page.words.lower()
            assert "compliant with the welsh standards" not in words, name
            assert "cydymffurfio â'r safonau cymreig" not in words, name


def test_a_requirement_is_shown_whole(catalogue: Catalogue) -> None:
    rule_set = catalogue.rule_set(*WALES)
    page = requirement_page(catalogue, rule_set, "14.1")
    requirement = rule_set.requirements["14.1"]
    assert page.all("h1")[0].text == requirement.statement.en
    assert ("cy", requirement.statement.cy) in page.spoken
    for expected in (
        "Standard 14: Clinical Supervision · page 21",
        "In Welsh (unofficial Welsh)",
        "Official text Not at hand. The wording above is this project's own and no quotation.",
        "Basis of the wording the published heading, reported by another source",
        "Obligation Mandatory",
        "Safety critical no",
        "Is about the service",
        "Applies always",
        "All of these",
        "Attach a log of supervision dates by role, at most 6 months old.",
        "Document: Log extract, at most 6 months old.",
        "?”: 0 practitioners.",
        "At least one of these",
        "Good evidence shows dates by role against the interval",
        "Heading and page only; the text of the standard has not been seen.",
    ):
        assert expected in page.words
    assert "https://www.gov.wales/new-standards-reduce-risk-reoffending-cases-violence-against-women" in page.links
    assert f"/v1/rule-sets/{WALES[0]}/versions/{WALES[1]}/requirements/13.1" not in page.links
    assert f"/v1/rule-sets/{WALES[0]}/versions/{WALES[1]}/requirements/14.2" in page.links


def test_a_place_in_a_source_is_said_once(catalogue: Catalogue) -> None:
    rule_set = catalogue.rule_set(*WALES)
    assert "Act 2014 , sections 128 and 130." in requirement_page(catalogue, rule_set, "1.5").words
    assert ("en", "sections 128 and 130") in requirement_page(catalogue, rule_set, "1.5", "cy").spoken


def test_a_safety_critical_requirement_says_why(catalogue: Catalogue) -> None:
    rule_set = catalogue.rule_set(*WALES)
    reason = rule_set.requirements["5.2"].safety_reason
    assert reason is not None
    assert f"▲ Safety critical {reason.en}" in requirement_page(catalogue, rule_set, "5.2").words
    assert "▲ Safety critical" not in requirement_page(catalogue, rule_set, "14.1").words


def test_conditions_are_in_words(catalogue: Catalogue) -> None:
    words = requirement_page(catalogue, catalogue.rule_set(*HOME_OFFICE), "4.5").words
    assert "where this holds, or the profile leaves it open: All of these:" in words
    assert "“Forms of abuse that the people worked with have used”: any of: Domestic abuse" in words


def test_every_crosswalk_version_says_what_it_covers_and_why(catalogue: Catalogue) -> None:
    rule_set = catalogue.rule_set(*WALES)
    for name in ("2.2", "1.5", "14.5", "20.3"):
        page = requirement_page(catalogue, rule_set, name)
        for crosswalk in catalogue.crosswalks_for(rule_set):
            address = f"/v1/crosswalks/{crosswalk.id}/versions/{crosswalk.version}"
            assert address in page.links
            entry = crosswalk.entry_for.get(name)
            if entry is None:
                assert "○ Nothing" in page.words
                continue
            assert ("● All of it" if entry.coverage == "full" else "◐ In part") in page.words
            assert entry.reason is not None
            assert entry.reason.en in page.words
            assert {f"#item-{leaf}" for leaf in entry.leaves} <= set(page.links)


def test_drafts_say_so_and_pages_say_whose_wording_it_is(catalogue: Catalogue) -> None:
    for key, headings in ((WALES, True), (HOME_OFFICE, False)):
        rule_set = catalogue.rule_set(*key)
        pages = Pages(catalogue, "en", None)
        standard = rule_set.standards[-1]  # the Welsh one has an official heading on a page that is not known
        issuer = "Welsh Government" if headings else "Home Office"
        for content in (
            pages.rule_set(rule_set),
            pages.standard(rule_set, standard),
            pages.requirement(rule_set, standard, standard.requirements[0]),
        ):
            words = Page(content.decode()).words
            assert "Status: draft." in words
            assert f"requirements is this project's own. It is not the text of the issuer, {issuer}." in words
            assert ("pages of the standards are those of the published document" in words) is headings
            assert ("headings are not the text of the issuer either" in words) is not headings


def test_a_published_version_with_official_text_shows_it(catalogue: Catalogue) -> None:
    source = edited(catalogue.rule_set(*WALES), "14.1", official_text={"en": "The text itself.", "cy": "Y testun."})
    rule_set = source.replace(status="published", welsh="official")
    page = requirement_page(changed(catalogue, rule_set), rule_set, "14.1")
    assert [element.text for element in page.all("blockquote")] == ["The text itself."]
    assert "Status: draft." not in page.words
    assert "Official text stands beside 1 of 1 requirements" in page.words
    assert "In Welsh (official Welsh)" in page.words
    withdrawn = rule_set.replace(status="withdrawn")
    assert "Status: withdrawn." in requirement_page(changed(catalogue, withdrawn), withdrawn, "14.1").words


def test_welsh_pages_are_welsh_marked_unofficial_and_english_in_them_is_marked(
    everything: Everything, catalogue: Catalogue
) -> None:
    for name, page in everything["cy"]:
        assert "yn answyddogol" in page.words, name
        for place, (language, text) in enumerate(page.spoken):
            if "yn Saesneg yn unig" in text:
                assert text == "(yn Saesneg yn unig)", name
                assert page.spoken[place - 1][0] == "en", name
            assert language in {"en", "cy"}
    page = requirement_page(catalogue, catalogue.rule_set(*WALES), "14.1", "cy")
    assert page.all("h1")[0].text == catalogue.rule_set(*WALES).requirements["14.1"].statement.cy
    assert ("en", catalogue.rule_set(*WALES).requirements["14.1"].statement.en) in page.spoken
    assert ("en", "VAWDASV Perpetrator Service Standards, Welsh Government, December 2018 (WG36316)") in page.spoken


def test_a_text_without_welsh_is_given_in_english_and_marked(catalogue: Catalogue) -> None:
    rule_set = edited(catalogue.rule_set(*WALES), "14.1", guidance={"en": "Only this."})
    page = requirement_page(changed(catalogue, rule_set), rule_set, "14.1", "cy")
    place = page.spoken.index(("en", "Only this."))
    assert page.spoken[place + 1] == ("cy", "(yn Saesneg yn unig)")


def test_a_language_chosen_by_name_is_kept_from_page_to_page(catalogue: Catalogue) -> None:
    rule_set = catalogue.rule_set(*WALES)
    chosen = Page(Pages(catalogue, "cy", "cy").rule_set(rule_set).decode())
    assert {link for link in chosen.links if link.startswith("/v1/") and not link.endswith("?lang=cy")} == set()
    negotiated = Page(Pages(catalogue, "cy", None).rule_set(rule_set).decode())
    assert {link for link in negotiated.links if "lang=" in link} == {"?lang=en", "?lang=cy"}


def test_what_a_rule_set_says_is_never_markup(catalogue: Catalogue) -> None:
    evil = '<script>alert(1)</script> {{ 7 * 7 }} "><img src=x onerror=alert(1)> \u202egnp.exe'
    both = {"en": evil, "cy": evil}
    rule_set = edited(
        catalogue.rule_set(*WALES),
        "14.1",
        statement=both,
        guidance=both,
        note=both,
        safety_critical=True,
        safety_reason=both,
        official_text=both,
        sources=[{"document": both, "page": evil, "note": both, "url": "javascript:alert(1)"}],
    ).replace(title={"en": evil}, issuer={"en": evil}, note={"en": evil})
    catalogue = changed(catalogue, rule_set)
    standard = next(item for item in rule_set.standards if item.number == 14)
    for language in LANGUAGES:
        pages = Pages(catalogue, language, None)
        for content in (
            pages.rule_sets(),
            pages.rule_set(rule_set),
            pages.standard(rule_set, standard),
            pages.requirement(rule_set, standard, standard.requirements[0]),
        ):
            page = Page(content.decode())
            assert "<script" not in page.source
            assert "\u202e" not in page.source
            assert page.all("img") == []
            assert "{{ 7 * 7 }}" in page.words
            assert not [link for link in page.links if link.startswith("javascript:")]
