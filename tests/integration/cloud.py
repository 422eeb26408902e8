"""AWS on loopback: the servers of other projects, the resources in them, and the work of Lambda."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import uvicorn
from servers import free_port

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "123456789012", "eu-west-1"
INPUT, OUTPUT = "captures-input", "captures-output"
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Context:
    """The context that Lambda passes with the event."""

    function_name = "stillframe-test"
    memory_limit_in_mb = 2048
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:stillframe-test"
    aws_request_id = "8f5e3c2a-0000-4000-8000-000000000001"

    def __init__(self, seconds: float = 60) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - time.monotonic()) * 1000))


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[str]:
    """A server as a process of its own, from its first answer until SIGTERM; its address."""
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 40
        while not _answers(url):
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < end, f"{command[0]} does not answer"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
    return True


@contextmanager
def serving(app: Any) -> Iterator[httpx.Client]:
    """An application on a real socket, in a thread of this process."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        end = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.02)
        yield client
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def credentials(url: str) -> dict[str, str]:
    """The environment in which boto3 speaks to the server at `url`, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@dataclass(slots=True)
class Cloud:
    """The deployed resources, as template.yaml makes them."""

    url: str
    s3: Any = field(init=False)
    sqs: Any = field(init=False)
    dynamodb: Any = field(init=False)
    queue: str = field(init=False)
    dead: str = field(init=False)

    def create(self) -> dict[str, str]:
        """Make them; the environment of every function."""
        self.s3, self.sqs, self.dynamodb = (boto3.client(n) for n in ("s3", "sqs", "dynamodb"))
        for bucket in (INPUT, OUTPUT):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.dynamodb.create_table(
            TableName="jobs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        return {
            "STORAGE_URL": f"s3://{OUTPUT}/output",
            "JOBS_TABLE": "jobs",
            "INPUT_BUCKET": INPUT,
            "INPUT_PREFIX": "input/",
            "OUTPUT_PREFIX": "output/",
            "URL_SIGNING_SECRET": "k" * 40,
            "AUTH_TOKEN": "a-token-of-the-integration-tests",
            "EGRESS_ALLOW": "127.0.0.0/8",
            "POWERTOOLS_SERVICE_NAME": "stillframe",
            "LOG_LEVEL": "WARNING",
            "AWS_LAMBDA_FUNCTION_NAME": "stillframe-test",
        }

    def create_queues(self) -> str:
        """A queue and its dead letters, new ones: real queues are not emptied twice a minute."""
        name = uuid.uuid4().hex[:12]
        self.dead = self.sqs.create_queue(QueueName=f"dead-{name}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "360"}
        self.queue = self.sqs.create_queue(QueueName=f"captures-{name}", Attributes=attributes)["QueueUrl"]
        return self.queue

    # -- what lies in the output bucket

    def names(self, prefix: str = "output/") -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=OUTPUT, Prefix=prefix)
        return sorted(thing["Key"] for page in pages for thing in page.get("Contents", []))

    def read(self, key: str) -> bytes:
        data: bytes = self.s3.get_object(Bucket=OUTPUT, Key=key)["Body"].read()
        return data

    def read_json(self, key: str) -> Any:
        return json.loads(self.read(key))

    # -- what Lambda's poller does

    def send(self, body: str) -> str:
        message_id: str = self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)["MessageId"]
        return message_id

    def receive(self, count: int = 1) -> list[dict[str, Any]]:
        """Messages that may be seen now, as the records of an event."""
        found = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=count, AttributeNames=["All"]
        ).get("Messages", [])
        return [sqs_record(m) for m in found]

    def invoke(self, worker: Handler, records: list[dict[str, Any]], seconds: float = 60) -> list[str]:
        """One invocation, after which what was answered is deleted; the ids of what was not."""
        answer = worker({"Records": records}, Context(seconds))
        failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
        return failed

    def drain(self, worker: Handler) -> int:
        """Invoke the worker until nothing is to be seen; how many messages it got."""
        count = 0
        while records := self.receive():
            self.invoke(worker, records)
            count += len(records)
        return count

    def waiting(self, queue: str | None = None) -> int:
        """Messages of a queue, visible or not."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        found = self.sqs.get_queue_attributes(QueueUrl=queue or self.queue, AttributeNames=names)[
            "Attributes"
        ]
        return sum(int(v) for v in found.values())


def event(name: str) -> dict[str, Any]:
    """A recorded event."""
    found: dict[str, Any] = json.loads((ROOT / "tests" / "events" / f"{name}.json").read_text("utf-8"))
    return copy.deepcopy(found)


def sqs_record(message: dict[str, Any]) -> dict[str, Any]:
    """A received message in the recorded form of an event."""
    record: dict[str, Any] = event("sqs")["Records"][0]
    record |= {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
    }
    record["attributes"] |= message.get("Attributes", {})
    return record


def load_handler(name: str) -> Handler:
    """A function's handler, imported anew, as a cold start does."""
    path = ROOT / "functions" / name / "handler.py"
    spec = importlib.util.spec_from_file_location(f"functions.{name}.handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler
