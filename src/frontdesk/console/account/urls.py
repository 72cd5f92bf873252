"""Sign-in by allauth, and an operator's own pages.

allauth's pages are listed one by one, because Frontdesk sends no e-mail and must not offer pages
that do.
"""

from allauth.account import views as allauth
from django.urls import include, path

from frontdesk.console.account import views

own = [
    path("first-owner/<str:token>", views.make_first_owner, name="first-owner"),
    path("preferences", views.preferences, name="preferences"),
    path("theme", views.remember_theme, name="theme"),
    path("time-zone", views.remember_time_zone, name="time-zone"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("login", allauth.login, name="account_login"),
    path("logout", allauth.logout, name="account_logout"),
    path("signup", allauth.signup, name="account_signup"),
    path("inactive", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/change", allauth.password_change, name="account_change_password"),
    path("password/reset", views.forgotten_password, name="account_reset_password"),
]
