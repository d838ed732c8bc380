"""The kinds of access that can be seen in source text, and by which names programs get it.

In: a dotted name such as ``subprocess.run``. Out: its kind, or nothing. These are tables: a name stands for itself and
for everything below it; the longest entry wins, and an empty kind takes a name out again.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK, PROCESS, WRITES, READS, ENVIRONMENT, CLIPBOARD, WATCHES, NATIVE, CODE = (
    "network",
    "process",
    "files.write",
    "files.read",
    "environment",
    "clipboard",
    "input",
    "native",
    "code",
)
IN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        NETWORK: "uses the network",
        PROCESS: "starts other programs",
        WRITES: "writes or removes files",
        READS: "reads files",
        ENVIRONMENT: "reads environment variables",
        CLIPBOARD: "reads or changes the clipboard",
        WATCHES: "watches keyboard, mouse, screen, camera or microphone",
        NATIVE: "calls machine code",
        CODE: "runs or loads code that is only known when it runs",
    }
)
"""Every kind, and what a plugin with it does."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "network": (NETWORK,),
    "dns": (NETWORK,),
    "process": (PROCESS,),
    "commands": (PROCESS,),
    "services": (PROCESS,),
    "filesystem": (READS, WRITES),
    "storage": (READS, WRITES),
    "environment": (ENVIRONMENT,),
    "secrets": (ENVIRONMENT,),
    "clipboard": (CLIPBOARD,),
    "input": (WATCHES,),
    "screen": (WATCHES,),
    "native": (NATIVE,),
}


def _by_kind(rows: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name: kind for kind, listed in rows.items() for name in listed.split()})


PYTHON: Final = _by_kind(
    {
        NETWORK: """socket http.client http.server urllib.request urllib3 requests httpx aiohttp ftplib smtplib poplib
            imaplib nntplib telnetlib xmlrpc socketserver websocket websockets paramiko pycurl grpc boto3 botocore
            dns.resolver dns.query zmq pika redis pymongo psycopg2 asyncio.open_connection asyncio.start_server
            asyncio.open_unix_connection twisted.internet tornado.httpclient http3 treq uplink""",
        PROCESS: """subprocess os.system os.popen os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp
            os.execvpe os.spawnl os.spawnle os.spawnlp os.spawnv os.spawnve os.spawnvp os.posix_spawn os.posix_spawnp
            os.startfile os.fork os.forkpty pty pexpect plumbum sh commands asyncio.create_subprocess_exec
            asyncio.create_subprocess_shell webbrowser win32process""",
        WRITES: """os.remove os.unlink os.rename os.renames os.replace os.mkdir os.makedirs os.rmdir os.removedirs
            os.chmod os.chown os.symlink os.link os.truncate os.write shutil.copy shutil.copy2 shutil.copyfile
            shutil.copytree shutil.copyfileobj shutil.move shutil.rmtree shutil.unpack_archive shutil.make_archive""",
        READS: "os.listdir os.scandir os.walk glob.glob glob.iglob mmap.mmap",
        ENVIRONMENT: "os.environ os.environb os.getenv os.getenvb os.putenv os.unsetenv",
        CLIPBOARD: "pyperclip xerox win32clipboard klembord copykitten",
        WATCHES: "pynput keyboard mouse pyautogui PIL.ImageGrab mss pyscreenshot pyaudio sounddevice cv2.VideoCapture",
        NATIVE: "ctypes cffi _ctypes",
        CODE: """eval exec compile runpy imp.load_source imp.load_module marshal.loads marshal.load zipimport
            types.FunctionType types.CodeType code.InteractiveInterpreter code.interact importlib.import_module
            importlib.util.spec_from_file_location importlib.machinery.SourceFileLoader __import__ pickle.loads
            pickle.load dill.loads dill.load cloudpickle.loads""",
        "": """socket.gethostname socket.timeout socket.error socket.herror socket.gaierror requests.exceptions
            urllib3.exceptions http.client.HTTPException
            urllib.request.pathname2url urllib.request.url2pathname
            subprocess.CalledProcessError subprocess.TimeoutExpired
            subprocess.list2cmdline ctypes.wintypes webbrowser.Error""",
    }
)
PYTHON_METHODS: Final = _by_kind(
    {
        WRITES: "write_text write_bytes unlink rmdir touch symlink_to hardlink_to",
        READS: "read_text read_bytes iterdir rglob",
        CLIPBOARD: "clipboard_get clipboard_append clipboard_clear",
    }
)
"""Methods that are what they are called, whatever they are called on."""

