"""The fields that a stage may ask for before anything enters: told by the feature that has them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, cast

from flask import Flask, current_app

Fields = Callable[[Collection[str]], Sequence[tuple[str, Any]]]
"""Names that a stage asks for already -> (name, label) of those and of all others that it may ask for."""


def bind(app: Flask, fields: Fields) -> None:
    app.extensions["leadhub_stage_fields"] = fields


def askable_fields(kept: Collection[str] = ()) -> Sequence[tuple[str, Any]]:
    return cast(Fields, current_app.extensions["leadhub_stage_fields"])(kept)
