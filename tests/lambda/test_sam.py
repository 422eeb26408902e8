"""The shipped template through SAM CLI: validated, built, invoked, and served with real pictures."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emulated import PAGE, PNG, Confined, free_port
from events import over_http

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.infra.sam_lines import sam_lines

ROOT = Path(__file__).parents[2]
TOKEN = json.loads((ROOT / "infra/local.json").read_text())["HttpApiFunction"]["AUTH_TOKEN"]
WANTED = {"html_content": PAGE, "window_width": 400, "window_height": 300}


@dataclass
class Sam:
    """SAM CLI with the engine's socket; `built` is the folder of the finished build."""

    command: Path
    built: Path
    environment: dict[str, str]

    @property
    def options(self) -> list[str]:
        """Options of every `sam local`: the built template, and the configuration with local settings."""
        template, configuration = self.built / "template.yaml", ROOT / "samconfig.toml"
        return ["--template", str(template), "--config-file", str(configuration), "--skip-pull-image"]

    def run(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            [self.command, *arguments],
            cwd=ROOT,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=550,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def invoke(self, function: str, event: object) -> Any:
        printed = self.run("local", "invoke", function, *self.options, "--event", "-", text=json.dumps(event))
        return json.loads(printed.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def sam(rie: Path, image: str, engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sam]:
    """SAM CLI, with the template built once; the layers of `image` are found in the engine's cache."""
    folder = tmp_path_factory.mktemp("sam")
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-west-1"}
    environment |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with _socket(engine, folder) as address:
        environment |= {"DOCKER_HOST": address} if address else {}
        found = Sam(ROOT / ".tools/sam/bin/sam", folder / "build", environment)
        found.run("build", "--build-dir", str(found.built))
        yield found


@contextlib.contextmanager
def _socket(engine: str, folder: Path) -> Iterator[str]:
    """Podman serves Docker's protocol only when asked to; Docker always does."""
    if engine != "podman":
        yield ""
        return
    path = folder / "podman.sock"
    service = subprocess.Popen([engine, "system", "service", "--time", "0", f"unix://{path}"])
    try:
        _until(path.exists, 30)
        yield f"unix://{path}"
    finally:
        service.terminate()
        service.wait()


@pytest.fixture(scope="module")
def api(sam: Sam) -> Iterator[Callable[..., tuple[int, dict[str, str], bytes]]]:
    """`sam local start-api`, as `make local-api` starts it."""
    port = free_port()
    server = subprocess.Popen(
        [sam.command, "local", "start-api", *sam.options, "--port", str(port)],
        cwd=ROOT,
        env=sam.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )

    def call(
        method: str, path: str, body: object = None, token: str = TOKEN
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
        with contextlib.closing(connection):
            # SAM leaves base64 encoded for a client without an Accept header; curl and browsers send one.
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept": "*/*",
            }
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read()

    def answers() -> bool:
        with contextlib.suppress(OSError):
            call("GET", "/health")
            return True
        return False

    try:
        _until(answers, 90)
        yield call
    finally:
        server.terminate()
        print(server.communicate(timeout=60)[0].decode(errors="replace")[-3000:])


def _until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not start"
        time.sleep(0.1)


def test_template_is_valid(sam: Sam) -> None:
    assert "is a valid SAM Template" in sam.run("validate", "--lint", "--template", "template.yaml")


def test_the_built_template_keeps_the_rules_between_parameters(sam: Sam) -> None:
    built = (sam.built / "template.yaml").read_text()
    assert "\nRules:\n" in built
    assert "BudgetNeedsAnAddress" in built


@pytest.mark.parametrize(
    ("name", "arguments"), sam_lines(), ids=lambda v: v if isinstance(v, str) else " ".join(v)
)
def test_sam_itself_takes_the_commands_of_the_documentation(
    name: str, arguments: list[str], rie: Path
) -> None:
    """SAM reads flags and samconfig.toml and refuses what contradicts; the command itself is not run."""
    done = subprocess.run(
        [ROOT / ".tools/sam/bin/python", ROOT / "tests/lambda/parse_sam.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    assert json.loads(done.stdout.strip().splitlines()[-1])["command"] == arguments[0]


def test_invoked_directly(sam: Sam) -> None:
    answer = sam.invoke("DirectInvokeFunction", WANTED)
    assert base64.b64decode(answer["file"]).startswith(PNG)


def test_invoked_as_by_api_gateway(sam: Sam) -> None:
    answer = sam.invoke("HttpApiFunction", over_http("http_api_v2", "/health"))
    assert answer["statusCode"] == 200, answer


def test_invoked_as_by_s3(sam: Sam) -> None:
    """S3 sends this when a bucket's notifications are set up; it names no object."""
    test = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-21T05:00:00Z", "Bucket": "in"}
    assert sam.invoke("S3EventFunction", test) == {"drops": 0}


def test_invoked_as_by_sqs(sam: Sam) -> None:
    """A message that nobody can read is kept aside and not sent again."""
    record = {
        "messageId": "19dd0b57",
        "receiptHandle": "x",
        "body": "not JSON",
        "messageAttributes": {},
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795237200000"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:captures",
        "awsRegion": "eu-west-1",
        "md5OfBody": "x",
    }
    assert sam.invoke("SqsWorkerFunction", {"Records": [record]}) == {"batchItemFailures": []}


def test_served_pictures_are_those_of_the_confined_image(
    api: Callable[..., tuple[int, dict[str, str], bytes]], confined: Callable[..., Confined]
) -> None:
    expected = confined().capture()
    for _ in range(3):
        status, headers, body = api("POST", "/capture", WANTED)
        assert (status, headers["content-type"]) == (200, "image/png")
        assert body == expected


def test_served_errors_are_those_of_the_contract(
    api: Callable[..., tuple[int, dict[str, str], bytes]],
) -> None:
    status, _, body = api("POST", "/capture", {"html_content": "<p>Hello", "windw_width": 3})
    assert (status, json.loads(body)["code"]) == (400, "request_not_valid")
    status, _, body = api("POST", "/capture", WANTED, token="wrong")
    assert (status, json.loads(body)["code"]) == (403, "token_invalid")


def test_parallel_requests_are_all_answered(api: Callable[..., tuple[int, dict[str, str], bytes]]) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api("POST", "/capture", WANTED), range(4)))
    assert [status for status, _, _ in answers] == [200] * 4
    assert len({body for _, _, body in answers}) == 1
