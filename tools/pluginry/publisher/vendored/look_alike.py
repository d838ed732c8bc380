"""Names of packages that nearly are those of packages that everybody knows.

In: an ecosystem and a name. Out: the well-known name that it can be taken for. One letter more, less, other or swapped
counts, and so do separators left out; well-known names themselves never do.
"""

from __future__ import annotations

from typing import Final

from pluginry.publisher.vendored.recognise import NPM, PYPI

# Downloaded so often that others were made to be taken for them; short names are left out, for all of them are close.
_KNOWN: Final = {
    PYPI: frozenset(
        """aiohttp beautifulsoup4 boto3 botocore certifi charset-normalizer colorama cryptography django fastapi flask
        httpx jinja2 jsonschema lxml markupsafe matplotlib numpy packaging pandas paramiko pillow platformdirs psutil
        pydantic pygments pyjwt pytest python-dateutil pyyaml requests scikit-learn scipy selenium setuptools
        simplejson sqlalchemy tensorflow torch typing-extensions urllib3 virtualenv websockets werkzeug""".split()  # noqa: SIM905 - a list of names is read, not its punctuation
    ),
    NPM: frozenset(
        """ansi-styles async axios babel-core body-parser bluebird chalk chokidar colors commander cross-env cross-spawn
        debug dotenv electron esbuild eslint ethers express fs-extra inquirer jquery jsonwebtoken lodash minimatch
        minimist moment mongoose node-fetch prettier prop-types puppeteer react react-dom request rimraf rollup rxjs
        semver socket.io supports-color tailwindcss typescript underscore uuid webpack web3 winston yargs""".split()  # noqa: SIM905 - the same
    ),
}
# Of these, too, somebody could think that they are misspelt, and they are not.
_INNOCENT: Final = frozenset(
    ["preact", "colord", "color", "colour", "flax", "numba"]  # each one letter from a name above
)
_SHORTEST: Final = 5


def taken_for(ecosystem: str, name: str) -> str:
    """Return the well-known package that `name` can be taken for, or empty text."""
    known = _KNOWN.get(ecosystem, frozenset())
    plain = name.lower()
    if plain in known or plain in _INNOCENT or plain.startswith("@"):
        return ""
    return next((one for one in sorted(known) if len(one) >= _SHORTEST and _is_close(plain, one)), "")


def _is_close(name: str, known: str) -> bool:
    if name.replace("-", "").replace("_", "") == known.replace("-", ""):
        return True
    longer, shorter = (name, known) if len(name) >= len(known) else (known, name)
    if len(longer) - len(shorter) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(longer, shorter, strict=False)) if pair[0] != pair[1]), len(shorter))
    rest, other = longer[start:], shorter[start:]
    if len(longer) != len(shorter):
        return rest[1:] == other
    is_swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or is_swapped
