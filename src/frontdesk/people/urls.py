"""Addresses of one agent's users; mounted at agents/<agent_id>/."""

from django.urls import path

from frontdesk.people import profile_views, views

app_name = "people"
urlpatterns = [
    path("users", views.users, name="users"),
    path("users/new", views.new_users, name="new"),
    path("users/columns", views.save_columns, name="columns"),
    path("users/<uuid:user_id>", profile_views.user, name="user"),
]
