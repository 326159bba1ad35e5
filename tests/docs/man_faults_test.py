#!/usr/bin/env python3
"""Every check of man_check.py notices the fault that it is for, planted into a copy of the pages.

Takes the arguments of man_check.py.
"""
import argparse
import pathlib
import shutil
import sys
import tempfile

import man_check

# (page, old text, new text, what the check has to say of it). All are planted at once, so no fault
# may hide another.
FAULTS = [
    ("quoted.8", ".It Fl -grace Ar SECONDS", ".It Fl -patience Ar SECONDS",
     ["quoted.8: option --grace of 'quoted' is not described",
      "quoted.8: describes --patience, which 'quoted --help' does not have"]),
    ("quoted-pcs.8", "Default: 16.", "Default: 17.",
     ["quoted-pcs.8: option --threads of 'quoted-pcs' does not say '16'"]),
    ("quotectl-sim.1", ".Cm truncated-body", ".Cm cut-body",
     ["argument kind of 'quotectl sim fault set' does not say 'truncated-body'"]),
    ("quotectl-verify.1", "65536", "65535",
     ["option --max-connections of 'quotectl verify' does not say '65536'"]),
    ("quotectl-quote.1", "Required.", "",
     ["option --out of 'quotectl quote' does not say 'Required.'"]),
    ("quotectl-quote.1", ".It Ev QUOTED_SOCKET", ".It Ev QUOTED_SOCK",
     ["ENVIRONMENT lacks QUOTED_SOCKET, which sets option --socket of 'quotectl quote'"]),
    ("quotectl-quote.1", ".It Ar REPORT", ".It Ar PAPER",
     ["argument REPORT of 'quotectl quote' is not described",
      "describes paper, which 'quotectl quote --help' does not have"]),
    ("quotectl-wire.1", ".Ss wire replay", ".Ss wire again",
     ["no '.Ss wire replay' for 'quotectl wire replay'", "there is no 'quotectl wire again'"]),
    ("quotectl.1", ".It Ic sim revoke", ".It Ic sim forgive",
     ["quotectl.1: COMMANDS lacks '.It Ic sim revoke'",
      "quotectl.1: COMMANDS has '.It Ic sim forgive'"]),
    ("libdcap_quoteprov.3", "sgx_qpl_global_cleanup", "sgx_qpl_cleanup",
     ["exported function sgx_qpl_global_cleanup is not named",
      "SYNOPSIS has sgx_qpl_cleanup, which exports.map does not"]),
    ("libsgx_quote_ex.3", '.Fa "uint32_t *quote_size"', '.Fa "uint64_t *quote_size"',
     ["SYNOPSIS has 'sgx_status_t sgx_get_quote_size_ex("]),
    ("libsgx_quote_ex.3", ".It Ev QUOTED_RETRY", ".It Ev QUOTED_AGAIN",
     ["ENVIRONMENT lacks QUOTED_RETRY, which lib/sgx_quote_ex reads"]),
    ("libquoted.3", "static Verifier for_intel()", "static Verifier for_amd()",
     ["libquoted.3: SYNOPSIS has 'static Verifier for_amd();'"]),
    ("libquoted.3", "read_quote", "take_quote", ["exported function read_quote is not named"]),
    ("quotectl-inspect.1", ".Sh SEE ALSO", ".Sh SEE ALSO\n.Xr quoted-dreams 7 ,",
     ["refers to quoted-dreams(7), which does not exist"]),
    ("quotectl-report.1", ".Sh SEE ALSO", ".Sh SEE ALSO\n.El", ["mandoc does not like the pages"]),
    ("quoted-simulation.7", "world.json", "earth.json", ["the file world.json is not named"]),
    ("quoted.toml.5", ".It Cm stale_limit", ".It Cm stale_limits",
     ["key stale_limit of src/certification/settings_toml.cpp is not described"]),
    ("quoted-policy.5", ".It Cm any_runtime", ".It Cm any_time",
     ["describes key any_time, which docs/policy.md does not have"]),
    ("quoted.toml.5", 'kind = "files"', 'kind = "filing"', ["quoted.toml.5: the example is refused"]),
    ("quoted-policy.5", "isv_prod_id = 1\n", "", ["quoted-policy.5: the example is refused"]),
    ("quoted-wire-recording.5", '"event":"open"', '"event":"opened"',
     ["quoted-wire-recording.5: the example is refused"]),
    ("quoted.json.5", '"format": 1', '"format": 2', ["quoted.json.5: the example is refused"]),
    ("simulated-cpu.5", "owner_epoch 93", "owner_epoch 9", ["simulated-cpu.5: the example is refused"]),
    ("quoted-simulation.7", '"qe_isv_svn": 8,\n  "previous"', '"previous"',
     ["quoted-simulation.7: the example is refused"]),
]

# Pages that are taken away, as well at once.
REMOVED = [
    ("quoted-pcs.8", "docs/man/quoted-pcs.8 is missing: the program quoted-pcs"),
    ("quotectl-status.1", "docs/man/quotectl-status.1 is missing: 'quotectl status'"),
    ("libsgx_quote_ex.3", "docs/man/libsgx_quote_ex.3 is missing: the library"),
    ("libdcap_quoteprov.3", "include/quoted/dcap_quoteprov.h stands in no page"),
    ("quoted-errors.7", "docs/man/quoted-errors.7 is missing"),
]
ADDED = ("other.8", "other.8: cmake --install --component doc does not install it")


def edit(man):
    for page, old, new, _ in FAULTS:
        text = (man / page).read_text()
        if old not in text:
            sys.exit(f"{page} has no '{old}' to replace: change FAULTS")
        (man / page).write_text(text.replace(old, new))


def take_away(man):
    for page, _ in REMOVED:
        (man / page).unlink()
    shutil.copy(man / "quoted.8", man / ADDED[0])


def missed(given, programs, plant, wanted):
    with tempfile.TemporaryDirectory() as work:
        man = pathlib.Path(work) / "man"
        shutil.copytree(given.man, man)
        plant(man)
        said = "\n".join(man_check.run_all(man_check.Check(given.root, man, given.build, programs)))
    return [f"not noticed: {one}\nwhat was said:\n{said}" for one in wanted if one not in said]


def main():
    given, programs = man_check.arguments_of(argparse.ArgumentParser())
    edited = [one for fault in FAULTS for one in fault[3]]
    absent = [wanted for _, wanted in REMOVED] + [ADDED[1]]
    out = missed(given, programs, edit, edited) + missed(given, programs, take_away, absent)
    if out:
        sys.exit("\n".join(out))
    print(f"{len(edited) + len(absent)} planted faults were noticed")


if __name__ == "__main__":
    main()
