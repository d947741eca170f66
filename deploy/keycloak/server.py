"""A real Keycloak on this machine: fetched by Maven, checked, built once, started on loopback.

    python -m deploy.keycloak.server prepare
    python -m deploy.keycloak.server start --state .safar/keycloak --port 8538 --management-port 8537

The launcher calls `prepare`, then supervises `command` with `environment`. Measured on two shared cores with Java 17:
fetch 18 s, build 28 s (both once), first start 22 s, 530 MB.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

VERSION = "26.7.5"
SHA256 = "30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
OLDEST_JAVA = 17
ADMINISTRATOR = "admin"


class KeycloakMissingError(Exception):
    """Something that Keycloak needs is not on this machine; the message is for a person."""


def home() -> Path:
    """Where the built distribution is kept: outside the checkout, shared by all of them."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "safar" / "keycloak" / f"keycloak-{VERSION}"


def prepare() -> Path:
    """Fetch, check, unpack and build, unless that was done before; the distribution's folder.

    Raises:
        KeycloakMissingError: no Java or Maven, or the archive is not the one we know.
    """
    java()
    target = home()
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.parent / "lock"):
        if not (target / "safar-built").exists():
            archive = _fetch(target.parent)
            shutil.rmtree(target, ignore_errors=True)
            _unpack(archive, target.parent)
            _build(target)
            (target / "safar-built").touch()
    return target


def java() -> str:
    """The Java that will be used; raises KeycloakMissingError when there is none, or it is too old."""
    configured = os.environ.get("JAVA_HOME")
    found = str(Path(configured) / "bin" / "java") if configured else shutil.which("java")
    if not found or not Path(found).exists():
        raise KeycloakMissingError("Keycloak needs Java 17 or newer (Debian: openjdk-17-jre-headless), found none.")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    major = said.partition('"')[2].partition(".")[0].partition('"')[0]
    if not major.isdigit() or int(major) < OLDEST_JAVA:
        raise KeycloakMissingError(f"Keycloak needs Java {OLDEST_JAVA} or newer, found {major or 'none'}.")
    return found


def command(port: int, management_port: int) -> list[str]:
    """The command of a prepared Keycloak, loopback only; /health/ready answers on the management port."""
    return [
        str(home() / "bin" / "kc.sh"),
        "start",
        "--optimized",
        "--http-enabled=true",
        "--http-host=127.0.0.1",
        f"--http-port={port}",
        f"--http-management-port={management_port}",
        f"--hostname=http://localhost:{port}",
        "--log-level=warn",
    ]


def environment(state: Path, password: str) -> Mapping[str, str]:
    """What it needs beside the launcher's own environment: its data in `state`, its administrator, its memory."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
        "KC_DB_URL": f"jdbc:h2:file:{state.resolve() / 'keycloakdb'};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE",
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": password,
    }


def _fetch(folder: Path) -> Path:
    archive = folder / f"keycloak-quarkus-dist-{VERSION}.zip"
    if not archive.exists() or _digest(archive) != SHA256:
        maven = shutil.which("mvn")
        if maven is None:
            raise KeycloakMissingError("Keycloak is fetched by Maven (Debian: maven), found none.")
        words = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
        done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=folder)
        if done.returncode != 0:
            raise KeycloakMissingError(f"Maven could not fetch {ARTIFACT}.")
    if _digest(archive) != SHA256:
        raise KeycloakMissingError(f"{archive.name} is not the archive that we know (sha256); it is not used.")
    return archive


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    for script in (home() / "bin").glob("*.sh"):
        script.chmod(0o755)


def _build(target: Path) -> None:
    words = [
        str(target / "bin" / "kc.sh"),
        "build",
        "--db=dev-file",
        "--health-enabled=true",
        "--features=organization",
    ]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise KeycloakMissingError(f"kc.sh build failed:\n{done.stdout[-2000:]}")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> None:
    """`prepare`, or `start` in place of this process."""
    parser = argparse.ArgumentParser(prog="deploy.keycloak.server")
    parser.add_argument("verb", choices=["prepare", "start"])
    parser.add_argument("--state", type=Path, default=Path(".safar/keycloak"))
    parser.add_argument("--port", type=int, default=8538)
    parser.add_argument("--management-port", type=int, default=8537)
    chosen = parser.parse_args()
    try:
        prepare()
    except KeycloakMissingError as error:
        sys.exit(str(error))
    if chosen.verb == "start":
        password = os.environ.get("KC_BOOTSTRAP_ADMIN_PASSWORD") or sys.exit("KC_BOOTSTRAP_ADMIN_PASSWORD is not set")
        words = command(chosen.port, chosen.management_port)
        os.execve(words[0], words, os.environ | dict(environment(chosen.state, password)))  # noqa: S606  (no shell)


if __name__ == "__main__":
    main()
