"""awesome-lint: put into var/ from its lock file where node and npm are, and asked what it has to say."""

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parent.parent / "var" / "awesome-lint"
NODE, NPM = shutil.which("node"), shutil.which("npm")
LOCK = "package-lock.json"
# What it says of a file, without a terminal in between. Severity as vfile has it: `fatal` is true for errors.
SCRIPT = """
import lint from 'awesome-lint';
const [file] = await lint({filename: process.argv[1]});
console.log(JSON.stringify(file.messages.map(({ruleId, line, reason, fatal}) => ({rule: ruleId, line, reason, fatal}))));
"""


def install() -> str | None:
    """What keeps it from being had, in one line; None where it is there. Needs the network once for each lock file."""
    if is_installed():
        return None
    if not NODE or not NPM:
        return "node or npm is not installed"
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", LOCK):
        shutil.copy(HERE / name, HOME)
    command = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--cache", str(HOME.parent / "npm")]
    if subprocess.run(command, cwd=HOME, capture_output=True, check=False).returncode:
        (HOME / LOCK).unlink()
        return "npm could not fetch it"
    return None


def is_installed() -> bool:
    lock = HOME / LOCK
    return (
        bool(NODE)
        and (HOME / "node_modules" / "awesome-lint").is_dir()
        and lock.exists()
        and lock.read_bytes() == (HERE / LOCK).read_bytes()
    )


def complaints(directory: Path, text: str) -> list[str]:
    """What it objects to in a list; not that it does not lie in a repository of GitHub's, and not how names are spelled."""
    (directory / "readme.md").write_text(text, encoding="utf-8")
    (directory / "contributing.md").write_text("Please do.\n", encoding="utf-8")
    command = [str(NODE), "--input-type=module", "--eval", SCRIPT, str(directory / "readme.md")]
    said = json.loads(subprocess.run(command, cwd=HOME, capture_output=True, check=True, timeout=120).stdout)
    return [f"{each['line']}: {each['reason']} ({each['rule']})" for each in said if each["fatal"] and each["rule"] != "awesome-github"]
