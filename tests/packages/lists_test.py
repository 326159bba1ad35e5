#!/usr/bin/env python3
"""Compares what CMake installs with the lists of the Debian packages, as dh_install and dh_missing do.

Every pattern of deploy/debian/*.install and not-installed has to meet a file, every installed file
has to be in exactly one of them, and a list has to belong to a package of deploy/debian/control.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Where a package of Debian 12 has its libraries, as the lists of deploy/debian write it.
PACKAGE_LIBDIR = "usr/lib/*"
PACKAGE_UNIT_DIR = "lib/systemd/system"


def normal(pattern, libdir, unit_dir):
    """The place that `pattern` names in a package, where this build installs it."""
    if pattern.startswith(PACKAGE_LIBDIR + "/"):
        return f"usr/{libdir}{pattern.removeprefix(PACKAGE_LIBDIR)}"
    if pattern.startswith(PACKAGE_UNIT_DIR + "/"):
        root = unit_dir.lstrip("/") if unit_dir.startswith("/") else f"usr/{unit_dir}"
        return root + pattern.removeprefix(PACKAGE_UNIT_DIR)
    return pattern


def patterns_of(path):
    for line in path.read_text().splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0]


def packages_of(control):
    return set(re.findall(r"^Package: (\S+)$", control.read_text(), re.M))


def files_below(root):
    return {str(path.relative_to(root)) for path in root.rglob("*")
            if path.is_symlink() or not path.is_dir()}


def met_by(tree, pattern):
    """The files that dh_install takes for `pattern`: a directory means all that is below."""
    out = set()
    for path in tree.glob(pattern):
        if path.is_dir() and not path.is_symlink():
            out |= {str((path / file).relative_to(tree)) for file in files_below(path)}
        else:
            out.add(str(path.relative_to(tree)))
    return out


def compare(tree, debian, libdir, unit_dir):
    faults = []
    owners = collections.defaultdict(set)
    packages = packages_of(debian / "control")
    lists = sorted(debian.glob("*.install"))
    for path in lists + [p for p in [debian / "not-installed"] if p.exists()]:
        if path.suffix == ".install" and path.stem not in packages:
            faults.append(f"{path.name}: deploy/debian/control has no package {path.stem}")
        for pattern in patterns_of(path):
            met = met_by(tree, normal(pattern, libdir, unit_dir))
            if not met:
                faults.append(f"{path.name}: nothing that is installed matches {pattern}")
            for file in met:
                owners[file].add(path.name)
    for file in sorted(files_below(tree)):
        if not owners[file]:
            faults.append(f"/{file} is installed, and no list in deploy/debian has it")
        elif len(owners[file]) > 1:
            faults.append(f"/{file} is in {' and '.join(sorted(owners[file]))}")
    return faults


def planted(tree, debian, work, libdir, unit_dir):
    """What is said of one fault of each kind."""
    lists = pathlib.Path(work) / "debian"
    shutil.copytree(debian, lists)
    (lists / "quoted-tools.install").open("a").write("usr/bin/absent*\nusr/sbin/quoted\n")
    (lists / "stranger.install").write_text("usr/bin/quotectl\n")
    (tree / "usr/bin/unowned").write_text("")
    return compare(tree, lists, libdir, unit_dir)


PLANTED = [
    "quoted-tools.install: nothing that is installed matches usr/bin/absent*",
    "stranger.install: deploy/debian/control has no package stranger",
    "/usr/bin/quotectl is in quoted-tools.install and stranger.install",
    "/usr/bin/unowned is installed, and no list in deploy/debian has it",
    "/usr/sbin/quoted is in quoted-tools.install and quoted.install",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--debian", required=True, type=pathlib.Path)
    parser.add_argument("--libdir", required=True, help="CMAKE_INSTALL_LIBDIR of the build")
    parser.add_argument("--unit-dir", required=True, help="QUOTED_SYSTEMD_UNIT_DIR of the build")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(work)
        subprocess.run(["cmake", "--install", args.build, "--prefix", "/usr"], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": work})
        faults = compare(tree, args.debian, args.libdir, args.unit_dir)
        count = len(files_below(tree))
        if not faults:
            noticed = planted(tree, args.debian, scratch, args.libdir, args.unit_dir)
            if noticed != PLANTED:
                faults.append(f"of planted faults it notices {noticed}, expected {PLANTED}")
    for fault in faults:
        print(f"package_lists_test: {fault}")
    if faults:
        sys.exit(1)
    print(f"package_lists_test: {count} installed files, each in one package")


if __name__ == "__main__":
    main()
