"""Which files are programs, told by their first bytes and nothing else.

In: the start of a file. Out: yes or no. File modes are never looked at: Windows has none, archives and
downloads lose them, and the same files have to give the same package everywhere.
"""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 64
"""How much of a file has to be shown."""

_SCRIPT = b"#!"
_ELF = b"\x7fELF"
_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_MACH_O_FAT = b"\xca\xfe\xba\xbe"
_OLDEST_JAVA = 45  # Java classes start like fat Mach-O files, with their version where those count architectures
_PE = b"MZ"
_FARTHEST_PE_HEADER = 4096


def is_program(head: bytes) -> bool:
    """Return whether a file that starts with `head` is a script with a ``#!`` line, or native code."""
    return head.startswith(_SCRIPT) or is_native_code(head)


def is_native_code(head: bytes) -> bool:
    """Return whether a file that starts with `head` is machine code: ELF, Mach-O or PE."""
    if head.startswith((_ELF, *_MACH_O)):
        return True
    if head.startswith(_MACH_O_FAT):
        return int.from_bytes(head[4:8], "big") < _OLDEST_JAVA
    if head.startswith(_PE) and len(head) >= HEAD_BYTES:
        return 0 < int.from_bytes(head[60:64], "little") < _FARTHEST_PE_HEADER
    return False
