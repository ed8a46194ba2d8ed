"""Reads specs: a path, TOML text, or a dict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import _conviction
from ._conviction import Plan

Spec = str | os.PathLike[str] | Mapping[str, Any]
"""Path of a spec; TOML text, recognised by a line break or an equals sign; or a dict of the same tables."""


def read(spec: Spec) -> tuple[str | dict[str, Any], str, str]:
    """Returns the spec as text or dict, its name in errors, and the directory to which its paths are relative."""
    if isinstance(spec, Mapping):
        return dict(spec), "spec", os.getcwd()
    if isinstance(spec, str) and ("\n" in spec or "=" in spec):
        return spec, "spec", os.getcwd()
    path = Path(spec)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot be read as a spec: {error}") from error
    return text, str(path), str(path.absolute().parent)


def plan(spec: Spec) -> Plan:
    """Plans a spec, without simulating.

    Args:
        spec: a path, TOML text, or a dict of the same tables:
            ``{"replicates": 100, "axes": {"beta": [0.2, 0.3]}}``.

    Returns:
        A plan: ``points``, ``runs``, ``parts``, ``seconds`` on one core, ``bytes`` on the disk, ``spec`` with
        every default filled in, ``warnings``, and ``settings()``, one row per point.

    Raises:
        ValueError: with every fault of the spec, one per line.
    """
    return _conviction.plan(*read(spec))
