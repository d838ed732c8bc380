"""The ready-made configurations for places that no test can run: well formed, and with the headers that are defined.

nginx and Caddy are run for real: tests/contracts/test_web_server.py.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.strict_json import parse
from pluginry.model.headers import EMBEDDED, FOR_EVERYBODY, SAFETY, WORKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

HOSTING = data_folder("site_templates") / "hosting"
STACK = json.loads((HOSTING / "cloudfront.json").read_text("utf-8"))
RESOURCES = STACK["Resources"]
MODEL = botocore.session.get_session().get_service_model("cloudfront")
LONGEST_ERROR_S = 60
OTHER_NAMES = {
    "AcmCertificateArn": "ACMCertificateArn",
    "SslSupportMethod": "SSLSupportMethod",
    "IPV6Enabled": "IsIPV6Enabled",
}
"""What CloudFormation writes differently from the service itself."""


def of_kind(kind: str) -> dict[str, Any]:
    """Return the properties of all resources of a kind, by their names."""
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == f"AWS::{kind}"}


DISTRIBUTION = of_kind("CloudFront::Distribution")["Distribution"]["DistributionConfig"]


def as_the_service_takes_it(value: Any, shape: Shape) -> Any:
    """Return a property of CloudFormation as the API has it: lists counted, and some value for each reference."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Ref", "Fn::Sub", "Fn::GetAtt"):
        return "some-name"
    if shape.type_name == "structure":
        members = shape.members  # type: ignore[attr-defined]  # only structures have them
        if isinstance(value, list):
            value = {"Items": value}
        if "Quantity" in members and "Items" in value:
            value = {**value, "Quantity": len(value["Items"])}
        named = {OTHER_NAMES.get(name, name): part for name, part in value.items()}
        return {name: as_the_service_takes_it(part, members[name]) for name, part in named.items()}
    if shape.type_name == "list":
        # The stubs of botocore do not know that a list has members.
        return [as_the_service_takes_it(part, shape.member) for part in value]  # type: ignore[attr-defined]
    return str(value) if shape.name == "string" and type(value) is int else value


def complaints(value: Any, shape_name: str, **more: Any) -> str:
    shape = MODEL.shape_for(shape_name)
    report = ParamValidator().validate({**as_the_service_takes_it(value, shape), **more}, shape)
    return str(report.generate_report())


