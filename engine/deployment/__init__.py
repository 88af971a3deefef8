"""Deploying: files in, new versions out, all or nothing."""

from engine.deployment.bundles import (
    DEPLOYED_SUFFIXES,
    bundle_hash,
    bundle_of,
    check,
    current_files,
    deploy,
    lock,
)

__all__ = [
    "DEPLOYED_SUFFIXES",
    "bundle_hash",
    "bundle_of",
    "check",
    "current_files",
    "deploy",
    "lock",
]
