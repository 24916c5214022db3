"""Where a bot's training stands, in words."""

from dataclasses import dataclass

from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from csbot.models import Intent, TrainedModel, TrainingRun
from csbot.nlu import learning


@dataclass(frozen=True, slots=True)
class TrainingState:
    """`words` for a badge, its `tone`, and one more sentence."""

    words: str
    tone: str
    detail: str


def state_of(bot_id: int) -> TrainingState:
    """Up to date, behind, running, failed, or not trained at all."""
    run = TrainingRun.objects.filter(bot=bot_id, kind=learning.KIND).first()
    newest = TrainedModel.objects.filter(bot=bot_id, kind=learning.KIND).order_by("-revision").defer("artefact").first()
    when = (
        _("Last trained %s.") % date_format(localtime(newest.trained_at), "DATETIME_FORMAT")
        if newest is not None
        else ""
    )
    if run is not None and TrainingRun.objects.filter(pk=run.pk, running_until__gt=Now()).exists():
        return TrainingState(_("training now"), "warn", when)
    if run is not None and run.error:
        return TrainingState(_("training failed"), "bad", run.error)
    if newest is None:
        nothing = not Intent.objects.filter(bot=bot_id).exists()
        return TrainingState(
            _("nothing to learn") if nothing else _("not trained yet"),
            "" if nothing else "warn",
            "" if nothing else _("Until then the nearest example decides."),
        )
    if learning.is_current(bot_id):
        return TrainingState(_("up to date"), "good", when)
    return TrainingState(_("examples changed since"), "warn", when)
