"""Run the tests of the examples, each in an environment of its own that holds nothing but what the example asks for.

    python examples/run_tests.py                    all of them
    python examples/run_tests.py webhook_flask      some of them

An environment is made with `venv` under `.cache/examples`, and gets the library from this checkout, the example's
`requirements.txt` and `requirements-test.txt`, and pytest. What pip cannot install an example names in its
`requirements.txt`, one a line: `# needs: java`, `# needs: linux`, `# needs: python>=3.11`, `# needs: python<3.14`.
Where that is missing the example is skipped. Exits with 1 if an example failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
CHECKOUT = EXAMPLES.parent
ENVIRONMENTS = CHECKOUT / ".cache" / "examples"
LONGEST = 30 * 60
"""Seconds that one step may take before it counts as failed."""


def main() -> int:
    """Run the tests that the command line asks for."""
    known = {path.parent.name: path.parent for path in sorted(EXAMPLES.glob("*/requirements.txt"))}
    parser = argparse.ArgumentParser(description="Run the tests of the examples, each in an environment of its own.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}; all if none is given")
    parser.add_argument(
        "--python", default=sys.executable, help="the interpreter to run them with; this one by default"
    )
    parser.add_argument("--reuse", action="store_true", help="keep the environments of the last time")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"no such example: {', '.join(unknown)}; there are {', '.join(known)}")

    outcomes: dict[str, str] = {}
    for name in arguments.names or known:
        print(f"\n=== {name}", flush=True)
        outcomes[name] = run(known[name], arguments.python, reuse=arguments.reuse)

    print("\n=== summary")
    for name, outcome in outcomes.items():
        print(f"{name:{max(map(len, outcomes))}}  {outcome}")
    words = [outcome.split(":")[0] for outcome in outcomes.values()]
    print(", ".join(f"{words.count(word)} {word}" for word in ("passed", "failed", "skipped")))
    return 1 if "failed" in words else 0


def run(example: Path, python: str, *, reuse: bool) -> str:
    """The outcome of one example: passed, or failed or skipped with the reason."""
    missing = what_is_missing(example, python)
    if missing:
        return f"skipped: {missing}"
    environment = ENVIRONMENTS / example.name
    own_python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    wanted = [argument for path in sorted(example.glob("requirements*.txt")) for argument in ("-r", str(path))]
    pip = [own_python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps: dict[str, list[str]] = {
        "making the environment": [python, "-m", "venv", *([] if reuse else ["--clear"]), str(environment)],
        "installing": [*pip, str(CHECKOUT), "pytest>=8.2", *wanted],
        "the tests": [own_python, "-m", "pytest", "-p", "no:cacheprovider", str(example)],
    }
    for step, command in steps.items():
        try:
            code = subprocess.run(command, cwd=CHECKOUT, env=clean_environ(), timeout=LONGEST, check=False).returncode
        except subprocess.TimeoutExpired:
            return f"failed: {step} took longer than {LONGEST // 60} minutes"
        if code:
            return f"failed: {step} ended with exit code {code}"
    return "passed"


def clean_environ() -> dict[str, str]:
    """The variables of this process without those that would let another environment shine through."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}


def what_is_missing(example: Path, python: str) -> str | None:
    """What the example needs and this machine does not have, in words."""
    version = output_of(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    if version is None:
        return f"there is no interpreter {python}"
    needs = re.findall(r"^# needs: *(\S+)$", (example / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    for need in needs:
        bound = re.fullmatch(r"python(>=|<)(\d+\.\d+)", need)
        if bound:
            is_older = as_numbers(version) < as_numbers(bound[2])
            if is_older == (bound[1] == ">="):
                return f"it needs {need}, and {python} is {version}"
        elif need == "java":
            home = os.environ.get("JAVA_HOME")
            if output_of(str(Path(home, "bin", "java")) if home else "java", "-version") is None:
                return "it needs Java, and there is none"
        elif need == "linux":
            if sys.platform != "linux":
                return f"it needs Linux, and this is {sys.platform}"
        else:
            raise SystemExit(f"{example.name}/requirements.txt needs {need!r}, which this script does not know")
    return None


def output_of(program: str, *arguments: str) -> str | None:
    """What a program prints, or nothing if it is not there or does not work."""
    path = shutil.which(program)
    if path is None:
        return None
    done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return None if done.returncode else done.stdout.strip()


def as_numbers(version: str) -> tuple[int, ...]:
    """A version that can be compared."""
    return tuple(map(int, version.split(".")))


if __name__ == "__main__":
    sys.exit(main())
