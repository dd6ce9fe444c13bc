"""The contract holds still: what operations there are, and who may ask for each, changes only where a person changes it here."""

from pathlib import Path

import pytest
from fastapi import APIRouter

from segue.app import ROUTERS
from segue.http.asking import check_policies, policy_of
from segue.http.openapi import operations

CONTRACT = Path(__file__).with_name("contract.txt")
ROUTES = [route for router in ROUTERS for route in router.routes]


def lines() -> list[str]:
    """Return one line for each operation: how it is reached, what it is called, what it needs."""
    made = []
    for route, method in operations(ROUTES):
        policy = policy_of(route)
        needs = "nobody known" if policy is None else policy.scope or "anybody known"
        allowed = " or ".join(each.value for each in (policy.permission, *policy.also)) if policy and policy.permission else ""
        made.append(f"{method:<6} {route.path_format}  {route.operation_id}  {needs}{f'  {allowed}' if allowed else ''}")
    return sorted(made, key=lambda line: line.split()[1:])


def test_the_operations_are_those_of_the_contract():
    """To accept a change: python tests/api/write_contract.py."""
    assert "\n".join(lines()) + "\n" == CONTRACT.read_text(encoding="utf-8")


def test_every_operation_has_a_name_of_its_own():
    names = [route.operation_id for route, _ in operations(ROUTES)]
    assert None not in names
    assert len(names) == len(set(names))


def test_a_program_whose_operation_says_not_who_may_ask_does_not_start():
    careless = APIRouter()

    @careless.get("/api/v1/careless", operation_id="careless")
    def handler() -> int:
        return 1

    with pytest.raises(AssertionError, match="declares no policy"):
        check_policies(careless.routes, "/api/")


def test_every_change_needs_a_write_scope_or_is_ones_own():
    """Whatever changes something asks for a scope to write; looking, linting and previewing are content with reading."""
    looking = {"lint_sequence", "preview_enrollment", "preview_apply_version", "preview_resume", "forecast_enrollment"}
    for route, method in operations(ROUTES):
        policy = policy_of(route)
        if policy is not None and policy.scope and method != "GET" and route.operation_id not in looking:
            assert policy.scope.endswith(":write"), route.operation_id


def test_the_contract_names_the_rules_that_the_code_goes_by(api):
    shown = api.get("/openapi.json")
    assert shown["openapi"].startswith("3.1")
    for route, method in operations(ROUTES):
        if not route.include_in_schema:
            continue
        operation = shown["paths"][route.path_format][method.lower()]
        assert operation["operationId"] == route.operation_id
        assert operation.get("summary")
        assert "500" not in operation["responses"]
