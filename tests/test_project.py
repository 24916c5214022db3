"""The repository's own site: its settings, checks, pins and pages."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from csbot.project.settings import database

ROOT = Path(__file__).resolve().parent.parent
KEY = "w7Qe0Lx2Rk9Vt4Mz1Yb8Nc6Hd3Jf5Ga_uPsIoTlEy-qWvXrZm2Kn7Bp4D"


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py …` in a process of its own, with only these CSBOT_ variables."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CSBOT_")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_sqlite_takes_its_write_lock_first_and_waits_for_it() -> None:
    options = database("sqlite:////tmp/x.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 20
    assert "journal_mode=WAL" in options["init_command"]


def test_postgres_url_is_taken_apart() -> None:
    given = database("postgres://ada:p%40ss@db.example:5433/shop")
    assert (given["NAME"], given["USER"], given["PASSWORD"]) == ("shop", "ada", "p@ss")
    assert (given["HOST"], given["PORT"]) == ("db.example", "5433")


def test_unknown_database_is_refused_with_what_is_possible() -> None:
    with pytest.raises(ImproperlyConfigured, match="sqlite:///path and postgres://"):
        database("mysql://localhost/x")


def test_every_model_has_its_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_system_checks_pass_and_are_quick() -> None:
    done = manage("check")
    assert done.returncode == 0, done.stderr


def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    done = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        CSBOT_PRODUCTION="1",
        CSBOT_SECRET_KEY=KEY,
        CSBOT_SALT_KEYS=KEY[::-1],
        CSBOT_ALLOWED_HOSTS="help.example.org",
        CSBOT_VAR_DIR=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr


def test_production_without_a_key_does_not_start(tmp_path: Path) -> None:
    done = manage("check", CSBOT_PRODUCTION="1", CSBOT_VAR_DIR=str(tmp_path))
    assert done.returncode != 0
    assert "CSBOT_SECRET_KEY" in done.stderr


def test_demo_log_ins_are_refused_in_production(tmp_path: Path) -> None:
    done = manage(
        *("check", "--deploy", "--fail-level", "ERROR"),
        CSBOT_DEMO="1",
        CSBOT_PRODUCTION="1",
        CSBOT_SECRET_KEY=KEY,
        CSBOT_SALT_KEYS=KEY[::-1],
        CSBOT_VAR_DIR=str(tmp_path),
    )
    assert done.returncode != 0
    assert "csbot.E900" in done.stderr


def test_settings_page_says_what_the_settings_are() -> None:
    call_command("csbot_settings", check=True)


def pins(path: str) -> dict[str, str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    return {re.split(r"[\[=]", line)[0].lower(): line for line in wanted if line}


def test_every_requirement_is_pinned() -> None:
    assert all("==" in line for line in pins("requirements.txt").values())


def test_the_demo_s_requirements_are_the_same_pins() -> None:
    whole, demo = pins("requirements.txt"), pins("requirements/demo.txt")
    assert demo.items() <= whole.items()


def test_the_package_s_ranges_hold_the_pins() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for name, lines in project["optional-dependencies"].items() if name != "all" for line in lines]
    whole = pins("requirements.txt")
    for line in [*project["dependencies"], *extras]:
        wanted = Requirement(line)
        pinned = whole[wanted.name.lower()].partition("==")[2]
        assert wanted.specifier.contains(pinned), f"{line} does not hold {pinned}"


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile(r"https?://[^\s\"']*(pypi|pythonhosted|download\.pytorch)", re.IGNORECASE)
    looked_at = [*ROOT.glob("*.txt"), *ROOT.glob("requirements/*"), *ROOT.glob("scripts/*"), ROOT / "Makefile"]
    looked_at += [ROOT / ".ci" / "run", ROOT / "pyproject.toml", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert not [path.name for path in looked_at if path.is_file() and hosts.search(path.read_text(encoding="utf-8"))]


@pytest.mark.django_db
class TestPages:
    def test_health_page_answers_as_long_as_the_database_does(self, client: Client) -> None:
        assert client.get("/healthz").json() == {"status": "ok"}

    def test_start_page_offers_no_log_in_unless_the_demo_is_on(self, client: Client, settings: Any) -> None:
        settings.CSBOT_DEMO = False
        page = client.get("/").content.decode()
        assert 'value="bo"' not in page
        assert client.post("/enter/", {"who": "admin"}).status_code == 404

    def test_one_click_enters_as_an_agent_when_the_demo_is_on(self, client: Client, settings: Any) -> None:
        from csbot.demo.people import make_people
        from csbot.models import Brand

        settings.CSBOT_DEMO = True
        make_people(Brand.objects.get())
        assert 'value="bo"' in client.get("/").content.decode()
        answer = client.post("/enter/", {"who": "bo"})
        assert answer.status_code == 302
        assert client.get(answer.headers["Location"]).status_code == 200

    def test_one_click_log_in_needs_the_page_s_own_form(self, settings: Any) -> None:
        settings.CSBOT_DEMO = True
        strict = Client(enforce_csrf_checks=True)
        assert strict.post("/enter/", {"who": "admin"}).status_code == 403

    def test_nobody_else_can_be_entered_as(self, client: Client, settings: Any) -> None:
        from django.contrib.auth.models import User

        settings.CSBOT_DEMO = True
        User.objects.create_user("cy", password="not-of-the-demo")
        assert client.post("/enter/", {"who": "cy"}).status_code == 404

    def test_shop_speaks_as_ada_in_one_tab_while_bo_works_in_the_other(self, client: Client, settings: Any) -> None:
        from csbot.demo.models import Customer
        from csbot.demo.people import make_people
        from csbot.models import Brand

        settings.CSBOT_DEMO = True
        make_people(Brand.objects.get())
        Customer.objects.create(
            key="ada", name="Ada", email="ada@example.org", language="en", currency="EUR", postcode="1"
        )
        client.post("/enter/", {"who": "ada"})
        client.post("/enter/", {"who": "bo"})
        page = client.get("/shop/")
        assert "Ada" in page.content.decode()
        assert page.wsgi_request.user.get_username() == "bo"

    def test_start_page_exists_in_chinese(self, client: Client) -> None:
        page = client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
        assert "问题马上有回答" in page

    def test_log_in_says_that_name_and_password_do_not_match(self, client: Client) -> None:
        page = client.post("/login/", {"username": "ada", "password": "wrong"}).content.decode()
        assert "do not belong together" in page
