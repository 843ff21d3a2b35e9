"""An assessment pack from JSON: the value, or every structural fault with its JSON Pointer (semantics.md 3)."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from app.engine.pack import Pack
from app.errors import Fault, PackInvalid
from app.loader.explain import faults_in_json
from app.loader.jsonfile import Located, Path, pointer

LONGEST_LIST = 10_000
# Lists of these names, wherever they stand. Each programme is judged against every requirement, and so is each
# certificate with all others: a request that made up thousands was worked on for minutes, and answered with hundreds of
# megabytes.
LONGEST_OF = {"programmes": 200, "accreditations": 200}


def shape_of(value: object, most: int | None = None) -> tuple[Pack | None, list[Located]]:
    """The pack, or ``None`` and every fault of shape with its path.

    Of more than ``most`` only so many, and how many more there are.
    """
    faults = long_lists(value)
    if faults:
        return None, faults
    try:
        return Pack.model_validate(value), []
    except ValidationError as error:
        return None, faults_in_json(error, value, Pack, most)


def sound(value: object) -> Pack | None:
    """The pack, or ``None`` where it has faults of shape, which take far longer to put into words than to find."""
    try:
        return Pack.model_validate(value)
    except ValidationError:
        return None


def long_lists(value: object) -> list[Located]:
    """Every list of more entries than ``LONGEST_OF`` its key, or ``LONGEST_LIST``, as a fault.

    What is in such a list is not looked at.
    """
    return [(path, _too_long(path, size, most)) for path, size, most in _long_lists(value, ())]


def grown_lists(pack: Pack) -> tuple[Fault, ...]:
    """The same of the lists that grow on record one entry at a time: what is exported can be imported again."""
    sizes = {"accreditations": len(pack.accreditations), "documents": len(pack.documents)}
    return tuple(_too_long((name,), size, _most(name)) for name, size in sizes.items() if size > _most(name))


def refused(faults: Iterable[Fault]) -> PackInvalid:
    """The refusal of a pack for these faults."""
    return PackInvalid("the pack has faults and is refused whole", hint="correct every fault", faults=tuple(faults))


def _most(name: str) -> int:
    return LONGEST_OF.get(name, LONGEST_LIST)


def _too_long(path: Path, size: int, most: int) -> Fault:
    return Fault(pointer(path), f"a list of {size} entries, more than {most}", "no service needs as many")


def _long_lists(value: object, path: Path) -> Iterator[tuple[Path, int, int]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _long_lists(item, (*path, key))
    elif isinstance(value, list):
        most = _most(str(path[-1])) if path else LONGEST_LIST
        if len(value) > most:
            yield path, len(value), most
            return
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _long_lists(item, (*path, index))
