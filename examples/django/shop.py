"""The Django site: everything but the cart. `python3 shop.py` makes its database, with the user ada, and serves it."""
import os
import sys

from django.conf import settings

settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY", "change me: both sites have this one"),
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("DATABASE", "shop.sqlite3")}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)

import django

django.setup()

from django.contrib.auth import authenticate, get_user_model, login, logout
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST


def home(request):
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    if request.user.is_authenticated:
        form = format_html('<form method="post" action="/logout">{}<button>Log out</button></form>', token)
    else:
        form = format_html(
            '<form method="post" action="/login">{}<input name="username"> <input name="password" type="password">'
            " <button>Log in</button></form>",
            token,
        )
    name = request.user.get_username() or "stranger"
    cart = ", ".join(request.session.get("cart", [])) or "empty"
    return HttpResponse(format_html(
        '<!doctype html><title>Shop</title><h1>Django: hello, {}</h1><p>Cart: {}</p>{}<p><a href="/cart">Cart</a></p>',
        name, cart, form,
    ))


@require_POST
def log_in(request):
    user = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
    if user:
        login(request, user)
    return redirect("/")


@require_POST
def log_out(request):
    logout(request)
    return redirect("/")


urlpatterns = [path("", home), path("login", log_in), path("logout", log_out)]

if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    if not users.filter(username="ada").exists():
        users.create_user("ada", "ada@example.com", "lovelace 1843")
    port = int(os.environ.get("PORT", "8000"))
    print(f"Django on port {port}", file=sys.stderr, flush=True)
    make_server("127.0.0.1", port, get_wsgi_application()).serve_forever()
