"""Modules of the package import downwards: none imports another that imports it."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT


def imports(text: str, modules: set[str]) -> set[str]:
    """Returns the modules of the package that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = {node.module} if node.module else {name.name for name in node.names}
            found |= {name if name in modules else "__init__" for name in names if name is not None}
    return found


def order(folder: Path) -> list[str]:
    """Returns the modules of a folder, each after those that it imports."""
    files = list(folder.glob("*.py"))
    modules = {file.stem for file in files} | {"_conviction"}
    return list(TopologicalSorter({file.stem: imports(file.read_text(), modules) for file in files}).static_order())


def test_modules_do_not_import_each_other() -> None:
    modules = order(ROOT / "python/conviction")
    assert len(modules) > 10 and modules.index("_task") < modules.index("_ray")


def test_a_cycle_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from .b import x\n")
    (tmp_path / "b.py").write_text("def f():\n    from . import a\n")
    with pytest.raises(CycleError):
        order(tmp_path)
    (tmp_path / "a.py").write_text("import b\n")
    assert order(tmp_path) == ["a", "b"]
