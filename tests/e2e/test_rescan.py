"""New rules over what was published: first on this machine, then on a cluster; news is shown after publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from e2e.marketplace_on_disk import Workspace

RULE = 'rule %s { meta: severity = "needs_review" description = "%s" strings: $a = "%s" condition: $a }'


def test_new_rules_find_old_releases_and_old_work_is_not_done_again(workspace: Workspace) -> None:
    from distributed import LocalCluster

    assert workspace.pluginry("rescan", "dist") == {"changed": 0, "looked_at": 0, "news": []}
    rules = workspace.root / ".pluginry" / "rules"
    rules.mkdir()
    (rules / "own.yar").write_text(RULE % ("own", "speaks of DNS", "dns"), encoding="utf-8")
    answer = workspace.pluginry("rescan", "dist", "--jobs", "2", expect=10)
    assert answer["looked_at"] == answer["changed"] == len(list((workspace.root / "registry").rglob("releases/*.yaml")))
    assert {found["rule"] for found in answer["news"]} == {"scan.suspicious-pattern"}
    assert workspace.pluginry("rescan", "dist")["looked_at"] == 0

    (rules / "own.yar").write_text(RULE % ("own", "is mail", "mail"), encoding="utf-8")
    with LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        protocol="tcp://",
        dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:
        answer = workspace.pluginry("rescan", "dist", "--cluster", cluster.scheduler_address, expect=10)
    assert any("is mail" in found["message"] for found in answer["news"])

    assert workspace.pluginry("publish", "dist")["built"] == []
    pages = (workspace.dist / "plugins").rglob("index.html")
    assert any("is mail" in page.read_text(encoding="utf-8") for page in pages)
    assert workspace.pluginry("rescan", "dist")["looked_at"] == 0
