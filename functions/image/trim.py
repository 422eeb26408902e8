"""Removes what the service can never use from the installed dependencies, while the image is built."""

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
    "playwright/driver/package/lib/tools/skills",
    "playwright/driver/package/lib/vite",
    "playwright/driver/package/types",
    # The SDK of MCP requires it for log-in forms; Starlette would import it at every cold start, in 3 ms.
    "python_multipart",
    "simplejson/tests",
)


def trim(root: Path) -> None:
    """Drops the models of other AWS services, Playwright's viewers, guides and types, tests and examples."""
    for model in (root / "botocore/data").iterdir():
        if model.is_dir() and model.name not in AWS_SERVICES:
            shutil.rmtree(model)
    for folder in UNUSED:
        shutil.rmtree(root / folder)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
