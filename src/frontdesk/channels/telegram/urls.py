from django.urls import URLPattern

app_name = "telegram"

urlpatterns: list[URLPattern] = []
