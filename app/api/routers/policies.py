"""Policies of commissioners: write, change, read, and try before use."""

from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Path
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, SignedIn, require
from app.api.etags import IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_policies import DraftTrial, PolicyOut, PolicyTrial, TrialOut
from app.db.repositories import policies as records
from app.db.values import LARGEST_IN_ROW
from app.engine.policy import Policy
from app.engine.values import CivilDate
from app.errors import Conflict
from app.services import policies

router = APIRouter(tags=["commissioning"])
POLICY = TypeAdapter(PolicyOut)
POLICIES = TypeAdapter(PageOut[PolicyOut])
TRIAL = TypeAdapter(TrialOut)
LIST = "/v1/commissioning/policies"
PLACE = LIST + "/{policy_id}"
Commissioner: TypeAlias = Annotated[SignedIn, require("commissioner")]
Trying: TypeAlias = Annotated[SignedIn, require("commissioner", stores=False)]


@router.post(LIST, summary="Write a policy", status_code=201, response_model=PolicyOut)
def create_policy(call: Commissioner, new: Annotated[Policy, body(Policy)], once: OnceOnly) -> Response:
    """Write down the caller's organisation's own thresholds, as data. Providers never see them."""
    with call.transaction() as tx:

        def work() -> Response:
            made = policies.create(tx, call.service.catalogue, new)
            return call.created(POLICY, PolicyOut.of(made), PLACE.format(policy_id=made.id), etag=made.etag)

        return once(tx, work)


@router.get(LIST, summary="List policies", response_model=PageOut[PolicyOut])
def list_policies(call: Commissioner, page: Page) -> Response:
    """List the policies of the caller's organisation in their newest versions, oldest first."""
    with call.transaction() as tx:
        found = records.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, POLICIES, [PolicyOut.of(item) for item in found.items], found.next)


@router.post(LIST + "/trial", summary="Try a draft of a policy", response_model=TrialOut, responses=refuses(Conflict))
async def try_draft(call: Trying, new: Annotated[DraftTrial, body(DraftTrial)]) -> Response:
    """Tell what a policy that is not stored would make of each service that the caller sees. Nothing is stored."""
    return await to_thread.run_sync(_tried, call, new.policy, new.as_of, new.contract_end, limiter=call.service.long)


@router.get(PLACE, summary="Read a policy", response_model=PolicyOut)
def read_policy(call: Commissioner, policy_id: UUID) -> Response:
    """Give a policy in its newest version."""
    with call.transaction() as tx:
        found = records.get(tx, policy_id)
    return call.answer_json(POLICY, PolicyOut.of(found), etag=found.etag)


@router.put(PLACE, summary="Change a policy", response_model=PolicyOut)
def change_policy(
    call: Commissioner, policy_id: UUID, expected: IfMatch, new: Annotated[Policy, body(Policy)]
) -> Response:
    """Make the next version of a policy. The ones before stay, for the checks that used them."""
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, policy_id).etag)
        made = policies.change(tx, call.service.catalogue, policy_id, new, expected=version)
    return call.answer_json(POLICY, PolicyOut.of(made), etag=made.etag)


@router.get(PLACE + "/versions", summary="List versions of a policy", response_model=PageOut[PolicyOut])
def list_policy_versions(call: Commissioner, policy_id: UUID, page: Page) -> Response:
    """List every version that a policy ever had, oldest first."""
    with call.transaction() as tx:
        found = records.versions(tx, policy_id, after=page.after(call), limit=page.limit)
    return page.answer(call, POLICIES, [PolicyOut.of(item) for item in found.items], found.next)


@router.get(PLACE + "/versions/{policy_version}", summary="Read a version of a policy", response_model=PolicyOut)
def read_policy_version(
    call: Commissioner, policy_id: UUID, policy_version: Annotated[int, Path(ge=1, le=LARGEST_IN_ROW)]
) -> Response:
    """Give a policy in one of its versions, which never changes."""
    with call.transaction() as tx:
        found = records.get(tx, policy_id, policy_version)
    return call.answer_json(POLICY, PolicyOut.of(found), etag=found.etag)


@router.post(PLACE + "/trial", summary="Try a policy", response_model=TrialOut, responses=refuses(Conflict))
async def try_policy(call: Trying, policy_id: UUID, new: Annotated[PolicyTrial, body(PolicyTrial)]) -> Response:
    """Tell what a policy would make of each service that the caller sees. Nothing is stored."""

    def work() -> Response:
        with call.transaction() as tx:
            policy = records.get(tx, policy_id, new.version).content
        return _tried(call, policy, new.as_of, new.contract_end)

    return await to_thread.run_sync(work, limiter=call.service.long)


def _tried(call: SignedIn, policy: Policy, as_of: CivilDate | None, contract_end: CivilDate | None) -> Response:
    catalogue, demonstration = call.service.catalogue, call.service.press.demonstration
    begin = partial(call.transaction, snapshot=True)
    found = policies.attempt(
        begin, catalogue, policy, as_of=as_of, contract_end=contract_end, demonstration=demonstration
    )
    return call.answer_json(TRIAL, TrialOut.of(found, policy))
