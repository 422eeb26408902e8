"""Network access of captures: the policy, the resolver, and the guard proxy that enforces the policy."""

from __future__ import annotations

from .client import guarded_post
from .peer import PeerCheck
from .policy import EgressPolicy, Policy, Verdict
from .proxy import EgressGuard, Listener
from .refusals import as_error
from .report import Attempt, Budget, EgressReport, Outcome
from .resolver import HostNotFound, Resolve, system_resolve
from .upstream import Upstream

__all__ = [
    "Attempt",
    "Budget",
    "EgressGuard",
    "EgressPolicy",
    "EgressReport",
    "HostNotFound",
    "Listener",
    "Outcome",
    "PeerCheck",
    "Policy",
    "Resolve",
    "Upstream",
    "Verdict",
    "as_error",
    "guarded_post",
    "system_resolve",
]
