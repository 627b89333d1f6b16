import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadhub.folding import fold


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Cœur", "coeur"),
        ("COEUR", "coeur"),
        ("Élan", "elan"),
        ("Straße", "strasse"),
        ("Ærø", "aerø"),
        ("N’Diaye", "n diaye"),
        ("N'Diaye", "n diaye"),
        ("Jean–François", "jean francois"),
        ("a\u00a0b\u202fc  d", "a b c d"),
        ("  Zoé ", "zoe"),
        ("ada.b+c@Example.org", "ada.b+c@example.org"),
        ("İstanbul", "istanbul"),
        ("zero\u200bwidth", "zerowidth"),
        ("№ 12", "no 12"),
    ],
)
def test_text_has_one_folded_key(text, key):
    assert fold(text) == key


@given(st.text())
@example("ΐ")
@example("\u0345")
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_every_single_character_folds_to_a_stable_key():
    letters = (chr(code) for code in range(0x20000) if not 0xD800 <= code <= 0xDFFF)
    keys = ((letter, fold(letter)) for letter in letters)

    assert [letter for letter, key in keys if fold(key) != key] == []


@given(st.text())
def test_composition_does_not_matter(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(alphabet=st.characters(max_codepoint=0x17F, exclude_characters="ı")))
def test_case_does_not_matter(text):
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(st.text())
def test_a_key_has_single_inner_spaces_only(text):
    assert fold(text) == " ".join(fold(text).split())
