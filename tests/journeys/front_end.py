"""``examples/headless`` as it runs: installed, checked, built and started with npm and node."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.journeys.running import ROOT, DidNotStart, RunningPortal, _end_with_parent, _stop

SOURCE = ROOT / "examples" / "headless"
NODE, NPM = shutil.which("node") or "", shutil.which("npm") or ""
OLDEST = (18, 17)


def lacks_node() -> str:
    """Why the front end cannot run here; empty if it can."""
    if not NODE or not NPM:
        return "Node.js 18 is not installed: apt-get install nodejs npm"
    said = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    return "" if version >= OLDEST else f"Node.js 18.17 is needed, this is {said.strip()}"


@dataclass
class FrontEnd:
    """A copy of the example in ``folder``, so that runs side by side do not build into one."""

    folder: Path
    port: int
    portal: RunningPortal
    secret: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def npm(self, *arguments: str) -> str:
        done = subprocess.run(
            [NPM, "--silent", *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout[-3000:] + done.stderr[-3000:]
            raise DidNotStart(f"npm {' '.join(arguments)}\n{said}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PORT": str(self.port),
            "OWN_URL": self.url,
            "PORTAL_URL": self.portal.url,
            "CHECKOUT_ORIGIN": self.portal.sandbox.url,
            "WEBHOOK_SECRETS": self.secret,
        }

    @contextmanager
    def running(self):
        with (self.folder / "front-end.log").open("wb") as log:
            process = subprocess.Popen(
                [NODE, "src/main.js"],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
            try:
                self._wait()
                yield self
            finally:
                _stop(process)

    def read(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def _wait(self, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.read("/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        said = (self.folder / "front-end.log").read_text()
        raise DidNotStart(f"The front end does not answer.\n{said[-3000:]}")


def copied(folder: Path) -> Path:
    """The example without what a build left in it."""
    target = folder / "headless"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("node_modules", "dist"))
    return target
