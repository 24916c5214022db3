"""This repository's own site. Its Celery application is loaded with it, so that `shared_task` finds it."""

from csbot.project.celery import app as celery_app

__all__ = ["celery_app"]
