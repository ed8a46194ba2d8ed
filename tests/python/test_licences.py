"""Every dependency may be used under a licence that goes with this project's own, and there is one Arrow."""

import subprocess
from pathlib import Path

from license_expression import get_spdx_licensing

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}


def packages():
    """The licence of each dependency, on whatever platform, by name and version."""
    command = ["cargo", "tree", "--locked", "--all-features", "--target", "all", "--prefix", "none"]
    command += ["--format", "{p}\t{l}"]
    tree = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines = (line.removesuffix(" (*)").split("\t") for line in tree.splitlines() if line)
    return {" ".join(package.split()[:2]): licence for package, licence in lines}


def may_be_used(expression, licensing):
    """Whether a choice among the licences of an expression is allowed."""
    parsed = licensing.parse(expression.replace("/", " OR "), validate=True)
    allowed = {symbol: licensing.TRUE if symbol.render() in ALLOWED else licensing.FALSE for symbol in parsed.symbols}
    return parsed.subs(allowed).simplify() == licensing.TRUE


def test_licences_of_dependencies():
    licensing = get_spdx_licensing()
    assert may_be_used("MIT OR GPL-3.0-only", licensing)
    assert not may_be_used("MIT AND GPL-3.0-only", licensing)
    found = packages()
    assert len(found) > 100
    others = [name for name, licence in found.items() if not (licence and may_be_used(licence, licensing))]
    assert others == []


def test_one_arrow():
    arrows = {package.split()[1] for package in packages() if package.startswith("arrow-")}
    assert len(arrows) == 1, arrows
