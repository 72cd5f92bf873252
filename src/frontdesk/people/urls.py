"""Addresses of one agent's users; mounted at agents/<agent_id>/."""

from django.urls import path

from frontdesk.people import bulk_views, export_views, profile_views, saved_view_views, views

app_name = "people"
urlpatterns = [
    path("users", views.users, name="users"),
    path("users/new", views.new_users, name="new"),
    path("users/columns", views.save_columns, name="columns"),
    path("users/export", export_views.export, name="export"),
    path("users/bulk", bulk_views.bulk, name="bulk"),
    path("users/jobs/<uuid:job_id>", bulk_views.job, name="job"),
    path("users/views", saved_view_views.views, name="views"),
    path("users/<uuid:user_id>/data.zip", export_views.data, name="data"),
    path("users/<uuid:user_id>", profile_views.user, name="user"),
]
