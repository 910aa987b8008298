"""The proof of usage finds nothing where nothing is wrong; planted_test.py plants the wrongs."""

from kesto.verify import verify
from tests.contracts.conftest import used_in
from tests.contracts.verify_test import told
from tests.town import Town


def test_nothing_is_found_where_usage_is_billed(town: Town) -> None:
    findings = verify(used_in(town).merchant_id)
    assert findings == [], told(findings)
