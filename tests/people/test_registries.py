"""Every entry of a registry is complete for all code that uses it."""

import msgspec
import pytest
from django.core.exceptions import FieldDoesNotExist
from django.template.loader import get_template
from django.utils.html import escape

from frontdesk.agents.models import Agent
from frontdesk.api import schemas
from frontdesk.api.openapi import LIST_PARAMETERS
from frontdesk.console.users.cells import CELLS, cell_of, shown_rows
from frontdesk.console.users.filter_fields import filter_fields
from frontdesk.ledger.events import PROFILE_TEXTS, Event
from frontdesk.ledger.models import FACET_COLUMNS, EndUser
from frontdesk.people.exports.archive import PROFILE
from frontdesk.people.table.columns import COLUMNS, SORTS, Column
from frontdesk.people.table.filter_kinds.choices import FacetFilter
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.rows import PlanAndTagNames, rows
from frontdesk.people.table.selection import INDEXES
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import make_user


def has_column(name: str) -> bool:
    try:
        EndUser._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_column_has_a_cell_and_fields_that_exist(column: Column) -> None:
    assert callable(cell_of(column))
    assert column.fields
    for field in column.fields:
        assert field.kind == "tags" or has_column(field.column)


def test_every_cell_is_of_a_column() -> None:
    assert set(CELLS) == {column.cell for column in COLUMNS.values() if column.cell}


def test_every_sort_and_facet_has_an_index() -> None:
    facets = [each for each in FILTERS.values() if isinstance(each, FacetFilter)]
    assert {*SORTS.values(), *(each.column for each in facets)} <= INDEXES.keys()
    assert all(FACET_COLUMNS[each.facet] == each.column for each in facets)


def test_a_filter_has_a_form_and_parameters_of_the_api(agent: Agent) -> None:
    fields = filter_fields(agent, UsersQuery(), PlanAndTagNames.of(agent))
    assert [field.name for field in fields] == list(FILTERS)
    for field in fields:
        get_template(field.template)
    for each in FILTERS.values():
        assert each.parameters().keys() <= LIST_PARAMETERS.keys()


def test_a_profile_field_is_kept_shown_and_archived() -> None:
    names = {field.name: field.encode_name for field in msgspec.structs.fields(Event)}
    for name in PROFILE_TEXTS:
        assert has_column(name)
        assert name in schemas.User.model_fields
        assert name == "plan" or PROFILE[name] == names[name]


@pytest.mark.parametrize("key", COLUMNS)
def test_no_cell_lets_markup_through(agent: Agent, key: str) -> None:
    bad = "<b>&\"'"
    person = make_user(agent, bad, external_id="x", username=bad, plan=bad, tags=[bad])
    EndUser.objects.filter(id=person.id).update(language=bad, unreachable_cause=bad)
    person.refresh_from_db()
    [row] = shown_rows(rows(PlanAndTagNames.of(agent), [person]), [COLUMNS["name"], COLUMNS[key]])
    html = "".join(row.cells)
    assert "<b>" not in html
    assert escape(bad) in html
