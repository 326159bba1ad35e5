#!/usr/bin/env python3
"""The manual pages in docs/man say what the programs and libraries are.

    man_check.py --root ROOT --man DIR --build DIR --quoted PROGRAM --quotectl PROGRAM --quoted-pcs PROGRAM

Every fault is a line of its own that names the page, what is missing or too much, and where it comes
from. docs/man/README.md says how pages are written so that this can read them.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# Programs and their pages; a folder of apps/ with a main.cpp that is not here is a fault.
PROGRAMS = {"quoted": "quoted.8", "quoted-pcs": "quoted-pcs.8", "quotectl": "quotectl.1"}

# Libraries whose functions stand on the page of another.
PAGE_OF_LIBRARY = {"quoted_inproc": "libsgx_dcap_ql.3", "libquoted": "libquoted.3"}

# Kinds of files that users meet, each with the page that says what is in it.
FILES = {
    "quoted.toml": "quoted.toml.5",
    "quoted.json": "quoted.json.5",
    "simulated-cpu": "simulated-cpu.5",
    "simulated-provision": "simulated-provision.5",
    "simulated-epc": "simulated-provision.5",
    "node.json": "quoted-simulation.7",
    "world.json": "quoted-simulation.7",
    "tcb_info.json": "quoted-collateral.5",
}

# Pages about no single program or library.
OTHER_PAGES = {
    "quotectl-serve.1", "quoted-policy.5", "quoted-wire-recording.5", "quoted-wire-corpus.5",
    "quoted-collateral.5",
    "quoted-errors.7", "quoted-simulation.7",
}


class Page:
    """One page, read line by line; only what this check needs of mdoc(7)."""

    def __init__(self, path):
        self.name = path.name
        self.path = path
        self.lines = path.read_text().splitlines()

    def block(self, heading):
        """The lines under '.Sh NAME' or '.Ss NAME', or None."""
        level = heading.split()[0]
        ends = (".Sh ",) if level == ".Sh" else (".Sh ", ".Ss ")
        out, inside = [], False
        for line in self.lines:
            if line == heading:
                inside = True
            elif inside and line.startswith(ends):
                break
            elif inside:
                out.append(line)
        return out if inside else None

    def subsections(self):
        return [line[4:] for line in self.lines if line.startswith(".Ss ")]

    def text(self):
        return "\n".join(self.lines)


def items(lines, macro):
    """(names, text) of every '.It MACRO ...' in the lines; the text reaches to the next .It."""
    out = []
    for line in lines:
        if line.startswith(".It "):
            words = line.split()
            names = words[2:] if words[1] == macro else []
            out.append((names, [line]))
        elif out:
            out[-1][1].append(line)
    return [(names, plain("\n".join(text))) for names, text in out if names]


def plain(text):
    """Without the escapes that change nothing for the reader."""
    return text.replace("\\&", "").replace("\\:", "").replace("\\-", "-").replace("\\(ha", "^")


def flags_of(names):
    """['v', ',', '-verbose', 'Ar', 'N'] as {'-v', '--verbose'}."""
    out = []
    for word in names:
        if word[0].isupper() and word in ("Ar", "Ns", "Li", "Oo", "Op", "Cm"):
            break
        if word != "," and word != "Fl":
            out.append("-" + word)
    return out


class Option:
    """One option or positional as --help prints it."""

    def __init__(self, spec):
        self.required = " REQUIRED" in spec
        self.environment = re.findall(r"\(Env:(\w+)\)", spec)
        choices = re.search(r"\{([^}]*)\}", spec)
        limits = re.search(r" in \[(\S+) - (\S+)\]", spec)
        default = re.search(r"=(\S+)", re.sub(r"KIND=(URL|PATH)", "", spec))
        self.facts = choices.group(1).split(",") if choices else []
        self.facts += list(limits.groups()) if limits else []
        self.facts += [default.group(1)] if default else []
        self.names = spec.split()[0].split(",")


class Help:
    """What a program or subcommand prints for --help."""

    def __init__(self, command):
        done = subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} --help ends with {done.returncode}: {done.stderr}")
        self.options, self.positionals, self.subcommands = [], [], []
        part = None
        for line in done.stdout.splitlines():
            if re.fullmatch(r"[A-Z][A-Za-z]+:", line):
                part = line
            elif not line.startswith("  ") and line:
                part = None
            elif re.match(r"  \S", line):
                spec = re.split(r"\s{2,}", line.strip())[0]
                if part == "Options:":
                    self.options.append(Option(spec))
                elif part == "Positionals:":
                    self.positionals.append(Option(spec))
                elif part == "Subcommands:":
                    self.subcommands.append(spec)


class Check:
    def __init__(self, root, man, build, programs):
        self.root, self.man, self.build, self.programs = root, man, build, programs
        self.faults = []
        self.pages = {p.name: Page(p) for p in sorted(man.glob("*.[1-9]"))}
        self.counted = dict(options=0, functions=0, keys=0, examples=0)

    def fault(self, sentence):
        self.faults.append(sentence)

    def page(self, name, why):
        if name not in self.pages:
            self.fault(f"docs/man/{name} is missing: {why}")
        return self.pages.get(name)

    # (a) Options

    def check_programs(self):
        for main in self.root.glob("apps/*/main.cpp"):
            if main.parent.name not in PROGRAMS:
                self.fault(f"apps/{main.parent.name} is a program without a page in PROGRAMS")
        for program, name in PROGRAMS.items():
            page = self.page(name, f"the program {program}")
            if page is None:
                continue
            told = Help([self.programs[program]])
            self.check_options(program, told, page, page.block(".Sh OPTIONS"), whole=True)
            if told.subcommands:
                leaves = self.check_subcommands(program, [], told)
                self.check_listed(page, leaves)

    def check_subcommands(self, program, path, told):
        leaves = []
        for one in told.subcommands:
            below = [*path, one]
            help_of_it = Help([self.programs[program], *below])
            if help_of_it.subcommands:
                leaves += self.check_subcommands(program, below, help_of_it)
                continue
            leaves.append(" ".join(below))
            page = self.page(f"{program}-{below[0]}.1", f"'{program} {' '.join(below)}'")
            if page is None:
                continue
            heading = ".Sh OPTIONS" if len(below) == 1 else f".Ss {' '.join(below)}"
            lines = page.block(heading)
            if lines is None:
                self.fault(f"{page.name}: no '{heading}' for '{program} {' '.join(below)}'")
            else:
                self.check_options(f"{program} {' '.join(below)}", help_of_it, page, lines, False)
        if not path:
            self.check_no_other_subcommand(program, leaves)
        return leaves

    def check_no_other_subcommand(self, program, leaves):
        for page in self.pages.values():
            if not page.name.startswith(program + "-") or page.name in OTHER_PAGES:
                continue
            first = page.name[len(program) + 1:].rsplit(".", 1)[0]
            if not any(leaf.split()[0] == first for leaf in leaves):
                self.fault(f"{page.name}: there is no '{program} {first}'")
            for title in page.subsections():
                if title.split()[0] == first and title not in leaves:
                    self.fault(f"{page.name}: there is no '{program} {title}'")

    def check_listed(self, page, leaves):
        listed = [" ".join(names) for names, _ in items(page.block(".Sh COMMANDS") or [], "Ic")]
        for leaf in leaves:
            if leaf not in listed:
                self.fault(f"{page.name}: COMMANDS lacks '.It Ic {leaf}'")
        for name in listed:
            if name not in leaves:
                self.fault(f"{page.name}: COMMANDS has '.It Ic {name}', which does not exist")

    def check_options(self, command, told, page, lines, whole):
        described = {flag: text for names, text in items(lines or [], "Fl") for flag in flags_of(names)}
        known = set()
        for option in told.options:
            known.update(option.names)
            if not whole and "--help" in option.names:
                continue
            self.counted["options"] += 1
            for name in option.names:
                if name not in described:
                    self.fault(f"{page.name}: option {name} of '{command}' is not described")
                else:
                    self.check_facts(page, f"option {name} of '{command}'", option, described[name])
        for name in sorted(described.keys() - known):
            self.fault(f"{page.name}: describes {name}, which '{command} --help' does not have")
        arguments = {n[0].lower(): text for n, text in items(lines or [], "Ar")}
        for one in told.positionals:
            if one.names[0].lower() not in arguments:
                self.fault(f"{page.name}: argument {one.names[0]} of '{command}' is not described")
            else:
                self.check_facts(page, f"argument {one.names[0]} of '{command}'", one,
                                 arguments[one.names[0].lower()])
        for name in sorted(arguments.keys() - {one.names[0].lower() for one in told.positionals}):
            self.fault(f"{page.name}: describes {name}, which '{command} --help' does not have")

    def check_facts(self, page, what, option, text):
        for fact in option.facts:
            if not re.search(rf"(?<![\w.-]){re.escape(fact)}(?![\w-])", text):
                self.fault(f"{page.name}: {what} does not say '{fact}' (default, choice or limit)")
        if option.required and what.startswith("option") and "Required." not in text:
            self.fault(f"{page.name}: {what} does not say 'Required.'")
        environment = [n[0] for n, _ in items(page.block(".Sh ENVIRONMENT") or [], "Ev")]
        for variable in option.environment:
            if variable not in environment:
                self.fault(f"{page.name}: ENVIRONMENT lacks {variable}, which sets {what}")

    # (b) Functions

    def check_libraries(self):
        exports = {}
        for folder in sorted(p.parent for p in self.root.glob("lib/*/CMakeLists.txt")):
            name = PAGE_OF_LIBRARY.get(folder.name, f"lib{folder.name}.3")
            self.page(name, f"the library of lib/{folder.name}")
            self.check_variables(folder, name)
            table = folder / "exports.map"
            if table.exists():
                exports.setdefault(name, set()).update(
                    re.findall(r"^\s+(\w+);", table.read_text().split("local:")[0], re.M))
                # Of a C++ interface: every part of a name such as quoted::Client::target.
                exports[name].update(part for whole in re.findall(r"quoted::([\w:]+)", table.read_text())
                                     for part in whole.split("::") if part)
        for name, functions in exports.items():
            page = self.pages.get(name)
            if page is not None:
                self.check_functions(page, functions)

    def check_variables(self, folder, name):
        """Of the environment, as the library asks for them."""
        code = "\n".join(p.read_text() for p in folder.glob("*.cpp"))
        page = self.pages.get(name)
        described = {word for names, _ in items(page.block(".Sh ENVIRONMENT") or [], "Ev")
                     for word in names} if page else set()
        for variable in sorted(set(re.findall(r'(?:getenv|variable)\("(\w+)"\)', code)) - described):
            self.fault(f"{name}: ENVIRONMENT lacks {variable}, which lib/{folder.name} reads")

    def check_functions(self, page, exported):
        self.counted["functions"] += len(exported)
        words = set(re.findall(r"\w+", page.text()))
        for function in sorted(exported - words):
            self.fault(f"{page.name}: exported function {function} is not named")
        for signature in self.signatures(page):
            name = signature[1]
            if name not in exported:
                self.fault(f"{page.name}: SYNOPSIS has {name}, which exports.map does not")
        headers = re.findall(r"^\.In (\S+)", page.text(), re.M)
        declared = " ".join((self.root / "include" / h).read_text() for h in headers
                            if (self.root / "include" / h).exists())
        code = squeeze(re.sub(r"/\*.*?\*/|//[^\n]*", " ", declared, flags=re.S))
        for kind, name, arguments in self.signatures(page):
            wanted = squeeze(f"{kind} {name}({', '.join(arguments) or 'void'});")
            if wanted not in code:
                self.fault(f"{page.name}: SYNOPSIS has '{wanted}', {' '.join(headers)} does not")
        for wanted in self.literal_declarations(page):
            if wanted not in code:
                self.fault(f"{page.name}: SYNOPSIS has '{wanted}', {' '.join(headers)} does not")
        for header in headers:
            if not (self.root / "include" / header).exists():
                self.fault(f"{page.name}: there is no include/{header}")

    def literal_declarations(self, page):
        """C++ of the SYNOPSIS; 'class X:' stands for the class that holds what follows."""
        text = "\n".join(page.block(".Sh SYNOPSIS") or [])
        for block in re.findall(r"^\.Bd -literal\n(.*?)^\.Ed", text, re.M | re.S):
            for declaration in re.sub(r"^class \w+:$", "", block, flags=re.M).split(";")[:-1]:
                yield squeeze(declaration) + ";"

    def signatures(self, page):
        """(type, name, [arguments]) of every .Ft with .Fo or .Fn in the SYNOPSIS."""
        kind, name, arguments = "", None, []
        for line in page.block(".Sh SYNOPSIS") or []:
            if line.startswith(".Ft "):
                kind = line[4:].strip('"')
            elif line.startswith(".Fo "):
                name, arguments = line[4:], []
            elif line.startswith(".Fa "):
                arguments.append(line[4:].strip('"'))
            elif line.startswith(".Fc"):
                yield kind, name, arguments
            elif line.startswith(".Fn "):
                first, rest = line[4:].split(maxsplit=1) if " " in line[4:] else (line[4:], "")
                yield kind, first, re.findall(r'"([^"]*)"', rest)

    # (c) Form

    def check_form(self):
        try:
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                                   *[p.path for p in self.pages.values()]],
                                  capture_output=True, text=True, timeout=60)
        except FileNotFoundError:
            self.fault("mandoc is not installed: run scripts/bootstrap test")
            return
        if done.returncode != 0:
            self.fault("mandoc does not like the pages:\n" + done.stdout)
        for page in self.pages.values():
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.text(), re.M):
                ours = name.startswith(("quote", "libquote", "libsgx", "libdcap", "simulated"))
                if ours and f"{name}.{section}" not in self.pages:
                    self.fault(f"{page.name}: refers to {name}({section}), which does not exist")

    # (d) A page for everything

    def check_coverage(self):
        for file, name in FILES.items():
            page = self.page(name, f"the file {file}")
            if page is not None and file not in plain(page.text()):
                self.fault(f"{name}: the file {file} is not named")
        headers = list(self.root.glob("include/quoted/*.h"))
        included = set(re.findall(r'^#include "(quoted/[\w.]+)"',
                                  "\n".join(h.read_text() for h in headers), re.M))
        for name in (f"quoted/{header.name}" for header in headers):
            if name not in included and not any(f".In {name}" in p.lines for p in self.pages.values()):
                self.fault(f"include/{name} stands in no page ('.In {name}')")
        for name in OTHER_PAGES:
            self.page(name, "it is in OTHER_PAGES")

    def check_installed(self):
        with tempfile.TemporaryDirectory() as work:
            subprocess.run(["cmake", "--install", self.build, "--component", "doc", "--prefix", work],
                           check=True, capture_output=True, timeout=60)
            installed = {p.name for p in pathlib.Path(work).glob("share/man/man?/*")}
        for name in sorted(self.pages.keys() - installed):
            self.fault(f"{name}: cmake --install --component doc does not install it")

    # (e) Keys of files that people write

    def check_keys(self, name, wanted, where):
        page = self.page(name, "keys of a file")
        if page is None:
            return
        described = {word for names, _ in items(page.lines, "Cm") for word in names if word != ","}
        self.counted["keys"] += len(wanted)
        for key in sorted(wanted - described):
            self.fault(f"{name}: key {key} of {where} is not described")
        for key in sorted(described - wanted):
            self.fault(f"{name}: describes key {key}, which {where} does not have")

    def check_files(self):
        reader = "src/certification/settings_toml.cpp"
        code = (self.root / reader).read_text()
        self.check_keys("quoted.toml.5", set(re.findall(
            r'table(?:\.(?:string|strings|boolean|duration|tables)\(|, )"(\w+)"', code)), reader)
        # src/appraisal/examples_test.cpp and its siblings hold this document to the parser.
        document = "docs/policy.md"
        rows = re.findall(r"^\| (`.*?`) \|", (self.root / document).read_text(), re.M)
        self.check_keys("quoted-policy.5", {
            key for row in rows for key in re.findall(r"`([a-z_0-9]+)`", row)}, document)

    # (f) Examples of files are read by the programs that read such files

    def example(self, name):
        page = self.page(name, "its example is tried")
        block = page.block(".Sh EXAMPLES") if page else None
        found = re.search(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", "\n".join(block or []), re.M | re.S)
        if page is not None and found is None:
            self.fault(f"{name}: EXAMPLES has no literal block to try")
        return plain(found.group(1)) if found else None

    def try_example(self, name, file, wanted, arguments, inputs=()):
        """`arguments` may name {dir}, where the example lies as `file`; `wanted` is the exit code."""
        content = self.example(name)
        if content is None:
            return
        self.counted["examples"] += 1
        with tempfile.TemporaryDirectory() as work:
            (pathlib.Path(work) / file).write_text(content)
            for other, size in inputs:
                (pathlib.Path(work) / other).write_bytes(bytes(size))
            command = [self.programs["quotectl"], *[a.format(dir=work) for a in arguments]]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                                  env={"PATH": "/usr/bin:/bin"})
            if done.returncode != wanted:
                self.fault(f"{name}: the example is refused: {done.stdout}{done.stderr}")

    def check_examples(self):
        self.try_example("quoted.toml.5", "quoted.toml", 0,
                         ["collateral", "sources", "--config", "{dir}/quoted.toml"])
        self.try_example("quoted-policy.5", "policy.toml", 0, ["policy", "check", "{dir}/policy.toml"])
        self.try_example("quoted-wire-recording.5", "a.jsonl", 0, ["wire", "show", "{dir}/a.jsonl"])
        # 2: nobody listens there; a file that cannot be read would be 3.
        self.try_example("quoted.json.5", "quoted.json", 2,
                         ["status", "--socket", "{dir}/aesm.socket"])
        self.try_example("simulated-cpu.5", "simulated-cpu", 0,
                         ["report", "--socket", "{dir}/aesm.socket", "--target-info", "{dir}/target",
                          "--out", "{dir}/report"], [("target", 512)])
        self.try_example("quoted-simulation.7", "node.json", 0,
                         ["sim", "upgrade", "--state-dir", "{dir}"])


def squeeze(text):
    """C code with its blanks in one form."""
    return re.sub(r"\s+", " ", re.sub(r"\s*([*(),;])\s*", r"\1", text)).strip()


def run_all(check):
    check.check_programs()
    check.check_libraries()
    check.check_form()
    check.check_coverage()
    check.check_installed()
    check.check_files()
    check.check_examples()
    return check.faults


def arguments_of(parser):
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--man", type=pathlib.Path, required=True)
    parser.add_argument("--build", required=True)
    for program in PROGRAMS:
        parser.add_argument(f"--{program}", required=True)
    given = parser.parse_args()
    programs = {name: getattr(given, name.replace("-", "_")) for name in PROGRAMS}
    return given, programs


def main():
    given, programs = arguments_of(argparse.ArgumentParser())
    check = Check(given.root, given.man, given.build, programs)
    faults = run_all(check)
    for one in faults:
        print(one)
    if faults:
        sys.exit(f"{len(faults)} faults; docs/man/README.md says how pages are written")
    print(f"{len(check.pages)} pages are good: " +
          ", ".join(f"{count} {what}" for what, count in check.counted.items()))


if __name__ == "__main__":
    main()