def references(value: Any) -> Iterator[str]:
    """Yield the names of resources and parameters that a part of the stack mentions."""
    if isinstance(value, list):
        for part in value:
            yield from references(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "Ref":
                yield part
            elif key == "Fn::GetAtt":
                yield part[0]
            elif key == "Fn::Sub":
                yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", part))
            else:
                yield from references(part)


@pytest.mark.parametrize("name", ["cloudfront.json", "cloudflare.json"])
def test_every_file_is_strict_json(name: str) -> None:
    assert parse((HOSTING / name).read_bytes(), what=name, max_bytes=100_000)


def test_everything_that_the_stack_mentions_is_in_it() -> None:
    known = RESOURCES.keys() | STACK["Parameters"].keys()
    mentioned = {name for name in references(STACK) if not name.startswith("AWS::")}
    assert mentioned <= known
    assert STACK["Parameters"].keys() <= mentioned


def test_the_service_knows_every_word_of_the_stack() -> None:
    assert complaints(DISTRIBUTION, "DistributionConfig", CallerReference="x") == ""
    for policy in of_kind("CloudFront::ResponseHeadersPolicy").values():
        assert complaints(policy["ResponseHeadersPolicyConfig"], "ResponseHeadersPolicyConfig") == ""
    for policy in of_kind("CloudFront::CachePolicy").values():
        assert complaints(policy["CachePolicyConfig"], "CachePolicyConfig") == ""
    for access in of_kind("CloudFront::OriginAccessControl").values():
        assert complaints(access["OriginAccessControlConfig"], "OriginAccessControlConfig") == ""
    for function in of_kind("CloudFront::Function").values():
        assert complaints(function["FunctionConfig"], "FunctionConfig") == ""


def test_a_misspelt_word_and_a_wrong_value_would_be_noticed() -> None:
    with pytest.raises(KeyError, match="Enabeld"):
        complaints({**DISTRIBUTION, "Enabeld": True}, "DistributionConfig")
    assert "Comment" in complaints({**DISTRIBUTION, "Comment": []}, "DistributionConfig", CallerReference="x")


def headers_of_policy(name: str) -> dict[str, str]:
    """Return the headers that a policy adds, each of which must win over the bucket's."""
    config = RESOURCES[name]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    assert all(part["Override"] for part in (*security.values(), *config["CustomHeadersConfig"]["Items"]))
    found = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    found["Content-Security-Policy"] = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    found["Referrer-Policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
    found["X-Content-Type-Options"] = "nosniff"  # what ContentTypeOptions means
    assert security["ContentTypeOptions"] == {"Override": True}
    if "CorsConfig" in config:
        (found["Access-Control-Allow-Origin"],) = config["CorsConfig"]["AccessControlAllowOrigins"]["Items"]
        assert config["CorsConfig"]["AccessControlAllowCredentials"] is False
    return found


def test_cloudfront_sends_the_headers_that_are_defined() -> None:
    programs, cards, text = DISTRIBUTION["CacheBehaviors"]
    assert [one["PathPattern"] for one in (programs, cards, text)] == ["v1/*", "embed/*", "text/*"]
    assert headers_of_policy(text["ResponseHeadersPolicyId"]["Ref"]) == WORKER
    assert headers_of_policy(cards["ResponseHeadersPolicyId"]["Ref"]) == EMBEDDED
    assert headers_of_policy(programs["ResponseHeadersPolicyId"]["Ref"]) == {**SAFETY, **FOR_EVERYBODY}
    assert headers_of_policy(DISTRIBUTION["DefaultCacheBehavior"]["ResponseHeadersPolicyId"]["Ref"]) == SAFETY


def test_cloudfront_keeps_each_object_as_long_as_it_says_and_errors_for_a_minute() -> None:
    (policy,) = of_kind("CloudFront::CachePolicy").values()
    config = policy["CachePolicyConfig"]
    assert (config["MinTTL"], config["MaxTTL"]) == (0, 31536000)
    assert all(behaviour["CachePolicyId"] for behaviour in DISTRIBUTION["CacheBehaviors"])
    errors = {one["ErrorCode"]: one for one in DISTRIBUTION["CustomErrorResponses"]}
    assert errors.keys() == {403, 404}
    for one in errors.values():
        assert (one["ResponseCode"], one["ResponsePagePath"]) == (404, "/404.html")
        assert one["ErrorCachingMinTTL"] <= LONGEST_ERROR_S


def test_only_the_edge_reads_the_bucket_and_the_publisher_deletes_nothing() -> None:
    bucket = of_kind("S3::Bucket")["Bucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    allowed = [
        statement
        for policy in of_kind("S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    (edge,) = allowed
    assert (edge["Principal"], edge["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert "distribution/${Distribution}" in json.dumps(edge["Condition"])
    allowed = of_kind("IAM::ManagedPolicy")["Publisher"]["PolicyDocument"]["Statement"]
    actions = {str(one["Action"]): json.dumps(one["Resource"]) for one in allowed}
    assert {action for action in actions if "Delete" in action} == {"s3:DeleteObject"}
    assert "/v1/.store/*" in actions["s3:DeleteObject"]
    assert "distribution/${Distribution}" in actions["cloudfront:CreateInvalidation"]


def test_cloudflare_sends_the_headers_that_are_defined_and_keeps_errors_for_a_minute() -> None:
    phases = json.loads((HOSTING / "cloudflare.json").read_text("utf-8"))
    always, cards, text, programs = (
        {name: one["value"] for name, one in rule["action_parameters"]["headers"].items()}
        for rule in phases["http_response_headers_transform"]["rules"]
    )
    assert ({**always, **cards}, programs) == (dict(EMBEDDED), dict(FOR_EVERYBODY))
    assert always == dict(SAFETY)
    assert {**always, **text} == dict(WORKER)
    (rule,) = phases["http_request_cache_settings"]["rules"]
    edge = rule["action_parameters"]["edge_ttl"]
    assert edge["mode"] == rule["action_parameters"]["browser_ttl"]["mode"] == "respect_origin"
    assert {one["status_code"]: one["value"] for one in edge["status_code_ttl"]} == {403: 60, 404: 60}
