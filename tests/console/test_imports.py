"""The pages of imports: uploading, the check, options, the import, and taking it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pydantic import ByteSize
from pytest_django import Settings

from frontdesk.agents.models import Agent
from frontdesk.console import receiving
from frontdesk.console.settings.forms.imports import OPTION_TEXTS, in_words
from frontdesk.imports import formats, upload_files, uploads
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.models import Upload
from frontdesk.ledger import imports
from frontdesk.ledger.models import Import, Message
from tests.factories import make_import, make_upload
from tests.imports.test_jsonl import event

pytestmark = pytest.mark.django_db

POLL = {"HX-Request": "true", "HX-Target": "div#upload"}
POLL_IMPORT = {"HX-Request": "true", "HX-Target": "div#import"}


def url(name: str, agent: Agent, *ids: Any) -> str:
    return reverse(f"imports:{name}", args=[agent.id, *ids])


def send(client: Client, agent: Agent, content: bytes, name: str = "a.jsonl", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(url("receive", agent), {"file": file, **fields})


def body(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.text


def work(upload: Upload) -> None:
    uploads.work.call(str(upload.id))


def parts() -> list[str]:
    return [file.name for file in upload_files.root().iterdir() if file.suffix == ".part"]


@pytest.fixture(autouse=True)
def _no_part_is_left() -> Iterator[None]:
    before = parts()
    yield
    assert parts() == before


def test_without_an_import_the_page_says_what_can_be_imported(
    signed_in: Client, agent: Agent
) -> None:
    page = body(signed_in, url("imports", agent))
    assert "Nothing imported yet" in page
    for format_ in FORMATS.values():
        assert format_.title in page


def test_a_file_is_checked_then_imported_and_reported(signed_in: Client, agent: Agent) -> None:
    response = send(signed_in, agent, event(1) + b"\n" + event(2) + b"\n{}", format="jsonl")
    upload = Upload.objects.get()
    here = url("upload", agent, upload.id)
    assert response["Location"] == here
    assert "Waiting for the worker" in body(signed_in, here)
    assert "every 1s" in body(signed_in, here, **POLL)
    work(upload)
    page = body(signed_in, here, **POLL)
    assert "Nothing is recorded yet" in page
    assert "user: Text 1" in page
    assert "every 1s" not in page
    assert signed_in.post(url("begin", agent, upload.id))["Location"] == here
    work(upload)
    row = Import.objects.get()
    assert signed_in.get(here)["Location"] == url("import", agent, row.id)
    poll = signed_in.get(here, headers=POLL)
    assert (poll.status_code, poll["HX-Redirect"]) == (204, url("import", agent, row.id))
    page = body(signed_in, url("import", agent, row.id))
    assert "platform is missing" in page
    assert row.digest in page
    assert "operator" in page
    lines = signed_in.get(url("rejected", agent, upload.id, "lines"))
    assert (lines.getvalue(), lines["Content-Type"]) == (b"{}\n", "text/plain")
    assert "attachment" in lines["Content-Disposition"]
    assert "a.jsonl" in body(signed_in, url("imports", agent))


def test_a_name_is_shown_as_text_and_reaches_no_path(signed_in: Client, agent: Agent) -> None:
    send(signed_in, agent, event(1), "<img src=x>.jsonl")
    upload = Upload.objects.get()
    page = body(signed_in, url("upload", agent, upload.id))
    assert "<img src=x" not in page
    assert upload_files.path_of(upload).parent.parent == upload_files.root()


def test_a_large_file_is_received_in_pieces(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = receiving.Receiver.receive_data_chunk

    def receive(self: receiving.Receiver, raw_data: bytes, start: int) -> None:
        sizes.append(len(raw_data))
        write(self, raw_data, start)

    monkeypatch.setattr(receiving.Receiver, "receive_data_chunk", receive)
    content = b"\n".join([event(1, text="x" * 1000)] * 5000)
    send(signed_in, agent, content)
    upload = Upload.objects.get()
    assert upload_files.path_of(upload).read_bytes() == content
    assert upload.size == len(content) == sum(sizes)
    assert max(sizes) <= 64 * 1024


def test_a_file_that_is_too_large_is_not_even_read(
    signed_in: Client, agent: Agent, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"max_import_size": ByteSize(1000)})
    assert send(signed_in, agent, b"x" * 1000).status_code == 302
    monkeypatch.setattr(receiving.Receiver, "receive_data_chunk", None)
    response = send(signed_in, agent, b"x" * 200_000)
    assert response.status_code == 413
    assert "A file may have up to 1000" in response.text.replace("\xa0", " ")


def test_a_file_that_would_fill_the_disk_is_refused(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_files, "free_space", lambda: 100)
    assert "too little space" in send(signed_in, agent, event(1)).text


def test_a_disk_that_becomes_full_is_reported(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receiving.Receiver, "receive_data_chunk", full)
    response = send(signed_in, agent, event(1))
    assert response.status_code == 507
    assert "No space left on device" in response.text
    assert not Upload.objects.exists()


def test_files_that_wait_are_bounded(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_WAITING", 2)
    assert [send(signed_in, agent, event(1)).status_code for _ in range(3)] == [302, 302, 413]


@pytest.mark.parametrize("content", [None, b""])
def test_a_missing_or_empty_file_is_asked_for(
    signed_in: Client, agent: Agent, content: bytes | None
) -> None:
    fields = {} if content is None else {"file": SimpleUploadedFile("a.jsonl", content)}
    response = signed_in.post(url("receive", agent), fields)
    assert response.status_code == 422
    assert "aria-invalid" in response.text
    assert not Upload.objects.exists()


def test_a_body_without_the_token_is_discarded(agent: Agent, signed_in: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    assert send(client, agent, event(1)).status_code == 403
    assert not Upload.objects.exists()


def test_no_other_page_takes_large_files(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    for size, status in ((1_000, 200), (20_000, 400)):
        file = SimpleUploadedFile("a", b"x" * size)
        response = client.post(reverse("account_login"), {"file": file})
        assert response.status_code == status


def test_the_page_asks_for_what_the_file_does_not_say(signed_in: Client, agent: Agent) -> None:
    upload = make_upload(agent, b'{"name": "x", "messages": []}', "a.json", "telegram")
    Upload.objects.update(state="failed", problem="Nobody fits. Say it with --bot.")
    page = body(signed_in, url("upload", agent, upload.id))
    assert "Say it with “The agent in the file”" in page
    assert page.count("is-asked") == 1


def test_the_fields_are_those_of_the_format(signed_in: Client, agent: Agent) -> None:
    upload = make_upload(agent)
    work(upload)
    here = url("upload", agent, upload.id)
    for name, format_ in FORMATS.items():
        page = body(signed_in, f"{here}?format={name}")
        for option in OPTION_TEXTS:
            assert (f'name="{option}"' in page) == (option in format_.options)


def test_options_are_kept_and_the_file_is_checked_again(signed_in: Client, agent: Agent) -> None:
    upload = make_upload(agent)
    work(upload)
    here = url("upload", agent, upload.id)
    sent = {"format": "openai", "user": "42", "time": "2026-01-02T03:04:05", "platform": ""}
    assert signed_in.post(here, sent)["Location"] == here
    upload.refresh_from_db()
    assert (upload.state, upload.format) == ("checking", "openai")
    assert upload.options == {"user": "42", "time": "2026-01-02T03:04:05+00:00"}
    work(upload)
    page = body(signed_in, here)
    assert 'value="42"' in page
    assert 'value="2026-01-02T03:04:05"' in page
    assert signed_in.post(here, {**sent, "time": "soon"}).status_code == 422
    assert signed_in.post(here, {"format": "nothing"}).status_code == 422


def test_a_further_format_needs_no_change_here(
    signed_in: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = formats.Format("Pigeon post", FORMATS["jsonl"].run, ("zone", "replace"))
    monkeypatch.setitem(FORMATS, "pigeon", other)
    assert "Pigeon post" in body(signed_in, url("imports", agent))
    send(signed_in, agent, event(1), format="pigeon")
    upload = Upload.objects.get()
    work(upload)
    page = body(signed_in, url("upload", agent, upload.id))
    assert 'name="zone"' in page
    assert 'name="replace"' in page
    assert 'name="bot"' not in page


def test_every_option_has_a_label_and_a_help() -> None:
    heeded = {option for format_ in FORMATS.values() for option in format_.options}
    assert heeded <= OPTION_TEXTS.keys()
    assert in_words("--bot, --replace and --unheard-of") == (
        "“The agent in the file”, “Replace” and --unheard-of"
    )


def test_an_import_is_taken_back_after_a_question(signed_in: Client, agent: Agent) -> None:
    upload = make_upload(agent, event(1))
    work(upload)
    signed_in.post(url("begin", agent, upload.id))
    work(upload)
    row = Import.objects.get()
    there = url("take-back", agent, row.id)
    assert "What it does not do" in body(signed_in, there)
    assert Import.objects.get().state == "done"
    assert signed_in.post(there)["Location"] == url("import", agent, row.id)
    assert "Being taken back" in body(signed_in, url("import", agent, row.id), **POLL_IMPORT)
    imports.take_back.call(str(row.id))
    page = body(signed_in, url("import", agent, row.id))
    assert "Taken back" in page
    assert there not in page
    assert not Message.objects.exists()


def test_a_file_that_waits_can_be_deleted(signed_in: Client, agent: Agent) -> None:
    upload = make_upload(agent)
    assert signed_in.post(url("cancel", agent, upload.id))["Location"] == url("imports", agent)
    assert not Upload.objects.exists()


def test_the_list_has_pages_and_what_waits_comes_first(signed_in: Client, agent: Agent) -> None:
    for _ in range(51):
        make_import(agent)
    make_upload(agent, name="waits.jsonl")
    first = body(signed_in, url("imports", agent))
    assert first.index("waits.jsonl") < first.index("events.jsonl")
    assert "Page 1 of 2" in first
    second = body(signed_in, url("imports", agent) + "?page=2")
    assert "waits.jsonl" not in second
    assert second.count("events.jsonl") == 1
