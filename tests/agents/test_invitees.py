"""The list of invited people: accepted lines, and reports of the others."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents import invitees
from frontdesk.agents.invitees import Invitation, InvitationError, parse
from frontdesk.agents.models import Agent, Invitee
from tests.factories import make_agent


def invite(
    client: Client, agent: Agent, lines: str = "", file: bytes | None = None
) -> HttpResponse:
    fields: dict[str, object] = {"lines": lines}
    if file is not None:
        fields["file"] = SimpleUploadedFile("list.csv", file)
    response: HttpResponse = client.post(f"/agents/{agent.id}/settings/access/invite", fields)  # type: ignore[assignment]
    return response


def listed(agent: Agent) -> list[str]:
    return sorted(map(str, agent.invitees.all()))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("telegram:12345", "id", "telegram:12345"),
        (" Web : a:b@c ", "id", "web:a:b@c"),
        ("@Maya_B", "username", "maya_b"),
        ("Jo@Example.COM", "email", "jo@example.com"),
    ],
)
def test_identities_usernames_and_addresses_are_distinguished(
    text: str, kind: str, value: str
) -> None:
    assert parse(text) == Invitation(kind, value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12345", "telegram:12345"),
        ("maya", "@username"),
        ("@", "one word"),
        ("@two words", "one word"),
        ("jo@", "e-mail"),
        ("web:", "1 to 255"),
        (f"web:{'x' * 256}", "1 to 255"),
        ("we b:1", "platform"),
        ("telegram:@maya", "only the username"),
        ("a\0@example.com", "control"),
    ],
)
def test_an_invalid_invitation_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvitationError, match=reason):
        parse(text)


@given(st.text(max_size=400))
def test_any_line_is_accepted_or_reported(text: str) -> None:
    reading = invitees.read([text])
    assert len(reading.invitations) + reading.bad_lines <= 1
    for invitation in reading.invitations:
        assert 0 < len(invitation.value) <= 320
        assert invitation.value.isprintable()


def test_the_first_column_of_a_csv_counts() -> None:
    text = '\ufeff"web:a,b",Maya\n@jo;Jo\nai@example.com\tAi\n\n# a remark\n,\n'
    reading = invitees.read(io.StringIO(text))
    assert [each.value for each in reading.invitations] == ["web:a,b", "jo", "ai@example.com"]
    assert not reading.bad


@pytest.mark.parametrize("line", ['"' + "a" * 200_000, '"a"\rb'])
def test_a_line_that_is_not_csv_is_reported(line: str) -> None:
    reading = invitees.read([line])
    assert (len(reading.invitations), reading.bad_lines) == (0, 1)
    assert len(reading.bad[0].text) <= 200


@pytest.mark.django_db
def test_good_lines_are_accepted_and_bad_ones_are_returned(signed_in: Client, agent: Agent) -> None:
    invitees.add(agent, [parse("@maya")])
    response = invite(signed_in, agent, "@maya\nweb:1\n12345\nweb:1\n<b>")
    text = response.content.decode()
    assert response.status_code == 422
    assert listed(agent) == ["@maya", "web:1"]
    assert "Invited: 1. Already on the list: 2." in text
    assert "Line 3" in text
    assert "Line 5" in text
    assert "12345\n&lt;b&gt;</textarea>" in text


@pytest.mark.django_db
def test_a_file_is_read_in_addition_to_typed_lines(signed_in: Client, agent: Agent) -> None:
    response = invite(signed_in, agent, "@maya", b"telegram:1,Ada\r\ntelegram:2,Bo\r\n")
    assert response.status_code == 302
    assert listed(agent) == ["@maya", "telegram:1", "telegram:2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "file", "text"),
    [
        ("", None, "choose a file"),
        (" \n ", b"", "choose a file"),
        ("", b"\xff\xfe\x00w", "UTF-8"),
        ("", b"x" * 2_000_001, "larger than 2 MB"),
        ("", b"\n" * 100_001, "choose a file"),
        ("", b"@a\n" * 100_001, "100,000 lines"),
    ],
)
def test_a_list_that_cannot_be_read_is_rejected(
    signed_in: Client, agent: Agent, lines: str, file: bytes | None, text: str
) -> None:
    response = invite(signed_in, agent, lines, file)
    assert response.status_code == 422
    assert text in response.content.decode()
    assert not Invitee.objects.exists()


@pytest.mark.django_db
def test_many_invalid_lines_are_counted_and_the_first_listed(
    signed_in: Client, agent: Agent
) -> None:
    text = invite(signed_in, agent, "\n".join(map(str, range(1000)))).content.decode()
    assert "Not understood: 1,000" in text
    assert text.count("<li value=") == invitees.MAX_REPORTED


@pytest.mark.django_db
def test_the_list_is_paged_searched_and_emptied(signed_in: Client, agent: Agent) -> None:
    invitees.add(agent, [parse(f"web:visitor-{n}") for n in range(120)])
    url = f"/agents/{agent.id}/settings/access"
    assert "Page 1 of 3" in signed_in.get(url).content.decode()
    assert "Page 3 of 3" in signed_in.get(url, {"page": "99999999999999999999"}).content.decode()
    assert "Found: 1" in signed_in.get(url, {"q": "VISITOR-119"}).content.decode()
    assert "No one on the list" in signed_in.get(url, {"q": "\0<b>"}).content.decode()
    one = agent.invitees.first()
    assert one
    signed_in.post(f"{url}/{one.id}/remove")
    assert agent.invitees.count() == 119
    assert "all 119" in signed_in.get(f"{url}/empty").content.decode()
    signed_in.post(f"{url}/empty")
    assert not agent.invitees.exists()


@pytest.mark.django_db
def test_lists_of_agents_are_apart(signed_in: Client, agent: Agent) -> None:
    other = make_agent("Other")
    invitees.add(other, [parse("@maya")])
    invite(signed_in, agent, "@maya")
    assert listed(agent) == listed(other) == ["@maya"]
