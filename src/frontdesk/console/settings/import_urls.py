"""The imports of an agent."""

from django.urls import path

from frontdesk.console.settings import imports, uploads

app_name = "imports"

IMPORTS = "agents/<uuid:agent_id>/settings/imports"
UPLOAD = f"{IMPORTS}/uploads/<uuid:upload_id>"

urlpatterns = [
    path(IMPORTS, imports.imports, name="imports"),
    path(f"{IMPORTS}/upload", uploads.receive, name="receive"),
    path(UPLOAD, uploads.upload, name="upload"),
    path(f"{UPLOAD}/import", uploads.begin, name="begin"),
    path(f"{UPLOAD}/stop", uploads.stop, name="stop"),
    path(f"{UPLOAD}/cancel", uploads.cancel, name="cancel"),
    path(f"{UPLOAD}/rejected/<slug:key>", imports.rejected, name="rejected"),
    path(f"{IMPORTS}/<uuid:import_id>", imports.show_import, name="import"),
    path(f"{IMPORTS}/<uuid:import_id>/undo", imports.take_back, name="take-back"),
]
