"""Every address of the console and the API. None of our addresses ends with a slash."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from frontdesk.channels.registry import all_channels
from frontdesk.console.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="agents:list"), name="home"),
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("frontdesk.console.account.urls")),
    path("", include("frontdesk.console.agents.urls")),
    path("", include("frontdesk.console.analytics.urls")),
    path("", include("frontdesk.console.settings.backend_urls")),
    path("", include("frontdesk.console.settings.channel_urls")),
    path("", include("frontdesk.console.settings.import_urls")),
    *(path("", include(channel.urlconf)) for channel in all_channels() if channel.urlconf),
    path("agents/<uuid:agent_id>/", include("frontdesk.console.users.urls")),
    path("api/", include("frontdesk.api.urls")),
]

handler400 = "frontdesk.console.errors.bad_request"
handler403 = "frontdesk.console.errors.permission_denied"
handler404 = "frontdesk.console.errors.not_found"
handler429 = "frontdesk.console.errors.too_many_requests"  # allauth asks for this one
handler500 = "frontdesk.console.errors.server_error"
