"""Origins as browsers send them: https://host or https://host:port with nothing after it."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class OriginError(ValueError):
    """A text that is not an origin; the message, for operators, says why."""


def parse_origin(text: str) -> str:
    """The origin of a site as a browser sends it: in lower case, the host name in ASCII.

    Raises OriginError, also for plain http except on the developer's own machine.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        raise OriginError(_("it is not an address such as https://example.com")) from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise OriginError(_("write it as https://example.com"))
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    origin = f"{parts.scheme}://{host}{shown_port}"
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise OriginError(
            _("leave out everything after the site itself: %(origin)s") % {"origin": origin}
        )
    if parts.scheme == "http" and not _is_local(host):
        raise OriginError(_("http is for localhost only; use https"))
    return origin


def own_origin(request: HttpRequest) -> str:
    """This server's origin, as people's browsers see it."""
    public = urlsplit(settings.ENV.public_url)
    if public.netloc:
        return f"{public.scheme}://{public.netloc}".lower()
    return f"{request.scheme}://{request.get_host()}"


def _host(name: str) -> str:
    """The host as an Origin header has it. Raises ValueError."""
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        name = name.encode("idna").decode()
    if name and not _HOST.fullmatch(name):
        raise ValueError(name)
    return name


def _is_local(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "[::1]") or host.endswith(".localhost")
