"""The keys that act, as the page of keys tells them."""

from typing import Any

from flask_babel import lazy_gettext as _l

ENTER, SPACE, ESCAPE = _l("Enter"), _l("Space"), _l("Esc")
Keys = tuple[tuple[Any, ...], Any]

GROUPS: tuple[tuple[Any, tuple[Keys, ...]], ...] = (
    (
        _l("Everywhere"),
        (
            (("Ctrl K", "⌘ K"), _l("Open the command palette")),
            (("/",), _l("Search leads")),
            (("n",), _l("Add a lead")),
            (("?",), _l("Show the keys")),
            ((ESCAPE,), _l("Close what is open")),
        ),
    ),
    (
        _l("In the list of leads"),
        (
            (("j", "↓"), _l("Next row")),
            (("k", "↑"), _l("Previous row")),
            ((ENTER,), _l("Open the lead")),
            ((SPACE,), _l("Look at the lead beside the list, and close it again")),
            (("x",), _l("Select the row, or no longer")),
            (("→",), _l("Next page")),
            (("←",), _l("Previous page")),
        ),
    ),
    (
        _l("On the board"),
        (
            (("↓", "↑", "→", "←"), _l("To the card below, above, in the next and in the previous column")),
            ((SPACE,), _l("Pick the card up, and drop it again after arrows have moved it")),
            ((ESCAPE,), _l("Put back what was picked up")),
            (("m",), _l("Move the card to another stage")),
            ((ENTER,), _l("Open the lead")),
        ),
    ),
    (
        _l("On a lead"),
        (
            (("j",), _l("Next lead of the list")),
            (("k",), _l("Previous lead of the list")),
            (("t",), _l("Write a note")),
            (("c",), _l("Log a call")),
            (("m",), _l("Enter a meeting")),
            (("Ctrl Enter",), _l("Save what was written")),
        ),
    ),
    (
        _l("On the handle of a card, where you customise the statistics"),
        (
            (("↑", "←"), _l("Move the card up")),
            (("↓", "→"), _l("Move the card down")),
        ),
    ),
)
"""(heading, ((keys, what they do), ...)); several keys do the same."""
