"""The settings of what answers."""

from django.urls import path

from frontdesk.backends import views

app_name = "backends"

BACKEND = "agents/<uuid:agent_id>/settings/backend"

urlpatterns = [
    path(BACKEND, views.backend, name="backend"),
    path(f"{BACKEND}/try", views.try_it, name="try"),
    path(f"{BACKEND}/price", views.model_price, name="price"),
    path(f"{BACKEND}/secret", views.renew_secret, name="renew-secret"),
    path(f"{BACKEND}/remove", views.remove, name="remove"),
]
