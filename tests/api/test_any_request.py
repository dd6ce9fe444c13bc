"""G13: whatever fits the contract, and what does not, is answered as the contract says: no server error, no break of the schema."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from api.test_matrix import fill
from segue.domain.permissions import Role

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OF_EACH = 8
OF_EACH_IN_THE_SOAK = 1_000


def ask_anything(api, of_each: int) -> Counter[int]:
    """Send cases to every operation, the same ones in each run; returns how many were answered with which status."""
    fill(api)
    app, answered = api.client.app, Counter[int]()
    headers = {"Authorization": f"Bearer {api.key}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=headers)
    with asgi.get_client(app) as client:
        for found in schema.get_all_operations():
            operation = found.ok()

            @settings(
                max_examples=of_each,
                phases=[Phase.explicit, Phase.generate],
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def one(case):
                answer = case.call(session=client, headers=headers)
                if answer.status_code == 401:  # a request before has revoked the key, or removed its user
                    headers["Authorization"] = f"Bearer {api.key_of(Role.OWNER)}"
                    answer = case.call(session=client, headers=headers)
                answered[answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            one()
    print(answered)
    return answered


def test_hundreds_of_requests_break_nothing(api):
    answered = ask_anything(api, OF_EACH)
    assert answered.total() > 300
    assert answered[401] == 0
    assert sum(count for status, count in answered.items() if status < 300) > 50, "some of them must get through"


@pytest.mark.soak
def test_a_hundred_thousand_requests_break_nothing(api):
    assert ask_anything(api, OF_EACH_IN_THE_SOAK).total() > 50_000
