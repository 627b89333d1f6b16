"""Form fields of several rows: e-mails, phones, addresses, tags.

Every input of a row is sent, so that the n-th value of each name belongs to the n-th row; without script a button of
the form adds a row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

from wtforms import Field

from leadhub.leads.checks import ADDRESSES_MAX, REACHES_MAX
from leadhub.leads.places import Shape, shape_of
from leadhub.plugins.api.leads import Address, Reach

ADD = "add"  # the button's name; its value is the field's
PLACE = tuple(column.name for column in fields(Address))
TEXTS = tuple(name for name in PLACE if name not in ("type", "country"))


class RowsInput(Field):
    """What the others share: ``data`` is a tuple, and ``rows`` is what the page shows."""

    def process(self, formdata: Any, data: Any = (), extra_filters: Any = None) -> None:
        self.errors: Sequence[str] = []
        self.process_errors: list[str] = []
        self.raw_data: list[str] = []
        self.object_data = data or ()
        self.data = self.object_data
        self.wants_more = formdata is not None and formdata.get(ADD) == self.name
        self.clear()
        if formdata is not None and any(name in formdata for name in self.names()):
            self.read(formdata)

    def names(self) -> Iterable[str]:
        return [self.name]

    def clear(self) -> None:
        """Forget what was sent: the page shows ``data``."""
        raise NotImplementedError

    def read(self, formdata: Any) -> None:
        """Set ``data`` from what was sent."""
        raise NotImplementedError


class ReachesInput(RowsInput):
    """E-mails or phones.  The one that is marked goes first."""

    def __init__(self, *args: Any, types: Sequence[tuple[str, Any]] = (), kind: str = "email", **options: Any) -> None:
        super().__init__(*args, **options)
        self.types, self.kind = types, kind

    def clear(self) -> None:
        self.sent: list[Reach] = []
        self.primary = 0

    def read(self, formdata: Any) -> None:
        texts, types = formdata.getlist(self.name), formdata.getlist(f"{self.name}_type")
        pairs = list(zip_longest(texts, types[: len(texts)], fillvalue=""))[: 2 * REACHES_MAX]
        self.sent = [Reach(value=value.strip(), type=type if value.strip() else "") for value, type in pairs]
        places = {str(place): place for place in range(len(self.sent))}
        self.primary = places.get(formdata.get(f"{self.name}_primary", ""), 0)
        ordered = sorted(enumerate(self.sent), key=lambda pair: pair[0] != self.primary)
        self.data = tuple(reach for _place, reach in ordered if reach.value)

    @property
    def rows(self) -> list[Reach]:
        """As they were sent, and an empty one to write in."""
        if not self.sent:
            return [*self.data, *[Reach(value="")] * (2 if self.wants_more else 1)]
        has_room = not self.sent[-1].value and not self.wants_more
        return self.sent if has_room else [*self.sent, Reach(value="")]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address on the page.  ``fresh`` is the country that the row came with: a row in which nothing but that
    stands is no address."""

    address: Address
    fresh: str = ""

    @property
    def shape(self) -> Shape:
        return shape_of(self.address.country)

    @property
    def parts(self) -> list[str]:
        """Columns that the row shows: those of the country, and what is filled all the same."""
        known = self.shape.parts
        return [*known, *(part for part in ("county", "state") if part not in known and getattr(self.address, part))]

    @property
    def unused(self) -> list[str]:
        return [part for part in ("county", "state") if part not in self.parts]

    @property
    def is_filled(self) -> bool:
        return any(getattr(self.address, name) for name in TEXTS) or self.address.country not in ("", self.fresh)


class AddressesInput(RowsInput):
    """Places, each with the lines of its country."""

    def __init__(
        self,
        *args: Any,
        types: Sequence[tuple[str, Any]] = (),
        countries: Sequence[tuple[str, str]] = (),
        home: str = "",
        **options: Any,
    ) -> None:
        """``home``: the country that a new one is in."""
        super().__init__(*args, **options)
        self.types, self.countries, self.home = types, countries, home

    def clear(self) -> None:
        self.sent: list[AddressRow] = []

    def names(self) -> Iterable[str]:
        return [f"{self.name}_{part}" for part in PLACE]

    def read(self, formdata: Any) -> None:
        columns = [formdata.getlist(f"{self.name}_{part}")[: 2 * ADDRESSES_MAX] for part in (*PLACE, "fresh")]
        rows = [[text.strip() for text in row] for row in zip_longest(*columns, fillvalue="")]
        self.sent = [AddressRow(Address(**dict(zip(PLACE, row, strict=False))), row[-1]) for row in rows]
        self.data = tuple(row.address for row in self.sent if row.is_filled)

    @property
    def blank(self) -> AddressRow:
        return AddressRow(Address(country=self.home), self.home)

    @property
    def rows(self) -> list[AddressRow]:
        shown = self.sent or [_known(address) for address in self.data]
        return [*shown, self.blank] if self.wants_more or not shown else shown


def _known(address: Address) -> AddressRow:
    """Emptied of its texts, it goes; one that has none but a country stays for that."""
    has_texts = any(getattr(address, name) for name in TEXTS)
    return AddressRow(address, address.country if has_texts else "")


class TagsInput(RowsInput):
    """Tags: those that are there can be unticked, others are written, with a comma between.

    ``data`` holds keys of what was there, and words as they were written; ``words`` is all of it as words.
    """

    def __init__(self, *args: Any, known: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        """``known``: key and label of each tag there is."""
        super().__init__(*args, **options)
        self.known = known

    def clear(self) -> None:
        self.written = ""

    def names(self) -> Iterable[str]:
        return [self.name, f"{self.name}_shown", f"{self.name}_kept"]

    def read(self, formdata: Any) -> None:
        self.written = formdata.get(self.name, "").strip()
        new = [" ".join(word.split()) for word in self.written.split(",")]
        self.data = tuple(dict.fromkeys([*formdata.getlist(f"{self.name}_kept"), *filter(None, new)]))

    def words(self) -> tuple[str, ...]:
        """A key may be what another tag is called by now: it is told by its label."""
        labels = dict(self.known)
        return tuple(dict.fromkeys(labels.get(key, key) if key in self.object_data else key for key in self.data))

    @property
    def rows(self) -> list[tuple[str, str, bool]]:
        """Key, label, is it ticked: of the tags that were there."""
        labels = dict(self.known)
        return [(key, labels.get(key, key), key in self.data) for key in self.object_data]

    @property
    def offered(self) -> list[str]:
        return [label for key, label in self.known if key not in self.object_data][:200]
