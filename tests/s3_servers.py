"""Real servers that speak S3, each a few processes on free ports of loopback, in an empty folder of their own.

with moto(folder) as server:
    client = server.client()                    # as boto3 makes it; server.bucket is there already
    os.environ.update(server.environment)       # and everything that reads the usual variables finds it

`moto` keeps to all conditions, and checks signatures because it is told to. `swift` is OpenStack's, whose S3 API also
looks at the sha256 of every body, and knows no ``If-Match``. ceph_server.py has a third.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from server_process import free_port, running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

BUCKET = "market"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A server at ``address``, and the keys of somebody who may do anything there."""

    address: str
    access_key: str
    secret_key: str
    ca_file: str = ""
    bucket: str = BUCKET

    @property
    def environment(self) -> dict[str, str]:
        """What tools for S3 find the server by, and nothing of the machine's own."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **({"AWS_CA_BUNDLE": self.ca_file} if self.ca_file else {}),
        }

    def behind(self, address: str, *, ca_file: str = "") -> S3Server:
        """Return the same server, reached through a proxy at `address`."""
        return replace(self, address=address, ca_file=ca_file)

    def client(self, **settings: Any) -> S3Client:
        """Return a client as boto3 makes it."""
        import boto3

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.address,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            verify=self.ca_file or None,
            **settings,
        )


@contextmanager
def moto(folder: Path, *, checks_signatures: bool = True, holds: int = 0) -> Iterator[S3Server]:
    """Run moto's server, whose bucket `holds` so many objects ``n/<number>`` from the beginning.

    It checks signatures from the moment on when it knows somebody's keys and is told to.
    """
    import boto3

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-c", _MOTO, str(port), BUCKET, str(holds)], folder):
        wait_for(f"{address}/moto-api/data.json")
        if not checks_signatures:
            yield S3Server(address=address, access_key="any", secret_key="any")  # noqa: S106 - nobody looks at it
            return
        anybody: Any = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": REGION}
        iam = boto3.session.Session().client("iam", endpoint_url=address, **anybody)
        iam.create_user(UserName="publisher")
        everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        iam.put_user_policy(UserName="publisher", PolicyName="all", PolicyDocument=everything)
        keys = iam.create_access_key(UserName="publisher")["AccessKey"]
        _post(f"{address}/moto-api/reset-auth", b"0")
        server = S3Server(address=address, access_key=keys["AccessKeyId"], secret_key=keys["SecretAccessKey"])
        yield server


_MOTO = """
import sys
from moto.s3.models import s3_backends
from moto.server import main
port, bucket, holds = sys.argv[1:]
backend = s3_backends["123456789012"]["aws"]
backend.create_bucket(bucket, "us-east-1")
for number in range(int(holds)):
    backend.put_object(bucket, f"n/{number}", b"%d" % number)
main(["-H", "127.0.0.1", "-p", port])
"""


@contextmanager
def swift(folder: Path) -> Iterator[S3Server]:
    """Run OpenStack Swift with one device and one copy of everything: its proxy, and the three servers behind it."""
    ports = {kind: free_port() for kind in ("account", "container", "object", "proxy")}
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n", "utf-8")
    for kind, port in ports.items():
        text = _SWIFT_PROXY if kind == "proxy" else _SWIFT_BACKEND
        settings = text.format(kind=kind, port=port, folder=folder, user=getpass.getuser())
        (folder / f"{kind}.conf").write_text(settings, "utf-8")
    rings = [word for kind, port in ports.items() if kind != "proxy" for word in (kind, str(port))]
    subprocess.run([sys.executable, "-c", _SWIFT_RINGS, folder, *rings], check=True, capture_output=True, timeout=60)
    with ExitStack() as stack:
        for kind in ports:
            program = Path(sys.executable).with_name(f"swift-{kind}-server")
            stack.enter_context(running([sys.executable, program, folder / f"{kind}.conf"], folder))
        for port in ports.values():
            wait_for(f"http://127.0.0.1:{port}/healthcheck")
        address = f"http://127.0.0.1:{ports['proxy']}"
        server = S3Server(address=address, access_key="test:tester", secret_key="testing")  # noqa: S106 - of this test
        server.client().create_bucket(Bucket=BUCKET)
        yield server


_SWIFT_OWN = """[DEFAULT]
swift_dir = {folder}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
log_address = {folder}/no-log
"""
_SWIFT_BACKEND = f"""{_SWIFT_OWN}devices = {{folder}}/devices
mount_check = false
[pipeline:main]
pipeline = {{kind}}-server
[app:{{kind}}-server]
use = egg:swift#{{kind}}
"""
_SWIFT_FILTERS = ("catch_errors", "gatekeeper", "healthcheck", "listing_formats", "bulk", "slo")
_SWIFT_PROXY = f"""{_SWIFT_OWN}[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats s3api tempauth bulk slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = {REGION}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
{"".join(f"[filter:{name}]{chr(10)}use = egg:swift#{name}{chr(10)}" for name in _SWIFT_FILTERS)}"""
_SWIFT_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *words = sys.argv[1:]
for kind, port in zip(words[::2], words[1::2]):
    builder = RingBuilder(2, 1, 1)
    device = {"id": 0, "region": 1, "zone": 1, "weight": 1, "device": "d1", "ip": "127.0.0.1", "port": int(port)}
    builder.add_dev({**device, "replication_ip": "127.0.0.1", "replication_port": int(port)})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
"""


def _post(address: str, body: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    with urlopen(Request(address, data=body, headers=headers), timeout=10):  # noqa: S310 - an address of loopback
        pass
