"""A Django site that the tests start: its settings come as JSON in the environment, each page answers with JSON."""
import json
import os
import signal
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

given = json.loads(os.environ["DJANGO_SETTINGS"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    **given,
)
django.setup()

from django.contrib.auth import authenticate, get_user_model, login, logout, update_session_auth_hash
from django.core.management import call_command
from django.http import JsonResponse
from django.urls import path


def who(request):
    return request.user.get_username() if request.user.is_authenticated else None


def count(request):
    request.session["count"] = request.session.get("count", 0) + 1
    return JsonResponse({"count": request.session["count"]})


def log_in(request):
    user = authenticate(request, username=request.GET["u"], password=request.GET["p"])
    if user:
        login(request, user)
    return JsonResponse({"user": user and user.get_username()})


def log_out(request):
    logout(request)
    return JsonResponse({"user": who(request)})


def change_password(request):
    request.user.set_password(request.GET["p"])
    request.user.save()
    update_session_auth_hash(request, request.user)
    return JsonResponse({"user": who(request)})


def put(request):
    request.session.update(json.loads(request.GET["json"]))
    return JsonResponse({})


def put_object(request):
    import datetime

    request.session["when"] = datetime.datetime(2026, 1, 2)
    return JsonResponse({})


def set_expiry(request):
    request.session.set_expiry(json.loads(request.GET["value"]))
    return JsonResponse({})


def dump(request):
    """As text, so that 1.0 and 1 are told apart."""
    session = request.session
    return JsonResponse({
        "key": session.session_key,
        "json": json.dumps(dict(session.items())),
        "age": session.get_expiry_age(),
        "atClose": session.get_expire_at_browser_close(),
    })


def whoami(request):
    user = request.user
    permissions = sorted(user.get_all_permissions()) if user.is_authenticated else []
    return JsonResponse({"user": who(request), "permissions": permissions})


pages = [count, log_in, log_out, change_password, put, put_object, set_expiry, dump, whoami]
urlpatterns = [path(page.__name__, page) for page in pages]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 256


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def main(command, *args):
    if command == "migrate":
        call_command("migrate", verbosity=0)
    elif command == "sql":
        call_command("sqlmigrate", *args)
    elif command == "shell":
        exec(args[0], {"json": json, "User": get_user_model()})
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        from django.core.wsgi import get_wsgi_application

        make_server("127.0.0.1", int(args[0]), get_wsgi_application(), Server, Quiet).serve_forever()


sys.modules.setdefault("site_under_test", sys.modules[__name__])
main(*sys.argv[1:])