JAVASCRIPT_METHODS: Final = _by_kind(
    {
        WRITES: """writeFile writeFileSync appendFile appendFileSync unlinkSync rmSync rmdirSync mkdirSync renameSync
            copyFileSync chmodSync createWriteStream outputFile outputFileSync""",
        PROCESS: "execSync execFileSync spawnSync execFile",
        NETWORK: "sendBeacon",
    }
)

JAVASCRIPT: Final = _by_kind(
    {
        NETWORK: """fetch XMLHttpRequest WebSocket EventSource WebTransport RTCPeerConnection navigator.sendBeacon http
            https http2 net tls dgram dns axios node-fetch got undici ws request superagent socket.io-client needle
            phin bent ky cross-fetch isomorphic-fetch node-ssh ssh2 nodemailer mqtt window.fetch globalThis.fetch
            importScripts""",
        PROCESS: "child_process execa cross-spawn shelljs spawn-sync npm-run-path open tinyexec nano-spawn zx",
        WRITES: """fs.writeFile fs.writeFileSync fs.appendFile fs.appendFileSync fs.write fs.writeSync fs.unlink
            fs.unlinkSync fs.rm fs.rmSync fs.rmdir fs.rmdirSync fs.mkdir fs.mkdirSync fs.mkdtemp fs.mkdtempSync
            fs.rename fs.renameSync fs.copyFile fs.copyFileSync fs.cp fs.cpSync fs.chmod fs.chmodSync fs.chown
            fs.chownSync fs.symlink fs.symlinkSync fs.link fs.linkSync fs.truncate fs.truncateSync
            fs.createWriteStream fs.outputFile fs.outputFileSync fs.ensureDir fs.ensureDirSync fs.remove
            fs.removeSync fs.writeJson fs.writeJsonSync rimraf mkdirp del write-file-atomic Deno.writeFile
            Deno.writeTextFile Deno.remove Bun.write make-dir""",
        READS: """fs glob fast-glob globby Deno.readFile Deno.readTextFile Bun.file""",
        ENVIRONMENT: "process.env Deno.env Bun.env",
        CLIPBOARD: "navigator.clipboard clipboardy copy-paste document.execCommand",
        WATCHES: "iohook node-global-key-listener navigator.mediaDevices robotjs screenshot-desktop",
        NATIVE: "process.dlopen ffi-napi ref-napi node-gyp-build bindings WebAssembly",
        CODE: """eval Function vm vm2 module._load Module._load require import""",
        "": "http.STATUS_CODES http.METHODS net.isIP net.isIPv4 net.isIPv6 fs.constants request.body",
    }
)


def kind_of(name: str, table: Mapping[str, str]) -> str:
    """Return the kind of access that the dotted `name` is in `table`, or empty text."""
    while name:
        if name in table:
            return table[name]
        name = name.rpartition(".")[0]
    return ""


def kinds_behind(permission_type: str) -> tuple[str, ...]:
    """Return the kinds that a permission of this type allows, by the first word that hosts commonly call it."""
    first, _, rest = permission_type.partition(".")
    if first == "files":
        return (READS,) if rest in ("read", "list") else (READS, WRITES)
    return _WORDS.get(first, ())


def module_of(specifier: str) -> str:
    """Return the name under which a JavaScript module stands in the table, without ``node:`` and ``/promises``."""
    name = specifier.removeprefix("node:").removesuffix("/promises")
    return "fs" if name in ("fs-extra", "graceful-fs") else name
