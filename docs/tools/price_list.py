"""AWS's prices beside those of Lambda, which are in tests/bench/prices.py."""

from __future__ import annotations

from tests.bench import prices

# USD in us-east-1, first tier, as published in 2025; the free tier is not counted.
PRICES = {
    "http_api": 1.00 / 1e6,  # for each 512 KB begun
    "rest_api": 3.50 / 1e6,
    "egress_gb": 0.09,
    "cloudfront_request": 1.00 / 1e6,
    "cloudfront_gb": 0.085,
    "s3_put": prices.PUT,
    "s3_get": 0.40 / 1e6,
    "s3_gb_month": 0.023,
    "sqs": 0.40 / 1e6,
    "dynamodb_write": prices.TABLE_WRITE,
    "dynamodb_read": 0.125 / 1e6,
    "eventbridge": 1.00 / 1e6,
    "express": prices.EXPRESS_REQUEST,
    "express_gb_second": prices.EXPRESS_GB_SECOND,
    "log_gb": 0.50,
    "alarm_month": 0.10,
    "metric_month": 0.30,
    "dashboard_month": 3.00,
    "secret_month": 0.40,
    "image_gb_month": 0.10,
    "web_acl_month": 5.00,
    "waf_rule_month": 1.00,
    "waf": 0.60 / 1e6,
    "nat_hour": 0.045,
    "nat_gb": 0.045,
    "address_hour": 0.005,
    "key_month": 1.00,
    "zone_month": 0.50,
}
