"""Rule sets, accreditation schemes, crosswalks and schemas: open to anyone, as JSON and as pages for reading."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import PUBLIC, Access, Anyone, Call, hash_of
from app.api.negotiation import HTML, JSON
from app.api.standards_pages import Pages, coverage_of, in_order, rule_sets_of
from app.api.validators import of_standards
from app.api.wire_standards import (
    ChangesOut,
    CoverageOut,
    CrosswalkList,
    CrosswalkSummary,
    RequirementOut,
    RuleSetList,
    RuleSetSummary,
    SchemaList,
    SchemaSummary,
    SchemeList,
    SchemeSummary,
    StandardHeading,
    StandardOut,
)
from app.engine.canonical import sha256_of
from app.engine.rules import Crosswalk, RuleSet, Scheme
from app.engine.values import version_order
from app.errors import Fault, Invalid, NotFound
from app.loader.schemas import NAMES, schema_id, schema_text
from app.reports.html import content_policy
from app.stewardship.comparing import Comparison, compare_versions

router = APIRouter(tags=["standards"])
RULE_SETS = TypeAdapter(RuleSetList)
RULE_SET = TypeAdapter(RuleSet)
STANDARD = TypeAdapter(StandardOut)
REQUIREMENT = TypeAdapter(RequirementOut)
CHANGES = TypeAdapter(ChangesOut)
SCHEMES = TypeAdapter(SchemeList)
SCHEME = TypeAdapter(Scheme)
CROSSWALKS = TypeAdapter(CrosswalkList)
CROSSWALK = TypeAdapter(Crosswalk)
SCHEMAS = TypeAdapter(SchemaList)

_VERSION = "/v1/rule-sets/{rule_set}/versions/{version}"


class Reading:
    """A call by anyone for something that is to be had as JSON and as a page."""

    def __init__(self, call: Call, chosen: Literal["en", "cy"] | None) -> None:
        self.call = call
        self.catalogue = call.service.catalogue
        self.pages = Pages(self.catalogue, chosen or call.language, chosen)

    def answer(
        self, adapter: TypeAdapter[Any], value: Callable[[], object], page: Callable[[], bytes], etag: str | None = None
    ) -> Response:
        """The form that the caller asked for; ``etag`` is that of the JSON where it has one of its own."""
        headers = PUBLIC | {"vary": "Accept, Accept-Language"}
        if self.call.media_type == HTML:
            language = self.pages.language
            headers |= {"content-language": language, "content-security-policy": content_policy()}
            return self._answer(page, of_standards(self.call, language), headers)
        return self._answer(lambda: adapter.dump_json(value(), by_alias=True), etag or of_standards(self.call), headers)

    def _answer(self, content: Callable[[], bytes], etag: str, headers: dict[str, str]) -> Response:
        return self.call.unchanged(etag, headers=headers) or self.call.answer(content(), etag=etag, headers=headers)


def reading(
    call: Annotated[Call, Depends(Access(None, (JSON, HTML)))],
    lang: Annotated[
        Literal["en", "cy"] | None,
        Query(description="The language of the page, whatever Accept-Language says. JSON has both languages."),
    ] = None,
) -> Reading:
    """Read in which form and language the caller wants to read."""
    return Reading(call, lang)


Reader: TypeAlias = Annotated[Reading, Depends(reading)]


@router.get("/v1/rule-sets", summary="List rule sets", response_model=RuleSetList)
def list_rule_sets(reader: Reader) -> Response:
    """List every rule set version that this service knows, drafts included; `status` says what each is.

    As `text/html` it is a page for reading, in English or Welsh.
    """
    items = rule_sets_of(reader.catalogue)
    return reader.answer(
        RULE_SETS, lambda: RuleSetList(items=tuple(map(RuleSetSummary.of, items))), reader.pages.rule_sets
    )


@router.get("/v1/rule-sets/{rule_set}", summary="List versions of a rule set", response_model=RuleSetList)
def list_rule_set_versions(reader: Reader, rule_set: str) -> Response:
    """List every version of one rule set, the oldest first.

    As `text/html` it is a page for reading, in English or Welsh, with links to the versions.
    """
    items = [item for item in rule_sets_of(reader.catalogue) if item.id == rule_set]
    if not items:
        known = ", ".join(sorted({name for name, _ in reader.catalogue.rule_sets}))
        raise NotFound("There is no rule set of that id.", hint=f"There are: {known}.")
    return reader.answer(
        RULE_SETS,
        lambda: RuleSetList(items=tuple(map(RuleSetSummary.of, items))),
        lambda: reader.pages.rule_set_versions(items),
    )


@router.get(_VERSION, summary="Read a rule set", response_model=RuleSet)
def read_rule_set(reader: Reader, rule_set: str, version: str) -> Response:
    """Give one version whole. Its ETag is the SHA-256 of its canonical JSON, which determinations name.

    As `text/html` it is a page for reading, in English or Welsh, with links to its standards.
    """
    found = reader.catalogue.rule_set(rule_set, version)
    return reader.answer(RULE_SET, lambda: found, lambda: reader.pages.rule_set(found), found.sha256)


@router.get(_VERSION + "/standards/{number}", summary="Read a standard", response_model=StandardOut)
def read_standard(reader: Reader, rule_set: str, version: str, number: int) -> Response:
    """Give one standard with its requirements, and the version that it is of.

    As `text/html` it is a page for reading, in English or Welsh, with links to its requirements.
    """
    found = reader.catalogue.rule_set(rule_set, version)
    standard = next((item for item in found.standards if item.number == number), None)
    if standard is None:
        raise NotFound("This rule set version has no standard of that number.", hint="Read the rule set for its list.")
    return reader.answer(
        STANDARD,
        lambda: StandardOut(rule_set=RuleSetSummary.of(found), standard=standard),
        lambda: reader.pages.standard(found, standard),
    )


@router.get(_VERSION + "/requirements/{requirement}", summary="Read a requirement", response_model=RequirementOut)
def read_requirement(reader: Reader, rule_set: str, version: str, requirement: str) -> Response:
    """Give one requirement, the standard it belongs to, and what each crosswalk version says of it.

    As `text/html` it is a page for reading, in English or Welsh, to which other pages can link.
    """
    found = reader.catalogue.rule_set(rule_set, version)
    wanted = found.requirements.get(requirement)
    if wanted is None:
        raise NotFound("This rule set version has no requirement of that id.", hint="Read the rule set for its list.")
    standard = next(item for item in found.standards if wanted in item.requirements)

    def value() -> RequirementOut:
        return RequirementOut(
            rule_set=RuleSetSummary.of(found),
            standard=StandardHeading(number=standard.number, title=standard.title, page=standard.page),
            requirement=wanted,
            coverage=tuple(
                CoverageOut(crosswalk=CrosswalkSummary.of(crosswalk), entry=entry)
                for crosswalk, entry in coverage_of(reader.catalogue, found, wanted)
            ),
        )

    return reader.answer(REQUIREMENT, value, lambda: reader.pages.requirement(found, standard, wanted))


@router.get(_VERSION + "/changes", summary="Read what changed", response_model=ChangesOut)
def read_changes(
    call: Anyone,
    rule_set: str,
    version: str,
    since: Annotated[str, Query(max_length=100, description="The older version to compare with.")],
) -> Response:
    """Give what changed since an older version: requirement by requirement, in catalogues and in crosswalks.

    Renumbered requirements are followed where the newer version says from which they come.
    """
    catalogue = call.service.catalogue
    newer = catalogue.rule_set(rule_set, version)
    older = _older(catalogue.rule_sets, newer, since)
    etag = of_standards(call)
    if unchanged := call.unchanged(etag, headers=PUBLIC | {"vary": "Accept"}):
        return unchanged
    titles = [f"{item.id} {item.version}" for item in (older, newer)]
    comparison = Comparison(titles[0], titles[1], tuple(compare_versions(catalogue, older, catalogue, newer)))
    return call.answer_public(CHANGES, ChangesOut.of(comparison), etag=etag)


def _older(known: dict[tuple[str, str], RuleSet], newer: RuleSet, since: str) -> RuleSet:
    """The version ``since`` of the same rule set; raises ``Invalid`` unless there is one and it is not newer."""
    found = known.get((newer.id, since))
    if found is not None and version_order(since) <= version_order(newer.version):
        return found
    versions = sorted((version for name, version in known if name == newer.id), key=version_order)
    there = [version for version in versions if version_order(version) <= version_order(newer.version)]
    message = "there is no such version" if found is None else "this version is newer than the one in the address"
    fault = Fault("?since", message, f"name one of: {', '.join(there)}")
    raise Invalid("There is nothing to compare with.", hint="See faults.", faults=(fault,))


@router.get("/v1/accreditation-schemes", summary="List accreditation schemes", response_model=SchemeList)
def list_schemes(reader: Reader) -> Response:
    """List every accreditation scheme whose certificates can be recorded here.

    As `text/html` it is a page for reading, in English or Welsh.
    """
    schemes = reader.catalogue.schemes
    items = tuple(SchemeSummary.of(schemes[name]) for name in sorted(schemes))
    return reader.answer(SCHEMES, lambda: SchemeList(items=items), reader.pages.schemes)


@router.get("/v1/accreditation-schemes/{scheme}", summary="Read an accreditation scheme", response_model=Scheme)
def read_scheme(reader: Reader, scheme: str) -> Response:
    """Give a scheme: editions, stages, named programmes, and what is known of each, with sources.

    As `text/html` it is a page for reading, in English or Welsh.
    """
    found = reader.catalogue.schemes.get(scheme)
    if found is None:
        known = ", ".join(sorted(reader.catalogue.schemes))
        raise NotFound("There is no accreditation scheme of that id.", hint=f"There are: {known}.")
    etag = sha256_of(found.model_dump(mode="json"))
    return reader.answer(SCHEME, lambda: found, lambda: reader.pages.scheme(found), etag)


@router.get("/v1/crosswalks", summary="List crosswalks", response_model=CrosswalkList)
def list_crosswalks(reader: Reader) -> Response:
    """List every version of every crosswalk: what certificates of a scheme show of a rule set version.

    As `text/html` it is a page for reading, in English or Welsh.
    """
    items = in_order(reader.catalogue.crosswalks)
    return reader.answer(
        CROSSWALKS, lambda: CrosswalkList(items=tuple(map(CrosswalkSummary.of, items))), reader.pages.crosswalks
    )


@router.get("/v1/crosswalks/{crosswalk}", summary="List versions of a crosswalk", response_model=CrosswalkList)
def list_crosswalk_versions(reader: Reader, crosswalk: str) -> Response:
    """List every version of one crosswalk, the oldest first; each is for one version of its rule set.

    As `text/html` it is a page for reading, in English or Welsh, with links to the versions.
    """
    items = [item for item in in_order(reader.catalogue.crosswalks) if item.id == crosswalk]
    if not items:
        known = ", ".join(sorted({item.id for item in reader.catalogue.crosswalks}))
        raise NotFound("There is no crosswalk of that id.", hint=f"There are: {known}.")
    return reader.answer(
        CROSSWALKS,
        lambda: CrosswalkList(items=tuple(map(CrosswalkSummary.of, items))),
        lambda: reader.pages.crosswalk_versions(items),
    )


@router.get("/v1/crosswalks/{crosswalk}/versions/{version}", summary="Read a crosswalk", response_model=Crosswalk)
def read_crosswalk(reader: Reader, crosswalk: str, version: str) -> Response:
    """Give one version of a crosswalk, entry by entry. Its ETag is the SHA-256 that determinations name.

    As `text/html` it is a page for reading, in English or Welsh.
    """
    known = in_order(reader.catalogue.crosswalks)
    found = next((item for item in known if (item.id, item.version) == (crosswalk, version)), None)
    if found is None:
        there = ", ".join(f"{item.id} {item.version}" for item in known)
        raise NotFound("There is no such version of a crosswalk.", hint=f"There are: {there}.")
    return reader.answer(CROSSWALK, lambda: found, lambda: reader.pages.crosswalk(found), found.sha256)


@router.get("/v1/schemas", summary="List schemas", response_model=SchemaList)
def list_schemas(call: Anyone) -> Response:
    """List the JSON Schemas of the portable documents and of the files of the standards tree."""
    items = (SchemaSummary(name=name, id=schema_id(name), sha256=hash_of(schema_text(name).encode())) for name in NAMES)
    return call.answer_public(SCHEMAS, SchemaList(items=tuple(items)))


@router.get("/v1/schemas/{name}", summary="Read a schema", response_model=dict[str, Any])
def read_schema(call: Anyone, name: str) -> Response:
    """Give the JSON Schema of a portable document or a file of the standards tree."""
    if name not in NAMES:
        raise NotFound("There is no schema of that name.", hint=f"There are: {', '.join(NAMES)}.")
    content = schema_text(name).encode()
    return call.answer(content, etag=hash_of(content), headers=PUBLIC)
