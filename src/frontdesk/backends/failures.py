"""What operators read about a failed request: its kind, and what the server says about it.

Servers repeat the key and the prompt in their error messages: both are taken out.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime

import httpx2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.backends.outgoing import OutgoingError
from frontdesk.backends.question import BackendError
from frontdesk.backends.transport import LONGEST_SECONDS
from frontdesk.core.text import clean_line

_BY_STATUS = {
    400: gettext_lazy("the request was refused"),
    401: gettext_lazy("the key was refused"),
    402: gettext_lazy("the account has no credit"),
    403: gettext_lazy("access was refused"),
    404: gettext_lazy("nothing exists at this address, or the model does not exist"),
    405: gettext_lazy("this address does not accept POST; is it the right one?"),
    413: gettext_lazy("the request was too large"),
    422: gettext_lazy("the request was refused"),
    429: gettext_lazy("rate limit reached"),
    503: gettext_lazy("the server is overloaded"),
    504: gettext_lazy("the server’s own backend was too slow"),
}
_MAY_RETRY = {408, 409, 425, 429, 500, 502, 503, 504, 529}


MAX_SAID = 200
"""The most characters of a server's own error message."""

_MAX_READ = 1_000
_KEY = re.compile(r"\W*((sk|pk|rk|key|gsk|xai|ghp|hf)[-_]|AIza|eyJ).{5}", re.I)
_LONG = 24
_MIN_WORDS = 4  # shorter texts are parts of other words, and say nothing about a person
_WINDOW, _STEP = 12, 8


def said(message: object, key: str, words: Iterable[str]) -> str:
    """A server's error message on one line, without keys and without the person's `words`.

    Servers shorten what they repeat, so parts of a text are taken out as well.
    """
    text = clean_line(message[:_MAX_READ]) if isinstance(message, str) else ""
    secrets = {key, *_repeated(text or "", (" ".join(each.split()) for each in words))} - {""}
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(re.escape(secret), "…", text or "", flags=re.I)
    parts = (text or "").split()
    pairs = zip(parts, ["", *parts], strict=False)
    text = " ".join("…" if _is_secret(word, before) else word for word, before in pairs)
    return text if len(text) <= MAX_SAID else f"{text[: MAX_SAID - 1]}…"


def _repeated(text: str, sources: Iterable[str]) -> Iterator[str]:
    """Whole sources that the text contains, and the runs of characters that it shares with them.

    Looks at every `_STEP`th place of a source only: histories may be long.
    """
    text = text.lower()
    windows = {text[start : start + _WINDOW]: start for start in range(len(text) - _WINDOW + 1)}
    for source in map(str.lower, sources):
        if _MIN_WORDS <= len(source) < _WINDOW + _STEP:
            yield source
        for start in range(0, len(source) - _WINDOW + 1, _STEP):
            at = windows.pop(source[start : start + _WINDOW], None)
            if at is not None:
                before = _common(text[:at][::-1], source[max(0, start - at) : start][::-1])
                length = _common(text[at:], source[start : start + len(text)])
                yield text[at - before : at + length]


def _common(one: str, other: str) -> int:
    """The length of what both begin with."""
    shorter = min(len(one), len(other))
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), shorter)


def _is_secret(word: str, before: str) -> bool:
    """A masked key, a key by its usual beginning, a bearer token, or a long word with digits."""
    is_token = len(word) >= _LONG and any(map(str.isdigit, word))
    is_masked = any(mask * 3 in word for mask in "*•…")
    return is_token or is_masked or before.lower() == "bearer" or bool(_KEY.match(word))


def of_status(
    status: int, headers: Mapping[str, str], detail: str = "", sentence: str = ""
) -> BackendError:
    """The failure for an answer with this status.

    `detail` is the API's own code for it, and `sentence` what it `said`.
    """
    meaning = str(_BY_STATUS.get(status) or _by_class(status))
    text = f"{status}: {meaning} ({detail})" if detail else f"{status}: {meaning}"
    text = f"{text}: {sentence}" if sentence else text
    return BackendError(text, may_retry=status in _MAY_RETRY, after=_retry_after(headers))


def of_exception(error: BaseException, timeout: float) -> BackendError:
    """The failure of a request without an answer, from the first cause that explains it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OutgoingError):
            return BackendError(str(cause))
        if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError):
            return BackendError(_("the server cannot be reached"), may_retry=True)
        if isinstance(cause, httpx2.TimeoutException):
            return BackendError(_of_timeout(cause, timeout))
        if isinstance(cause, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return BackendError(_("the address cannot be used"))
        if isinstance(cause, httpx2.HTTPError):
            return BackendError(_broken(cause), may_retry=True)
        cause = cause.__cause__ or cause.__context__
    return BackendError(_("the request failed: %(error)s") % {"error": type(error).__name__})


def _by_class(status: int) -> str:
    if status >= 500:
        return _("the server failed")
    return (
        _("the server redirects to another address")
        if status < 400
        else _("the request was refused")
    )


def _of_timeout(error: httpx2.TimeoutException, timeout: float) -> str:
    if "takes too long" in str(error):
        limit = f"{LONGEST_SECONDS / 60:.0f}"
        return _("the answer took longer than %(count)s minutes") % {"count": limit}
    return _("nothing arrived for %(count)s seconds") % {"count": f"{timeout:g}"}


def _broken(error: httpx2.HTTPError) -> str:
    """With the reason, where our own transport states one."""
    reason = str(error)
    if not reason.startswith("the answer is "):
        return _("the connection broke")
    return _("the connection broke: %(reason)s") % {"reason": reason}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """In seconds. Servers write it as a number or as a date (RFC 9110, 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    zoned = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max((zoned - dt.datetime.now(dt.UTC)).total_seconds(), 0)
