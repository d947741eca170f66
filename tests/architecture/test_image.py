"""The image: what is locked, what is left out, and a recipe that copies only what is there."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "deploy/image/Containerfile").read_text()


def locked(path: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / path).read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9-]+", one).group().lower() for one in requirements}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMAGE = locked("deploy/image/requirements.image.lock")


def test_the_image_installs_the_tested_versions_and_nothing_that_was_not_tested():
    whole = locked("requirements.lock")

    assert IMAGE.items() <= whole.items(), (
        "make it again: uv pip compile --generate-hashes --no-header --no-annotate --no-emit-index-url "
        "--no-emit-find-links --constraint requirements.lock pyproject.toml -o deploy/image/requirements.image.lock"
    )


def test_the_image_holds_every_dependency_and_none_of_the_extras():
    extras = set().union(*(names(extra) for extra in PROJECT["optional-dependencies"].values()))

    assert names(PROJECT["dependencies"]) <= set(IMAGE)
    assert "nanoidp" in extras
    assert not extras & set(IMAGE)


def test_the_migrations_own_need_is_in_the_image():
    assert "greenlet" in IMAGE  # SQLAlchemy's asyncio asks for it and does not depend on it


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/image/requirements.image.lock"])
def test_every_locked_package_is_hashed_and_no_address_is_written(lock):
    text = (ROOT / lock).read_text()

    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) == len(
        re.findall(r"^[a-z].* \\\n    --hash=sha256:", text, re.MULTILINE)
    )
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_the_recipe_copies_only_what_is_there_and_no_launcher():
    text = RECIPE.replace("\\\n", " ")
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for word in line.split()[:-1]]

    assert all((ROOT / path).exists() for path in copied), copied
    assert not {"deploy/local", "deploy/local/__main__.py", "deploy/local/provider.py", "tests"} & set(copied)


def test_the_image_runs_as_a_number_without_a_shell_to_start_it():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", RECIPE, re.MULTILINE)
    assert 'ENTRYPOINT ["python", "-m"]' in RECIPE
    assert RECIPE.count("FROM python:3.11-slim-bookworm") == RECIPE.count("FROM ")
    assert "latest" not in RECIPE


def test_the_image_and_the_manifests_agree_on_who_runs():
    (user,) = re.findall(r"^USER (\d+):", RECIPE, re.MULTILINE)
    (role,) = yaml.safe_load_all((ROOT / "k8s/base/common/role.yaml").read_text())

    assert role["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == int(user)
