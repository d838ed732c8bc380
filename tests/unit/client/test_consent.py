"""What the user is asked, and what counts as an answer."""

from __future__ import annotations

import pytest

from pluginry.client.consent import ConsentRequest, ask_consent, check_policy, in_words
from pluginry.errors import ConsentNeededError, PolicyError
from pluginry.model.channel import Channel
from pluginry.model.index import HostSummary, PermissionText
from pluginry.model.manifest import Manifest, Permission, Runtime
from pluginry.model.names import Name, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.versions import Version, VersionRange

DEMO = PluginId.parse("acme/demo")
HEADERS = PermissionText(
    type="mail.headers", severity="medium", says="Reads {scope}", scopes={"inbound": "the headers of incoming mail"}
)
NETWORK = PermissionText(type="network", severity="high", says="Connects to {scope}")
MAIL = HostSummary(id=Name("mairust"), title="MaiRust", permissions=(HEADERS, NETWORK))
SHELL = HostSummary(
    id=Name("shell"),
    title="Shell",
    permissions=(PermissionText(type="network", severity="low", says="Talks to {scope}"),),
)


def a_manifest(*permissions: tuple[str, str], host: str = "mairust", plugin: PluginId = DEMO) -> Manifest:
    return Manifest(
        id=plugin,
        version=Version("1.0.0"),
        hosts={Name(host): VersionRange("*")},
        runtime=Runtime(kind="files"),
        permissions=tuple(Permission(type=t, scope=s, reason="Because") for t, s in permissions),
    )


def asked(*manifests: Manifest, granted: tuple[str, ...] = ()) -> ConsentRequest:
    return ask_consent(manifests, hosts=[MAIL, SHELL], granted={DEMO: granted})


class TestWords:
    def test_a_scope_that_the_host_knows_is_put_in_words(self) -> None:
        (ask,) = asked(a_manifest(("mail.headers", "inbound"))).asks
        assert (ask.says, ask.reason, ask.severity) == ("Reads the headers of incoming mail", "Because", "medium")

    def test_any_other_scope_stands_as_it_is(self) -> None:
        assert in_words(NETWORK, "example.com:443") == "Connects to example.com:443"
        assert in_words(NETWORK, "{scope}") == "Connects to {scope}"

    def test_a_permission_that_no_host_knows_is_shown_bare_and_taken_seriously(self) -> None:
        (ask,) = asked(a_manifest(("mail.secret", "all"))).asks
        assert (ask.says, ask.severity) == ("mail.secret (all)", "high")

    def test_the_words_are_those_of_the_plugins_own_host(self) -> None:
        (ask,) = asked(a_manifest(("network", "any"), host="shell")).asks
        assert ask.says == "Talks to any"


class TestAnswers:
    REQUEST = asked(
        a_manifest(("mail.headers", "inbound"), ("network", "a.example:443")), granted=("mail.headers:inbound",)
    )

    def test_what_was_granted_before_is_not_new(self) -> None:
        assert [ask.grant for ask in self.REQUEST.new] == ["network:a.example:443"]

    def test_every_new_permission_needs_its_own_consent(self) -> None:
        with pytest.raises(ConsentNeededError) as caught:
            self.REQUEST.require(["network:b.example:443", "network", "*", "mail.headers:inbound"])
        assert caught.value.permissions == ("network:a.example:443",)
        assert "--accept-permissions 'network:a.example:443'" in caught.value.hint

    def test_consent_to_all_of_them_is_enough(self) -> None:
        self.REQUEST.require(["network:a.example:443"])
        assert self.REQUEST.missing(["network:a.example:443"]) == ()

    def test_nothing_asked_needs_no_answer(self) -> None:
        asked(a_manifest()).require([])

    def test_a_grant_of_one_plugin_is_not_a_grant_of_another(self) -> None:
        other = a_manifest(("mail.headers", "inbound"), plugin=PluginId.parse("acme/other"))
        assert len(asked(other, granted=("mail.headers:inbound",)).new) == 1


class TestPolicy:
    def test_what_is_denied_is_refused_by_type(self) -> None:
        manifest = a_manifest(("network", "a.example:443"), ("mail.headers", "inbound"))
        with pytest.raises(PolicyError, match="acme/demo asks for network, which is denied here"):
            check_policy(manifest, Channel.STABLE, ClientPolicy(deny_permissions=("network", "mail.body")))
        check_policy(manifest, Channel.STABLE, ClientPolicy(deny_permissions=("mail.body",)))

    def test_a_channel_must_be_allowed(self) -> None:
        policy = ClientPolicy(allow_channels=(Channel.STABLE,))
        check_policy(a_manifest(), Channel.STABLE, policy)
        with pytest.raises(PolicyError, match="experimental channel"):
            check_policy(a_manifest(), Channel.EXPERIMENTAL, policy)
