"""Ceph's S3 server, where the packages ceph-mon, ceph-osd and radosgw of a distribution are installed.

One monitor, one storage daemon that keeps all in memory, and radosgw; nobody of them needs to be root. It takes about
ten seconds to start. It creates conditionally, checks the sha256 of every body, and refuses each ``If-Match``.
"""

from __future__ import annotations

import shutil
import subprocess
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from s3_servers import S3Server
from server_process import SAID, free_port, running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_CLUSTERS = 3
_ANSWER_WITHIN_S = 45
_ACCESS_KEY, _SECRET_KEY = "tester", "testing-secret"  # of this test


def missing_programs() -> str:
    """Return the names of the programs that are not installed; empty when all are."""
    return ", ".join(name for name in _PROGRAMS if shutil.which(name) is None)


@contextmanager
def radosgw(folder: Path) -> Iterator[S3Server]:
    """Run a Ceph cluster of one, and its S3 server; one whose monitor does not answer is given up for a new one.

    Raises:
        subprocess.SubprocessError, OSError: of the last cluster, with what its daemons said.
    """
    with ExitStack() as stack:
        for cluster in range(1, _CLUSTERS + 1):
            place = folder / str(cluster)
            place.mkdir()
            try:
                server = stack.enter_context(_cluster(place))
            except (subprocess.SubprocessError, OSError) as error:
                if cluster == _CLUSTERS:
                    error.add_note((place / SAID).read_text("utf-8", errors="replace"))
                    raise
            else:
                break
        yield server


@contextmanager
def _cluster(folder: Path) -> Iterator[S3Server]:
    cluster, osd = str(uuid.uuid4()), str(uuid.uuid4())
    monitor, port = f"v1:127.0.0.1:{free_port()}", free_port()
    (folder / "mon").mkdir()
    (folder / "osd").mkdir()
    (folder / "ceph.conf").write_text(
        _SETTINGS.format(cluster=cluster, monitor=monitor, folder=folder, port=port), "utf-8"
    )

    def run(program: str, *words: str) -> None:
        command = [program, *(("-c", "ceph.conf") if program != "monmaptool" else ()), *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_ANSWER_WITHIN_S)

    with ExitStack() as stack:

        def serve(*command: str) -> None:
            stack.enter_context(running([command[0], "-c", "ceph.conf", "-f", *command[1:]], folder))

        run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", f"[{monitor}]", "monmap")
        run("ceph-mon", "-i", "a", "--mkfs", "--monmap", "monmap")
        serve("ceph-mon", "-i", "a")
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd, "--monmap", "monmap", "--no-mon-config")
        # A monitor that is told of a storage daemon before it wrote anything may never write again: first something
        # small, of the kind that it writes for the daemon too.
        run("ceph", "config-key", "set", "tests/ready", "yes")
        run("ceph", "osd", "new", osd)
        run("ceph", "osd", "crush", "add", "osd.0", "1", "root=default")
        serve("ceph-osd", "-i", "0")
        serve("radosgw", "-n", "client.rgw")
        user = ("--uid=tester", "--display-name=tester", f"--access-key={_ACCESS_KEY}", f"--secret-key={_SECRET_KEY}")
        run("radosgw-admin", "user", "create", *user)
        server = S3Server(address=f"http://127.0.0.1:{port}", access_key=_ACCESS_KEY, secret_key=_SECRET_KEY)
        wait_for(server.address)
        server.client().create_bucket(Bucket=server.bucket)
        yield server


_SETTINGS = """[global]
fsid = {cluster}
mon_host = [{monitor}]
public_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
# Commands of its own could reach the monitor before it knows the cluster: then it would wait for ever.
osd_class_update_on_start = false
osd_crush_update_on_start = false
osd_objectstore = memstore
memstore_device_bytes = 1073741824
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
paxos_propose_interval = 0.1
mon_data = {folder}/mon
osd_data = {folder}/osd
run_dir = {folder}
admin_socket =
log_file = {folder}/$name.log
mon_cluster_log_file = {folder}/cluster.log
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:{port}
"""
