"""Receipts of erasures: signed, and without the name of the erased user."""

import json

import pytest
from django.test import override_settings

from frontdesk.agents.models import Agent
from frontdesk.ledger.erase import erase
from frontdesk.ledger.models import Erasure
from frontdesk.ledger.receipts import receipt, verify_receipt
from tests.factories import make_user


@pytest.fixture
def erasure(agent: Agent) -> Erasure:
    return erase(agent, make_user(agent, "Maya").id, "Olivia Ö.", may_return=False)


def test_it_says_what_was_removed_when_and_by_whom(agent: Agent, erasure: Erasure) -> None:
    content = verify_receipt(receipt(erasure))
    assert content["agent"] == str(agent.id)
    assert content["kind"] == "erase"
    assert content["requestedBy"] == "Olivia Ö."
    assert content["finishedAt"] >= content["requestedAt"]
    assert content["tables"]["ledger_message"] == 1
    assert content["rows"] == sum(content["tables"].values()) == erasure.total


def test_it_names_no_one(erasure: Erasure) -> None:
    assert b"maya" not in receipt(erasure).lower()


def test_it_is_the_same_whenever_it_is_made(erasure: Erasure) -> None:
    assert receipt(erasure) == receipt(Erasure.objects.get())


def test_the_layout_of_the_file_does_not_matter(erasure: Erasure) -> None:
    content = json.loads(receipt(erasure))
    again = json.dumps(dict(sorted(content.items(), reverse=True)))
    assert verify_receipt(again.encode()) == verify_receipt(receipt(erasure))


def test_what_was_changed_is_no_longer_genuine(erasure: Erasure, subtests: pytest.Subtests) -> None:
    for name, value in (
        ("requestedBy", "Otto"),
        ("rows", 1),
        ("tables", {}),
        ("signature", "0" * 64),
        ("signature", "ä\ud800"),
        ("signature", None),
        ("more", 1),
    ):
        with subtests.test(name):
            changed = json.loads(receipt(erasure)) | {name: value}
            with pytest.raises(ValueError, match="signature"):
                verify_receipt(json.dumps(changed).encode())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b'{"format": 1}']
)
def test_what_is_not_a_receipt_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match="this is no"):
        verify_receipt(data)


def test_another_secret_key_does_not_recognize_it(erasure: Erasure) -> None:
    made = receipt(erasure)
    with override_settings(SECRET_KEY="another"), pytest.raises(ValueError, match="signature"):
        verify_receipt(made)


def test_there_is_none_while_the_erasure_runs(erasure: Erasure) -> None:
    erasure.state = Erasure.State.RUNNING
    with pytest.raises(ValueError, match="still running"):
        receipt(erasure)
