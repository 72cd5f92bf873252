"""Addresses of one agent's users, mounted at agents/<agent_id>/."""

from django.urls import path

from frontdesk.console.users import (
    bulk_views,
    erasure_views,
    export_views,
    link_views,
    list_views,
    moderation_views,
    note_views,
    profile_views,
    saved_view_views,
)

app_name = "users"
urlpatterns = [
    path("users", list_views.users, name="users"),
    path("users/new", list_views.new_users, name="new"),
    path("users/columns", list_views.save_columns, name="columns"),
    path("users/export", export_views.export, name="export"),
    path("users/bulk", bulk_views.bulk, name="bulk"),
    path("users/jobs/<uuid:job_id>", bulk_views.job, name="job"),
    path("users/jobs/<uuid:job_id>/stop", bulk_views.stop_job, name="stop-job"),
    path("users/jobs/<uuid:job_id>/resume", bulk_views.resume_job, name="resume-job"),
    path("users/views", saved_view_views.views, name="views"),
    path("users/views/<uuid:view_id>", saved_view_views.view, name="view"),
    path("users/views/<uuid:view_id>/update", saved_view_views.update_view, name="update-view"),
    path("users/views/<uuid:view_id>/delete", saved_view_views.delete_view, name="delete-view"),
    path("users/<uuid:user_id>/data.zip", export_views.data, name="data"),
    path("users/<uuid:user_id>", profile_views.user, name="user"),
    path("people/<uuid:person_id>", profile_views.person, name="person"),
    path("users/<uuid:user_id>/block", moderation_views.block, name="block"),
    path(
        "users/<uuid:user_id>/block/preview", moderation_views.block_preview, name="block-preview"
    ),
    path("users/<uuid:user_id>/unblock", moderation_views.unblock, name="unblock"),
    path("users/<uuid:user_id>/plan", moderation_views.plan, name="plan"),
    path("users/<uuid:user_id>/tags", moderation_views.tags, name="tags"),
    path("users/<uuid:user_id>/limits", moderation_views.limits, name="limits"),
    path("users/<uuid:user_id>/attributes", moderation_views.attributes, name="attributes"),
    path("users/<uuid:user_id>/notes", note_views.add_note, name="add-note"),
    path("users/<uuid:user_id>/notes/<uuid:note_id>", note_views.edit_note, name="edit-note"),
    path(
        "users/<uuid:user_id>/notes/<uuid:note_id>/delete",
        note_views.delete_note,
        name="delete-note",
    ),
    path("users/<uuid:user_id>/link", link_views.link, name="link"),
    path("users/<uuid:user_id>/unlink", link_views.unlink, name="unlink"),
    path("users/<uuid:user_id>/link-token", link_views.link_token, name="link-token"),
    path("users/<uuid:user_id>/erase", erasure_views.erase, name="erase"),
    path("users/<uuid:user_id>/anonymise", erasure_views.anonymize, name="anonymize"),
    path("erasures", erasure_views.erasures, name="erasures"),
    path("erasures/<uuid:erasure_id>", erasure_views.erasure, name="erasure"),
    path("erasures/<uuid:erasure_id>/receipt.json", erasure_views.download, name="receipt"),
    path("erasures/<uuid:erasure_id>/return", erasure_views.allow_return, name="allow-return"),
]
