"""Removes what the service can never use from the installed dependencies, while the image is built."""

import shutil
import sys
from pathlib import Path

# Every AWS service that the functions may call; a test asks each of them for a client inside the image.
AWS_SERVICES = {
    "cloudwatch", "dynamodb", "events", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm",
    "stepfunctions", "sts",
}  # fmt: skip


def trim(root: Path) -> None:
    """Drops the models of other AWS services, Playwright's viewers, scripts and type stubs of tools."""
    for model in (root / "botocore/data").iterdir():
        if model.is_dir() and model.name not in AWS_SERVICES:
            shutil.rmtree(model)
    for folder in ("playwright/driver/package/lib/vite", "bin", "boto3/examples", "greenlet/tests"):
        shutil.rmtree(root / folder, ignore_errors=True)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
