"""Packaging that pyproject.toml cannot say: the top-level `templates/<app>` folders travel inside their apps, where
Django's app-directories loader finds them in a host project."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# Which app carries which folder of templates/. `admin` is the look of this site's own admin: a host site keeps its own.
CARRIERS = {
    "admin": "csbot.demo",
    "kb": "kb",
    "csbot": "csbot",
    "csbot_demo": "csbot.demo",
    "channels_adapters": "channels_adapters",
}

packages = find_packages(include=["kb*", "csbot*", "channels_adapters*", "voice*"])
package_dir: dict[str, str] = {}
for folder in sorted(path for path in (ROOT / "templates").iterdir() if path.is_dir()):
    package = f"{CARRIERS.get(folder.name, 'csbot')}.templates.{folder.name}"
    packages.append(package)
    package_dir[package] = f"templates/{folder.name}"

setup(
    packages=packages,
    package_dir=package_dir,
    package_data={"": ["**/*"]},
    exclude_package_data={"": ["**/__pycache__/*", "*.pyc"]},
    include_package_data=False,
)
