"""What a bot knows beside the knowledge base: intents with examples, flows, and the models trained from them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from csbot.models.brands import Bot


class Intent(models.Model):
    """Something customers want: it starts a flow, or an article or a wording answers it. `none` says what is none."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="intents", verbose_name=_("bot"))
    key = models.SlugField(_("key"), max_length=80)
    titles = models.JSONField(_("titles"), default=dict, help_text=_('By language: {"en": "Return an item"}.'))
    descriptions = models.JSONField(
        _("descriptions"), default=dict, blank=True, help_text=_("By language; shown when the bot says what it can do.")
    )
    topic = models.CharField(
        _("topic"), max_length=80, blank=True, help_text=_("Chooses the queue when people take over.")
    )
    flow = models.CharField(_("starts the flow"), max_length=80, blank=True)
    article = models.CharField(
        _("answered by the article"), max_length=120, blank=True, help_text=_("The article's key.")
    )
    wording = models.CharField(_("answered by the wording"), max_length=80, blank=True)
    source = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("intent")
        verbose_name_plural = _("intents")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["bot", "key"], name="csbot_intent_key")]

    def __str__(self) -> str:
        return self.key

    def title(self, language: str) -> str:
        """The title in `language`, else in any language there is, else the key."""
        return str(self.titles.get(language) or next(iter(self.titles.values()), self.key))


class IntentExample(models.Model):
    """A sentence that expresses an intent."""

    intent = models.ForeignKey(Intent, models.CASCADE, related_name="examples")
    language = models.CharField(_("language"), max_length=10)
    text = models.CharField(_("text"), max_length=500)
    source = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["intent", "language", "text"], name="csbot_example_once")
        ]

    def __str__(self) -> str:
        return self.text


class Flow(models.Model):
    """A task as validated steps, written in YAML. A pack's new version drafts beside a person's edit."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="flows", verbose_name=_("bot"))
    key = models.SlugField(_("key"), max_length=80)
    definition = models.TextField(_("definition"), help_text=_("YAML; checked when saved."))
    draft = models.TextField(_("newer version from the pack"), blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    source = models.CharField(max_length=80, blank=True, editable=False)
    source_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("flow")
        verbose_name_plural = _("flows")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["bot", "key"], name="csbot_flow_key")]

    def __str__(self) -> str:
        return self.key


class TrainedModel(models.Model):
    """A stored artefact of training, named by the bot revision it was trained from. Safe formats only, never pickle."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="trained_models")
    kind = models.CharField(_("kind"), max_length=40, default="intents")
    revision = models.PositiveBigIntegerField(_("bot revision"))
    artefact = models.BinaryField()
    metrics = models.JSONField(_("held-out figures"), default=dict)
    trained_at = models.DateTimeField(_("trained"), auto_now_add=True)

    class Meta:
        verbose_name = _("trained model")
        verbose_name_plural = _("trained models")
        ordering: ClassVar = ["-trained_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bot", "kind", "revision"], name="csbot_model_revision")
        ]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.revision}"


class TrainingRun(models.Model):
    """The single-flight lock of training: one row per bot and kind, taken under a lease."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40, default="intents")
    wanted_revision = models.PositiveBigIntegerField(default=0)
    running_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["bot", "kind"], name="csbot_one_training")]

    def __str__(self) -> str:
        return f"{self.bot} {self.kind}"
