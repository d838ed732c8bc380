from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders import a_png
from pluginry.encoding.png_shape import PngShape, other_kind, png_shape


def test_the_shape_of_a_still_picture() -> None:
    assert png_shape(a_png(3, 5)) == PngShape(width=3, height=5, is_animated=False, is_whole=True)


def test_what_hides_behind_a_picture_is_not_part_of_it() -> None:
    assert png_shape(a_png(3, 5) + b"PK") == png_shape(a_png(3, 5))


@given(st.binary(max_size=60))
def test_any_bytes_have_a_shape_or_none(data: bytes) -> None:
    assert png_shape(data) is None
    assert isinstance(other_kind(data), str)
    shape = png_shape(a_png(3, 5)[:24] + data)
    assert shape is not None
    assert (shape.width, shape.height, shape.is_whole) == (3, 5, False)
