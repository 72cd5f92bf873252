"""The settings of the backend."""

from django.urls import path

from frontdesk.console.settings import backend

app_name = "backends"

BACKEND = "agents/<uuid:agent_id>/settings/backend"

urlpatterns = [
    path(BACKEND, backend.backend, name="backend"),
    path(f"{BACKEND}/try", backend.try_it, name="try"),
    path(f"{BACKEND}/price", backend.model_price, name="price"),
    path(f"{BACKEND}/secret", backend.renew_secret, name="renew-secret"),
    path(f"{BACKEND}/remove", backend.remove, name="remove"),
]
