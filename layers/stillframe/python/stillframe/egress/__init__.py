"""The only way out of the browser: policy, resolver and the guard that enforces them."""

from stillframe.egress.client import guarded_post
from stillframe.egress.policy import EgressPolicy, Policy, Verdict
from stillframe.egress.proxy import EgressGuard, Listener
from stillframe.egress.refusals import as_error
from stillframe.egress.report import Attempt, Budget, EgressReport, Outcome
from stillframe.egress.resolver import HostNotFound, Resolve, system_resolve

__all__ = [
    "Attempt",
    "Budget",
    "EgressGuard",
    "EgressPolicy",
    "EgressReport",
    "HostNotFound",
    "Listener",
    "Outcome",
    "Policy",
    "Resolve",
    "Verdict",
    "as_error",
    "guarded_post",
    "system_resolve",
]
