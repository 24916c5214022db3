"""The README keeps its word: its commands exist and run, its snippets work, its pictures and pages are there."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.live import Site

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("console") for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", [each for each in commands() if each.startswith("make ")])
def test_make_target_exists_and_knows_what_to_do(command: str) -> None:
    done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "scripts/setup" in done.stdout


def test_every_command_is_one_this_test_knows_how_to_try() -> None:
    assert all(each.startswith(("make ", "python manage.py ")) for each in commands())


def test_management_commands_run_as_written(live_site: Site) -> None:
    import shlex

    for command in commands():
        if command.startswith("python manage.py "):
            output = live_site.manage(*shlex.split(command)[2:])
            assert next(json.loads(line)["sender"] for line in output.splitlines()) == "customer"


def test_python_snippets_are_python() -> None:
    for block in blocks("python"):
        compile(block, "README.md", "exec")


def test_search_snippet_finds_the_article(live_site: Site) -> None:
    (snippet,) = [block for block in blocks("python") if "kb.search" in block]
    title, _, score = live_site.shell(snippet).rpartition(" ")
    assert title
    assert 0.0 < float(score) <= 1.0


def test_the_six_lines_make_a_working_site_of_the_installed_package(tmp_path: Path) -> None:
    package = installed(tmp_path)
    settings, urls, asgi = (block for block in blocks("python") if "kb.search" not in block)
    (tmp_path / "host_settings.py").write_text(HOST_SETTINGS + settings, encoding="utf-8")
    (tmp_path / "host_urls.py").write_text(HOST_URLS + urls, encoding="utf-8")
    (tmp_path / "host_asgi.py").write_text(HOST_ASGI + asgi, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", HOST_VISIT],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{package}", "DJANGO_SETTINGS_MODULE": "host_settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["200", "csbot/ws/web/"]


def installed(folder: Path) -> Path:
    """The wheel as pip would unpack it: what a host project gets, templates and all."""
    source = folder / "source"
    names = subprocess.check_output([shutil.which("git") or "git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, names.split("\0")):
        if name.split("/")[0] not in ("docs", "tests", "benchmarks") and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "package")
    return folder / "package"


def test_links_and_pictures_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_pictures_are_small_enough_to_read_on_a_train() -> None:
    for path in (ROOT / "docs" / "images").glob("*.png"):
        assert path.stat().st_size <= 300_000, path.name


def test_help_of_the_commands_the_readme_names(capsys: Any) -> None:
    for name in ("csbot_chat", "csbot_demo"):
        with pytest.raises(SystemExit) as left:
            call_command(name, "--help", stdout=StringIO())
        assert left.value.code == 0


HOST_SETTINGS = """
SECRET_KEY = "a host project's own"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "host_urls"
ASGI_APPLICATION = "host_asgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "host.sqlite3",
                         "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
SALT_KEY = "a host project's own"
STATIC_URL = "/static/"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                  "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
              "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
              "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                           "django.contrib.messages.context_processors.messages"]}}]
"""
HOST_URLS = """
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls)]
"""
HOST_ASGI = """
from django.core.asgi import get_asgi_application
get_asgi_application()
"""
HOST_VISIT = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import host_asgi
from django.test import Client
answer = Client().post("/csbot/webchat/web/session", "{}", content_type="application/json",
                       headers={"Origin": "http://testserver"})
print(answer.status_code, answer.json()["socket"].lstrip("/"))
"""
