import pytest

from app.db.repositories import services
from app.db.values import Area, ServiceRecord
from app.engine.pack import Programme, Scope
from app.engine.values import Value
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import offers
from tests.services.world import GWENT, TINY, World, accreditation


def _change(
    world: World,
    service: ServiceRecord,
    name: str = "Group work",
    profile: dict[str, Value] | None = None,
    programmes: tuple[Programme, ...] = (Programme(id="prog-a"),),
    area: Area = GWENT,
) -> ServiceRecord:
    stated = {"forms_of_abuse": ("domestic_abuse",)} if profile is None else profile
    with world.tx(world.provider) as tx:
        return offers.change_service(
            tx,
            world.catalogue,
            service.id,
            name=name,
            profile=stated,
            programmes=programmes,
            area=area,
            expected=service.etag,
        )


def test_a_service_is_the_callers_own(world: World) -> None:
    made = world.service()
    assert (made.provider, made.version, made.etag) == (world.provider.organisation, 1, "1-1")
    assert (made.service.id, made.service.provider) == (str(made.id), "Provider")
    with world.tx(world.provider) as tx:
        assert services.get(tx, made.id) == made


def test_only_providers_have_services(world: World) -> None:
    with world.tx(world.commissioner) as tx, pytest.raises(Forbidden):
        offers.create_service(tx, world.catalogue, name="A", profile={}, programmes=())


def test_faults_of_a_service_are_located_in_it(world: World) -> None:
    programmes = (Programme(id="a"), Programme(id="a", profile={"forms_of_abuse": "stalking"}))
    with pytest.raises(Invalid) as caught:
        world.service(profile={"regions": ("gwent",)}, programmes=programmes)
    pointers = {fault.pointer for fault in caught.value.faults}
    assert pointers == {"/profile/regions", "/programmes/1/id", "/programmes/1/profile/forms_of_abuse"}


def test_a_change_is_a_new_version(world: World) -> None:
    made = world.service()
    changed = _change(world, made, name="Renamed")
    assert (changed.version, changed.service.name) == (2, "Renamed")
    assert changed.recorded_at > made.recorded_at


def test_where_it_worked_is_known_at_each_instant(world: World) -> None:
    made = world.service()
    before = world.now
    moved = _change(world, made, area=Area(("powys",)))
    assert (moved.version, moved.etag) == (1, "1-2"), "the service itself says the same"
    with world.tx(world.provider) as tx:
        assert services.area_at(tx, made.id, before) == GWENT
        assert services.area_at(tx, made.id, tx.now) == services.area_at(tx, made.id, None) == moved.area


def test_saying_the_same_again_is_no_new_version(world: World) -> None:
    made = world.service()
    before = world.count("fact")
    assert _change(world, made) == made
    assert world.count("fact") == before


def test_a_change_of_another_version_is_refused(world: World) -> None:
    made = world.service()
    _change(world, made, name="Renamed")
    with pytest.raises(PreconditionFailed):
        _change(world, made, name="Renamed otherwise")


def test_a_change_is_checked_under_the_rule_set_of_every_assessment(world: World) -> None:
    made = world.service()
    world.assessment(made.id, TINY)
    with pytest.raises(Invalid) as caught:
        _change(world, made, profile={"forms_of_abuse": ("stalking", "unheard_of")})
    assert [fault.pointer for fault in caught.value.faults] == ["/profile/forms_of_abuse"]


def test_a_programme_that_a_certificate_names_cannot_be_dropped(world: World) -> None:
    made = world.service()
    scope = Scope.model_validate({"kind": "programme", "programmes": [{"id": "prog-a"}]})
    world.put_accreditation(made.id, accreditation(scheme="csaap", scope=scope))
    with pytest.raises(Conflict, match="accreditations acc-1 scope/programmes/0/id: unknown programme `prog-a`"):
        _change(world, made, programmes=())


def test_a_service_of_somebody_else_is_not_there(world: World) -> None:
    made = world.service()
    with world.tx(world.other_provider) as tx, pytest.raises(NotFound):
        offers.change_service(
            tx, world.catalogue, made.id, name="Mine", profile={}, programmes=(), area=GWENT, expected=made.etag
        )
