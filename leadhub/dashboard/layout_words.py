"""What is said of a layout after each change, and what has the focus then."""

from flask_babel import gettext as _

from leadhub.dashboard.layouts import ADD, DOWN, MOVED, REMOVE, SIZES, UP, LayoutDraft
from leadhub.dashboard.queries import Arrangement, id_of

ADDING = "layout-adding"  # the heading over what can be added


def words_of(draft: LayoutDraft, before: Arrangement, after: Arrangement) -> str:
    name = (_names_in(before) | _names_in(after)).get(draft.key) or _("a card for others")
    places = {seat.key: number for number, seat in enumerate(after.seats, start=1)}
    if draft.act == REMOVE:
        return _("“%(card)s” is taken away.", card=name)
    if draft.key not in places:
        return _("Saved.")
    if draft.act in SIZES:
        sizes = {"small": _("small"), "medium": _("medium"), "large": _("large")}
        return _("“%(card)s” is %(size)s now.", card=name, size=sizes[draft.act])
    told = {"card": name, "place": places[draft.key], "count": len(places)}
    if draft.act == ADD:
        return _("“%(card)s” is added: place %(place)s of %(count)s.", **told)
    return _("“%(card)s”: place %(place)s of %(count)s.", **told)


def focus_after(draft: LayoutDraft, before: Arrangement, after: Arrangement) -> str:
    """The id of what was pressed; where it is gone with its card, of the same beside the next card."""
    if draft.act in (UP, DOWN, MOVED, *SIZES) and any(seat.key == draft.key for seat in after.seats):
        return f"{draft.act}-{id_of(draft.key)}"
    if draft.act == REMOVE:
        return _beside(draft, [it.key for it in draft.slots], [it.key for it in after.seats])
    if draft.act == ADD:
        return _beside(draft, [it.key for it in before.spare], [it.key for it in after.spare])
    return ""


def _names_in(arranged: Arrangement) -> dict[str, str]:
    seats = {seat.key: str(seat.title) for seat in arranged.seats if seat.title}
    return seats | {place.key: str(place.title) for place in arranged.spare}


def _beside(draft: LayoutDraft, before: list[str], after: list[str]) -> str:
    place = before.index(draft.key) if draft.key in before else len(before)
    near = next((key for key in (*before[place + 1 :], *reversed(before[:place])) if key in after), None)
    return f"{draft.act}-{id_of(near)}" if near else ADDING
