"""Packages as differences to an earlier one: Zstandard with the earlier package as its dictionary.

In: two packages; or one and a delta. Out: the delta; or the other package, of exactly the promised size or not at all.
Packages are stored, not deflated, so that what stayed in a file is found in them. Whoever applies a delta compares the
digest of what comes out. Without the ``deltas`` extra nobody can make or apply one, and `is_possible` says so.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    import zstandard

MAX_PACKAGE_BYTES = 64 << 20
"""Of larger packages nobody makes deltas: both would have to fit into memory."""
_MAX_WINDOW_LOG = 27
"""Both packages: 128 MiB, which is what a decoder may have to hold."""
_LEVEL = 19


def is_possible() -> bool:
    """Return whether deltas can be made and applied here."""
    return find_spec("zstandard") is not None


def make_delta(base: bytes, package: bytes) -> bytes:
    """Return what leads from `base` to `package`."""
    import zstandard

    window_log = min(max((len(base) + len(package)).bit_length(), zstandard.WINDOWLOG_MIN), _MAX_WINDOW_LOG)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window_log, enable_ldm=True, source_size=len(package)
    )
    return zstandard.ZstdCompressor(dict_data=_raw(base), compression_params=parameters).compress(package)


def apply_delta(base: bytes, delta: bytes, *, size: int) -> bytes:
    """Return the package of `size` bytes to which `delta` leads from `base`.

    Raises:
        DocumentError: it leads to none of that size, or asks for more memory than any honest delta.

    """
    import zstandard

    try:
        says = zstandard.get_frame_parameters(delta)
        if says.content_size != size or size > MAX_PACKAGE_BYTES or says.window_size > 1 << _MAX_WINDOW_LOG:
            raise DocumentError("a delta says that it leads to something larger than the package")
        decoder = zstandard.ZstdDecompressor(dict_data=_raw(base), max_window_size=1 << _MAX_WINDOW_LOG)
        package = decoder.decompress(delta, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DocumentError("a delta cannot be applied", why=str(error)) from error
    if len(package) != size:
        raise DocumentError("a delta does not lead to a package of the size that it should have")
    return package


def _raw(base: bytes) -> zstandard.ZstdCompressionDict:
    import zstandard

    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
