"""Requests for bulk actions and saved views: confirmations, errors and results."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, Tag
from frontdesk.gate import blocks
from frontdesk.ledger.models import EndUser
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.models import BulkJob, SavedView
from tests.factories import make_agent, make_operator, make_user, make_users

SHEET = {"HX-Request": "true", "HX-Target": "div#sheet-body"}
BLOCK = {"action_key": "block", "confirmed": "1", "reason": "Spam", "how_long": "good"}


def address(agent: Agent, path: str = "") -> str:
    return f"/agents/{agent.id}/users{path}"


def post(client: Client, agent: Agent, **data: Any) -> Any:
    return client.post(address(agent, "/bulk"), data)


class TestBulk:
    @pytest.mark.parametrize("action", ["tags", "plan", "block", "unblock", "export", "erase"])
    def test_every_action_asks_first_and_names_the_number(
        self, signed_in: Client, agent: Agent, action: str
    ) -> None:
        make_users(agent, 3)
        ids = [user.id for user in EndUser.objects.all()]
        asked = post(signed_in, agent, action_key=action, id=ids[:2])
        assert asked.status_code == 200
        assert "2 users" in asked.text
        everyone = post(signed_in, agent, action_key=action, scope="all", list="platform=web")
        assert "3 users" in everyone.text
        assert not BulkJob.objects.exists()

    def test_an_empty_selection_is_refused(self, signed_in: Client, agent: Agent) -> None:
        other = make_user(make_agent("Bob"), "Zoe")
        for data in ({}, {"id": ["nonsense", other.id]}, {"scope": "all"}):
            answer = post(signed_in, agent, action_key="block", **data)
            assert answer.status_code == 422
            assert "No users are selected" in answer.text

    def test_an_unknown_action_is_refused(self, signed_in: Client, agent: Agent) -> None:
        assert (
            post(signed_in, agent, action_key="praise", id=make_user(agent, "Ada").id).status_code
            == 422
        )

    def test_a_confirmed_action_is_done_and_leads_back_to_the_list(
        self, signed_in: Client, agent: Agent
    ) -> None:
        make_users(agent, 2)
        user = make_user(agent, "Ada")
        answer = post(signed_in, agent, id=user.id, list="q=ada&sort=name", **BLOCK)
        assert answer["Location"] == address(agent, "?q=ada&sort=name")
        assert "1 of 1 user blocked." in signed_in.get(answer["Location"]).text
        assert list(blocks.current([u.id for u in EndUser.objects.all()])) == [user.id]

    def test_errors_are_shown_in_the_form_and_nothing_typed_is_lost(
        self, signed_in: Client, agent: Agent
    ) -> None:
        user = make_user(agent, "Ada")
        data = {**BLOCK, "reason": "", "note": "Seen twice"}
        answer = post(signed_in, agent, id=user.id, **data)
        assert answer.status_code == 422
        assert "Seen twice" in answer.text
        assert f'value="{user.id}"' in answer.text
        for data in ({**BLOCK, "reason": "x" * 300}, {"action_key": "tags", "confirmed": "1"}):
            assert post(signed_in, agent, id=user.id, **data).status_code == 422

    def test_an_erasure_wants_the_number_typed(self, signed_in: Client, agent: Agent) -> None:
        make_users(agent, 3)
        confirmed = {"action_key": "erase", "confirmed": "1", "scope": "all"}
        assert post(signed_in, agent, confirmation="2", **confirmed).status_code == 422
        assert EndUser.objects.count() == 3
        assert post(signed_in, agent, confirmation="3", **confirmed).status_code == 302
        assert EndUser.objects.count() == 0

    def test_users_who_cannot_be_counted_cannot_be_erased(
        self, signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 3)
        monkeypatch.setattr("frontdesk.console.users.selection_forms.count", lambda *_: None)
        data = {"action_key": "erase", "confirmed": "1", "scope": "all", "confirmation": "-1"}
        answer = post(signed_in, agent, **data)
        assert "more than can be counted" in answer.text
        assert EndUser.objects.count() == 3

    def test_a_sheet_closes_when_it_is_done(self, signed_in: Client, agent: Agent) -> None:
        user = make_user(agent, "Ada")
        data = {"action_key": "tags", "confirmed": "1", "id": user.id, "new": "a, b"}
        answer = signed_in.post(address(agent, "/bulk"), data, headers=SHEET)
        assert (answer.status_code, answer["HX-Trigger"]) == (204, "sheet-done")
        assert set(Tag.objects.values_list("name", flat=True)) == {"a", "b"}

    def test_many_go_on_in_the_background_and_their_job_is_watched_and_stopped(
        self, signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "AT_ONCE", 1)
        make_users(agent, 3)
        page = post(signed_in, agent, scope="all", **BLOCK)["Location"]
        job = BulkJob.objects.get()
        assert page == address(agent, f"/jobs/{job.id}")
        assert "0 of 3" in re.sub(r"<[^>]*>", "", signed_in.get(page).text)
        assert f'id="job-{job.id}"' in signed_in.get(address(agent)).text
        signed_in.post(f"{page}/stop")
        assert "Stopped" in signed_in.get(page).text
        signed_in.post(f"{page}/resume")
        bulk.work(job.id)
        part = signed_in.get(page, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert "3 of 3" in re.sub(r"<[^>]*>", "", part.text)
        assert "hx-trigger" not in part.text  # it is done: no more polling
        assert f'id="job-{job.id}"' not in signed_in.get(address(agent)).text

    def test_a_job_is_of_its_agent(self, signed_in: Client, agent: Agent) -> None:
        job = BulkJob.objects.create(agent=agent, action="tags", requested_by="x")
        other = make_agent("Bob")
        assert signed_in.get(address(other, f"/jobs/{job.id}")).status_code == 404
        assert signed_in.post(address(other, f"/jobs/{job.id}/stop")).status_code == 404


class TestViews:
    def save(self, client: Client, agent: Agent, query: str, **data: Any) -> SavedView:
        answer = client.post(address(agent, f"/views?{query}"), {"name": "Mine", **data})
        assert answer.status_code == 302
        return SavedView.objects.latest("created_at")

    def test_a_list_is_kept_under_a_name_and_found_again(
        self, signed_in: Client, agent: Agent
    ) -> None:
        make_user(agent, "Ada", platform="web")
        view = self.save(signed_in, agent, "platform=web&sort=name&page=3&columns=cost,name")
        assert view.query == "platform=web&sort=name"
        assert view.columns == ["cost", "name"]
        html = signed_in.get(address(agent)).text
        link = re.search(rf'id="view-{view.id}" href="([^"]+)"', html)
        assert link
        shown = signed_in.get(link[1].replace("&amp;", "&")).text
        assert re.search(rf'id="view-{view.id}"[^>]+aria-current="true"', shown)
        assert "Platform: Web; sorted by “Name”, ascending." in shown
        assert re.findall(r'class="col-(\w+)', shown) == ["cost", "name"]

    def test_others_see_only_what_is_shared_and_change_nothing(
        self, signed_in: Client, agent: Agent, client: Client
    ) -> None:
        private = self.save(signed_in, agent, "q=secret", name="Private")
        shared = self.save(signed_in, agent, "q=maya", name="Shared", is_shared="on")
        colleague = Client()
        colleague.force_login(make_operator("carl"))
        html = colleague.get(address(agent)).text
        assert "Shared" in html
        assert "Private" not in html
        for view in (private, shared):
            for path in ("", "/delete"):
                url = address(agent, f"/views/{view.id}{path}")
                assert colleague.get(url).status_code == 404
                assert colleague.post(url, {"name": "Taken"}).status_code == 404
        assert colleague.post(address(agent, f"/views/{shared.id}/update")).status_code == 404

    def test_it_is_changed_renamed_and_deleted(self, signed_in: Client, agent: Agent) -> None:
        view = self.save(signed_in, agent, "q=maya")
        changed = address(agent, f"?q=maya&sort=name&view={view.id}&columns=name,sent")
        assert "Changed" in signed_in.get(changed).text
        data = {"list": changed.partition("?")[2]}
        signed_in.post(address(agent, f"/views/{view.id}/update"), data)
        view.refresh_from_db()
        assert (view.query, view.columns) == ("q=maya&sort=name", ["name", "sent"])
        assert "Changed" not in signed_in.get(changed).text
        signed_in.post(address(agent, f"/views/{view.id}"), {"name": "Ours", "is_shared": "on"})
        view.refresh_from_db()
        assert (view.name, view.is_shared) == ("Ours", True)
        signed_in.post(address(agent, f"/views/{view.id}/delete"))
        assert not SavedView.objects.exists()
        assert "This view no longer exists." in signed_in.get(changed).text

    def test_a_name_is_wanted_and_has_its_length(self, signed_in: Client, agent: Agent) -> None:
        for name in ("", " ", "x" * 61):
            answer = signed_in.post(address(agent, "/views"), {"name": name})
            assert answer.status_code == 422

    def test_a_list_with_a_views_filters_is_no_change_of_it(
        self, signed_in: Client, agent: Agent
    ) -> None:
        html = signed_in.get(address(agent, "?status=blocked&sort=name")).text
        assert "May not write now" in html
        assert "Changed" not in html
        assert "Save as a view" in html

    def test_as_a_page_it_leads_back_to_the_list(self, signed_in: Client, agent: Agent) -> None:
        list_url = address(agent, "?q=maya")
        for path in ("/views?q=maya", "/export?q=maya"):
            html = signed_in.get(address(agent, path)).text
            assert f'class="back-link" href="{list_url}"' in html

    def test_there_is_an_end_to_them(
        self, signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("frontdesk.people.table.saved_views.MAX", 1)
        self.save(signed_in, agent, "")
        answer = signed_in.post(address(agent, "/views"), {"name": "Too many"})
        assert answer.status_code == 422
        assert "Delete one first" in answer.text

    @pytest.mark.parametrize("view", ["nonsense", str(uuid.UUID(int=0)), "x" * 500])
    def test_an_unknown_view_is_reported(self, signed_in: Client, agent: Agent, view: str) -> None:
        make_user(agent, "Ada")
        assert "This view no longer exists." in signed_in.get(address(agent, f"?view={view}")).text

    def test_columns_of_the_address_are_changed_there_and_not_for_all_lists(
        self, signed_in: Client, agent: Agent, operator: Operator
    ) -> None:
        here = address(agent, "?sort=name&columns=cost%2Cname")
        data = {"next": here, "column": ["name", "tags"]}
        answer = signed_in.post(address(agent, "/columns"), data)
        assert answer["Location"] == address(agent, "?sort=name&columns=name%2Ctags")
        operator.refresh_from_db()
        assert "users_columns" not in operator.preferences

    def test_unknown_columns_of_the_address_are_reported(
        self, signed_in: Client, agent: Agent
    ) -> None:
        make_user(agent, "Ada")
        html = signed_in.get(address(agent, "?columns=name,password")).text
        assert "there is no column “password”" in html


def test_a_row_shows_plan_tags_block_and_limit(
    signed_in: Client, agent: Agent, operator: Operator
) -> None:
    operator.remember(users_columns=["name", "status", "subscription", "tags", "blocked_until"])
    user = make_user(agent, "Ada", tags=["told"], plan="gold")
    post(signed_in, agent, id=user.id, action_key="tags", confirmed="1", new="vip")
    post(signed_in, agent, id=user.id, **BLOCK)
    html = signed_in.get(address(agent)).text
    for words in ("blocked-mark", "Spam", "for good", "badge-reported", "vip", "gold"):
        assert words in html
