"""Removes what the service never uses from the dependencies and from Python, while the image is built."""

import compileall
import py_compile
import shutil
import sys
from pathlib import Path

# Every AWS service that the functions may call; a test asks each of them for a client inside the image.
AWS_SERVICES = {
    "cloudwatch",
    "dynamodb",
    "events",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
}
# A folder that is no longer there fails the build: what took its place shall be looked at.
UNUSED = (
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
    # Names of languages (33 MB), which trafilatura's `courlan` asks for addresses that a crawler meets.
    "babel/locale-data",
    "bin",
    "boto3/examples",
    "greenlet/tests",
    "include",
    "jsonschema/tests",
    "lxml/includes",
    "lxml/isoschematron",
    "playwright/driver/package/lib/tools/skills",
    "playwright/driver/package/lib/vite",
    "playwright/driver/package/types",
    # The SDK of MCP requires it for log-in forms; Starlette would import it at every cold start, in 3 ms.
    "python_multipart",
    "regex/tests",
    "simplejson/tests",
    "tld/tests",
)
# Sources of compiled modules, stubs for type checkers, and modules of lxml that nothing imports (4 MB).
UNUSED_FILES = ("*.pyi", "*.pyx", "*.pxi", "*.pxd", "*.c", "*.h", "objectify.*.so", "_difflib.*", "diff.*.so")
# Of Python's own library. A build of Python without one of them is fine: base images differ in this.
UNUSED_LIBRARY = (
    "config-*",
    "ensurepip",
    "idlelib",
    "lib-dynload/_ctypes_test.*",
    "lib-dynload/_test*.so",
    "lib-dynload/_tkinter.*",
    "lib-dynload/_xx*.so",
    "lib-dynload/xx*.so",
    "lib2to3",
    "pydoc_data",
    "site-packages/pip*",
    "site-packages/setuptools*",
    "test",
    "tkinter",
    "turtledemo",
)


def trim(root: Path) -> None:
    """Drops the models of other AWS services, Playwright's viewers, guides and types, tests and examples."""
    for model in (root / "botocore/data").iterdir():
        if model.is_dir() and model.name not in AWS_SERVICES:
            shutil.rmtree(model)
    for folder in UNUSED:
        shutil.rmtree(root / folder)
    for pattern in UNUSED_FILES:
        for path in root.rglob(pattern):
            path.unlink()


def trim_python(prefix: Path) -> None:
    """Drops pip, headers, and the parts of the standard library that only tests and desktops import."""
    (library,) = (prefix / "lib").glob("python3.*")
    for pattern in UNUSED_LIBRARY:
        for path in library.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(prefix / "include", ignore_errors=True)
    for program in (prefix / "bin").iterdir():
        if not program.name.startswith("python") or program.name.endswith("-config"):
            program.unlink()


def drop_sources(*roots: Path) -> None:
    """Keeps of each module its bytecode alone, which Python then never compares with a source."""
    for root in roots:
        for folder in list(root.rglob("__pycache__")):
            shutil.rmtree(folder)
        if not compileall.compile_dir(
            root,
            quiet=1,
            legacy=True,
            workers=0,
            force=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        ):
            raise SystemExit(f"{root} was not compiled.")
        for path in root.rglob("*.py"):
            path.unlink()


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
    trim_python(Path(sys.argv[2]))
    drop_sources(Path(sys.argv[1]), *(Path(sys.argv[2]) / "lib").glob("python3.*"))
