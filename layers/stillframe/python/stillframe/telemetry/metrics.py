"""Every metric by name, with its unit in CloudWatch's words and its meaning. A sink knows no other."""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    unit: str
    meaning: str


COUNT, MILLISECONDS, BYTES, SECONDS = "Count", "Milliseconds", "Bytes", "Seconds"

METRICS = {
    "Captures": Metric(COUNT, "Captures that ended; also by `door`, `code` and `cold_start`"),
    "Failures": Metric(
        COUNT, "Captures that were answered 500 or more: by the service, the target or its deadline"
    ),
    "Faults": Metric(COUNT, "Failures of the service itself"),
    "ApiFailures": Metric(COUNT, "Answers of 500 or more that the service gave to API Gateway"),
    "Refusals": Metric(COUNT, "Requests that were answered 429, apart from waits for a site"),
    "Rejections": Metric(
        COUNT, "Requests that were refused before their capture: not valid, not allowed, too many"
    ),
    "DestinationsBlocked": Metric(COUNT, "Requests for a destination that the egress policy denies"),
    "ColdStarts": Metric(COUNT, "Captures in the first invocation of an environment"),
    "CacheHits": Metric(COUNT, "Captures that were answered from the cache"),
    "Retries": Metric(COUNT, "Captures that were attempted twice"),
    "GuardDenials": Metric(COUNT, "Destinations that the egress guard denied to a page"),
    "BytesReceived": Metric(BYTES, "What the page received"),
    "BytesSent": Metric(BYTES, "What the page sent"),
    "BytesDelivered": Metric(BYTES, "Size of the result"),
    "BrowserMemory": Metric(BYTES, "Peak of browser and driver during the capture"),
    "ProcessMemory": Metric(BYTES, "Peak of the service's own process during the capture"),
    "DeadlineShare": Metric("Percent", "How much of the time that its door allows a capture used"),
    "GBSeconds": Metric("None", "Memory times billed time"),
    "Cost": Metric("None", "Estimate of Lambda's price in USD"),
    "TotalTime": Metric(MILLISECONDS, "The whole capture"),
    "QueueTime": Metric(MILLISECONDS, "Phase: waiting for a slot"),
    "LaunchTime": Metric(MILLISECONDS, "Phase: starting the browser"),
    "LeaseTime": Metric(MILLISECONDS, "Phase: getting a page"),
    "ConfigureTime": Metric(MILLISECONDS, "Phase: preparing the page"),
    "LoadTime": Metric(MILLISECONDS, "Phase: loading"),
    "ActTime": Metric(MILLISECONDS, "Phase: waits, scripts and interactions"),
    "SettleTime": Metric(MILLISECONDS, "Phase: waiting until the page stops changing"),
    "CheckTime": Metric(MILLISECONDS, "Phase: assertions and metadata"),
    "ShootTime": Metric(MILLISECONDS, "Phase: taking the result from the page"),
    "ReleaseTime": Metric(MILLISECONDS, "Phase: removing every trace of the capture"),
    "EncodeTime": Metric(MILLISECONDS, "Phase: making the file"),
    "StoreTime": Metric(MILLISECONDS, "Phase: storing"),
    "QueueAge": Metric(SECONDS, "Age of a job when its first capture starts"),
    "BrowserRestarts": Metric(COUNT, "Browsers that were lost, hung or killed"),
    "BrowserRecycles": Metric(
        COUNT, "Browsers that were replaced as planned, after MAX_REQUESTS or for their memory"
    ),
    "LaunchFailures": Metric(COUNT, "Browsers that did not start"),
    "MemoryKills": Metric(COUNT, "Browsers that were ended for their memory"),
    "WebhooksDelivered": Metric(COUNT, "Webhook deliveries that arrived"),
    "WebhooksRetried": Metric(COUNT, "Webhook deliveries that will be repeated"),
    "WebhooksFailed": Metric(COUNT, "Webhooks that were given up"),
    "JobRetries": Metric(COUNT, "Messages of the queue that will be delivered again"),
}
