"""An operator's own pages. Sign-in itself is allauth's."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontdesk.accounts import first_owner
from frontdesk.console.account.forms import FirstOwnerForm, PreferencesForm, ThemeForm, TimeZoneForm
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_operator

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_first_owner(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the one-time link of `frontdesk serve`: creates the first owner and signs in."""
    if not first_owner.is_valid(token):
        return render(request, "accounts/first_owner_gone.html", status=410)
    form = FirstOwnerForm(request.POST or None)
    if not form.is_valid():
        status = status_of(form)
        return render(request, "accounts/first_owner.html", {"form": form}, status=status)
    data = form.cleaned_data
    try:
        owner = first_owner.create(data["username"], data["email"], data["password1"])
    except first_owner.OwnerExistsError:
        return render(request, "accounts/first_owner_gone.html", status=410)
    login(request, owner, backend=BACKEND)
    return redirect("agents:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=current_operator(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your preferences are saved."))
        return redirect("accounts:preferences")
    return render(request, "accounts/preferences.html", {"form": form}, status=status_of(form))


@login_required
@require_POST
def remember_theme(request: HttpRequest) -> HttpResponse:
    """The theme button. console.js has already changed the page."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    current_operator(request).remember(theme=form.cleaned_data["theme"])
    return HttpResponse(status=204)


@login_required
@require_POST
def remember_time_zone(request: HttpRequest) -> HttpResponse:
    """The browser's zone, sent once by console.js. It does not replace a chosen zone."""
    operator = current_operator(request)
    if operator.time_zone:
        return HttpResponse(status=204)
    form = TimeZoneForm(request.POST, instance=operator)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    form.save()
    return HttpResponse(status=204)


@require_safe
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Frontdesk sends no e-mail, so a new password comes from the administrator."""
    return render(request, "accounts/forgotten_password.html")
