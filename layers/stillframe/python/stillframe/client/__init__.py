"""The client of a deployed service: captures, jobs, batches, signed links and webhooks over HTTP."""

from __future__ import annotations

from .asynchronous import AsyncBatch, AsyncClient, AsyncJob
from .errors import ServiceUnreachable, UnexpectedAnswer
from .links import SignedLink, signed_link
from .options import Options
from .result import Result
from .retrying import Retries
from .synchronous import Batch, Client, Job
from .webhooks import verify_webhook

__all__ = [
    "AsyncBatch",
    "AsyncClient",
    "AsyncJob",
    "Batch",
    "Client",
    "Job",
    "Options",
    "Result",
    "Retries",
    "ServiceUnreachable",
    "SignedLink",
    "UnexpectedAnswer",
    "signed_link",
    "verify_webhook",
]
