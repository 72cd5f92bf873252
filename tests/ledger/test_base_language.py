"""Languages are counted and found by their base, whatever the region."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, FacetCount
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check, recount
from tests.factories import make_event

pytestmark = pytest.mark.django_db(transaction=True)

migration = importlib.import_module("frontdesk.ledger.migrations.0017_base_language")


def counts(agent: Agent) -> dict[str, int]:
    found = FacetCount.objects.filter(agent=agent, facet="language", users__gt=0)
    return dict(found.values_list("value", "users"))


@pytest.fixture
def english(agent: Agent) -> Agent:
    tags = ("en", "en-us", "en-gb", "zh-hans", "")
    record(agent, [make_event(external_id=str(n), language=tag) for n, tag in enumerate(tags)])
    return agent


def test_regions_are_counted_with_their_language_and_kept(english: Agent) -> None:
    assert counts(english) == {"en": 3, "zh": 1, "": 1}
    kept = EndUser.objects.order_by("external_id").values_list("language", "base_language")
    assert list(kept[1:3]) == [("en-us", "en"), ("en-gb", "en")]
    assert check(english) == []


def test_another_region_changes_no_count(english: Agent) -> None:
    record(english, [make_event(5, external_id="0", language="en-au")])
    record(english, [make_event(6, external_id="1", language="de")])
    assert counts(english) == {"en": 2, "de": 1, "zh": 1, "": 1}
    assert check(english) == []


def test_what_an_earlier_version_counted_by_region_is_folded(english: Agent) -> None:
    FacetCount.objects.filter(facet="language").delete()
    for value, users in (("en", 1), ("en-us", 1), ("en-gb", 1), ("zh-hans", 1), ("", 1)):
        FacetCount.objects.create(agent=english, facet="language", value=value, users=users)
    EndUser.objects.update(base_language="")

    migration.fold(apps, connection.SchemaEditorClass(connection))
    assert counts(english) == {"en": 3, "zh": 1, "": 1}

    record(english, [make_event(5, external_id="1", language="en-au")])  # before its rebuild
    assert counts(english) == {"en": 3, "zh": 1, "": 1}
    recount(english)
    assert check(english) == []
    assert EndUser.objects.filter(base_language="en").count() == 3
