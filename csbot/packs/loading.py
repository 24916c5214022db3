"""Loads a pack into the database: brand, bot, inbox, queues, articles, intents, flows, wordings.

Loading again changes only what nobody edited: a person's flow stays and the pack's newer one waits beside it as a
draft, as articles do; intents keep the examples that people added.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from csbot import wordings
from csbot.models import Bot, Brand, Flow, Inbox, Intent, IntentExample, PackWording, Queue
from csbot.packs.reading import Pack, read, titles
from csbot.packs.signals import pack_loaded
from kb.curation import import_articles
from kb.models import Collection

PACKS = Path(__file__).resolve().parent


@dataclass(slots=True)
class PackReport:
    """What loading did, a line each, for the command to print."""

    pack: str
    brand: Brand | None = None
    lines: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def pack_path(pack: str | Path) -> Path:
    """The folder of a pack: one that comes with csbot by its name, any other by its path. Raises FileNotFoundError."""
    for folder in (PACKS / str(pack), Path(pack)):
        if (folder / "pack.yaml").is_file():
            return folder
    shipped = ", ".join(sorted(path.parent.name for path in PACKS.glob("*/pack.yaml")))
    raise FileNotFoundError(f"{pack} is no pack: it has no pack.yaml. Packs that come with csbot: {shipped}.")


def check(pack: str | Path) -> PackReport:
    """Reads the pack and writes nothing. Raises LocatedError with every problem: file, line, what is wrong."""
    found = read(pack_path(pack))
    report = PackReport(found.name)
    report.lines.append(_counts(found))
    return report


def load(pack: str | Path, brand: Brand | None = None) -> PackReport:
    """Loads the pack, into `brand` when one is given, all or nothing. Idempotent. Raises LocatedError."""
    found = read(pack_path(pack))
    report = PackReport(found.name)
    with transaction.atomic():
        report.brand = brand or _brand(found)
        queues = _queues(found, report.brand)
        bot = _bot(found, report.brand)
        _inbox(found, report.brand, bot, queues)
        _collections(found, bot, report)
        _intents(found, bot, report)
        _flows(found, bot, report)
        _wordings(found, report.brand, report)
        pack_loaded.send(sender=None, folder=found.folder, brand=report.brand)
    report.lines.insert(0, _counts(found))
    return report


def _counts(pack: Pack) -> str:
    examples = sum(len(each) for intent in pack.intents for each in (intent.get("examples") or {}).values())
    return (
        f"Pack {pack.name}: {len(pack.articles)} articles, {len(pack.intents)} intents with {examples} examples, "
        f"{len(pack.flows)} flows, {len({key for each in pack.wordings.values() for key in each})} wordings."
    )


def _brand(pack: Pack) -> Brand:
    settings = pack.settings["brand"]
    brand, _made = Brand.objects.get_or_create(key=settings["key"], defaults={"name": settings["name"]})
    return brand


def _queues(pack: Pack, brand: Brand) -> dict[str, Queue]:
    queues = {}
    for settings in pack.settings.get("queues") or ():
        details = {
            "names": titles(settings.get("names")),
            "topics": settings.get("topics") or [],
            "languages": settings.get("languages") or [],
            "time_zone": settings.get("time_zone", "UTC"),
            "ticket_email": settings.get("ticket_email", ""),
        }
        queues[settings["key"]], _made = Queue.objects.get_or_create(brand=brand, key=settings["key"], defaults=details)
    return queues


def _bot(pack: Pack, brand: Brand) -> Bot:
    settings = pack.settings["bot"]
    bot, _made = Bot.objects.get_or_create(
        key=settings["key"],
        defaults={
            "brand": brand,
            "name": settings["name"],
            "persona": settings.get("persona", ""),
            "languages": list(settings["languages"]),
            "thresholds": settings.get("thresholds") or {},
        },
    )
    return bot


def _inbox(pack: Pack, brand: Brand, bot: Bot, queues: dict[str, Queue]) -> None:
    settings = pack.settings["inbox"]
    Inbox.objects.get_or_create(
        key=settings["key"],
        defaults={
            "brand": brand,
            "bot": bot,
            "name": settings["name"],
            "channel": settings.get("channel", "webchat"),
            "mode": settings.get("mode", Inbox.Mode.BOT_FIRST),
            "queue": queues.get(settings.get("queue", "")),
        },
    )


def _collections(pack: Pack, bot: Bot, report: PackReport) -> None:
    keys = [str(key) for key in pack.settings.get("collections") or [pack.name]]
    if pack.articles:
        report.lines.append(f"Articles: {import_articles(keys[0], pack.articles, source=pack.source)}.")
    present = set(bot.collections.values_list("key", flat=True))
    for key in keys:
        if key not in present:
            row, _made = Collection.objects.get_or_create(key=key, defaults={"name": key.capitalize()})
            bot.collections.add(row)


def _intents(pack: Pack, bot: Bot, report: PackReport) -> None:
    there = {intent.key: intent for intent in Intent.objects.filter(bot=bot)}
    fresh: list[IntentExample] = []
    known = set(IntentExample.objects.filter(intent__bot=bot).values_list("intent__key", "language", "text"))
    for data in pack.intents:
        fields: dict[str, Any] = {
            "titles": titles(data.get("title")),
            "descriptions": titles(data.get("description")),
            "topic": data.get("topic") or "",
            "flow": data.get("flow") or "",
            "article": data.get("article") or "",
            "wording": data.get("smalltalk") or "",
        }
        intent = there.get(data["key"])
        if intent is None:
            intent = Intent.objects.create(bot=bot, key=data["key"], source=pack.source, **fields)
        fresh += [
            IntentExample(intent=intent, language=language, text=text, source=pack.source)
            for language, texts in (data.get("examples") or {}).items()
            for text in texts
            if (data["key"], language, text) not in known
        ]
    if fresh:
        IntentExample.objects.bulk_create(fresh, ignore_conflicts=True)
        bot_changed(bot)
        report.lines.append(f"Examples: {len(fresh)} new.")


def bot_changed(bot: Bot) -> None:
    """Rows written in bulk send no signals: the bot's revision is raised by hand."""
    from csbot.dialogue.knowledge import changed

    changed(bot.pk)


