"""Every colour pair that a page uses can be read: computed from tokens.css, for each of the four sets."""

import re
from pathlib import Path

import pytest

from app.web import locale

CSS = Path(locale.__file__).parent / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
SETS = {
    "light": (),
    "dark": ("(prefers-color-scheme: dark)",),
    "more contrast": ("(prefers-contrast: more)",),
    "more contrast, dark": (
        "(prefers-color-scheme: dark)",
        "(prefers-contrast: more)",
        "(prefers-contrast: more) and (prefers-color-scheme: dark)",
    ),
}
GROUNDS = ("paper", "sheet", "sunk")
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "accent", "caution", "grave") for ground in GROUNDS],
    *[(ink, "accent-wash") for ink in ("ink", "ink-soft", "accent", "caution")],
    *[(ink, "caution-wash") for ink in ("ink", "caution", "ink-soft")],
    *[(ink, "grave-wash") for ink in ("ink", "grave")],
    ("paper", "ink"),
    ("on-accent", "accent"),
    ("on-grave", "grave"),
    ("on-take", "take"),
]
SHAPES = [(shape, ground) for shape in ("edge", "focus") for ground in (*GROUNDS, "accent-wash")]


def colours(name: str) -> dict[str, str]:
    values: dict[str, str] = dict(declarations(TOKENS[: TOKENS.index("@media")]))
    for query in SETS[name]:
        block = re.search(rf"@media {re.escape(query)} \{{(.*?)\n\}}", TOKENS, re.DOTALL)
        assert block, query
        values |= dict(declarations(block[1]))
    return values


def declarations(css: str) -> list[tuple[str, str]]:
    return re.findall(r"--([\w-]+): (#[0-9A-F]{6,8});", css)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_words_can_be_read_on_every_ground(name, ink, ground):
    values = colours(name)
    least = 7 if name.startswith("more") else 4.5
    assert contrast(values[ink], values[ground]) >= least


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_edges_and_focus_can_be_seen(name, shape, ground):
    values = colours(name)
    assert contrast(values[shape], values[ground]) >= 3


@pytest.mark.parametrize("sheet", ["vouchsafe.css", "fonts.css"])
def test_colours_are_named_in_one_place(sheet):
    outside_print = (CSS / sheet).read_text().partition("@media print")[0]
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b", outside_print)


def test_every_token_used_is_defined_and_every_colour_is_used():
    used = set(re.findall(r"var\(--([\w-]+)", (CSS / "vouchsafe.css").read_text()))
    defined = set(re.findall(r"--([\w-]+):", TOKENS))
    assert used - defined <= {"r-fill", "r-line", "r-mark", "g-cut"}
    assert set(colours("light")) - used == {"grave-wash"} - used


def test_right_to_left_needs_no_rules_of_its_own():
    css = re.sub(r"/\*.*?\*/", "", (CSS / "vouchsafe.css").read_text(), flags=re.DOTALL)
    physical = re.findall(
        r"(?:^|[{;\s])((?:margin|padding|border)-(?:left|right|top|bottom)|left|right)\b",
        css,
    )
    assert not physical
    assert "text-align: left" not in css
    assert "text-align: right" not in css


@pytest.mark.parametrize("shorthand", ["margin", "padding"])
def test_no_four_part_shorthand_tells_left_from_right(shorthand):
    css = (CSS / "vouchsafe.css").read_text()
    for value in re.findall(rf"[{{;\s]{shorthand}: ([^;}}]+)[;}}]", css):
        parts = re.findall(r"(?:var|calc)\([^)]*\)|\S+", value)
        assert len(parts) < 4 or parts[1] == parts[3], value


def test_every_face_is_served_from_here_with_its_licence():
    fonts = CSS.parent / "fonts"
    named = set(re.findall(r'url\("\.\./fonts/([^"]+)"\)', (CSS / "fonts.css").read_text()))
    assert named == {file.name for file in fonts.glob("*.woff2")}
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text()
    assert "//" not in re.sub(r"/\*.*?\*/", "", (CSS / "fonts.css").read_text())