def _flows(pack: Pack, bot: Bot, report: PackReport) -> None:
    for key, source in pack.flows.items():
        digest = hashlib.sha256(source.text.encode()).hexdigest()
        row = Flow.objects.filter(bot=bot, key=key).first()
        if row is None:
            Flow.objects.create(bot=bot, key=key, definition=source.text, source=pack.source, source_hash=digest)
        elif row.source_hash != digest:
            untouched = hashlib.sha256(row.definition.encode()).hexdigest() == row.source_hash
            if untouched:
                row.definition, row.draft = source.text, ""
            else:
                row.draft = source.text
                report.lines.append(f"Flow {key}: somebody edited it; the pack's newer one waits as a draft.")
            row.source_hash = digest if untouched else row.source_hash
            row.save()


def _wordings(pack: Pack, brand: Brand, report: PackReport) -> None:
    wanted = {
        (default.key, language, form): (default, list(variants))
        for language, defaults in pack.wordings.items()
        for default in defaults.values()
        for form, variants in default.texts.items()
    }
    rows = PackWording.objects.filter(brand=brand, source=pack.source)
    before = {(row.key, row.language, row.form): (row.texts, row.variables, row.about) for row in rows}
    after = {where: (texts, list(default.variables), default.about) for where, (default, texts) in wanted.items()}
    if before == after:
        return
    rows.delete()
    PackWording.objects.bulk_create(
        PackWording(
            brand=brand,
            key=key,
            language=language,
            form=form,
            about=default.about,
            texts=texts,
            variables=list(default.variables),
            source=pack.source,
        )
        for (key, language, form), (default, texts) in wanted.items()
    )
    wordings.changed(brand)
    report.lines.append(f"Wordings: {len(wanted)} in {len(pack.wordings)} languages.")
