#!/usr/bin/env python3
"""A quote and a verdict on it from Python, through ctypes and the drop-in C libraries.

    quote_and_verify.py REPORT COLLATERAL

REPORT is a file of 432 bytes (an enclave makes it; `quotectl report` does for a simulated one).
COLLATERAL is a directory with the seven documents of the platform. With SGX_AESM_ADDR in the
environment the service of the node makes the quote, without it this process does.
QUOTED_TRUSTED_ROOT names the root certificate to trust in place of Intel's.
"""

import ctypes
import pathlib
import sys
import time

RESULTS = {0x0000: "OK", 0xA001: "CONFIG_NEEDED", 0xA002: "OUT_OF_DATE",
           0xA003: "OUT_OF_DATE_CONFIG_NEEDED", 0xA005: "REVOKED", 0xA007: "SW_HARDENING_NEEDED",
           0xA008: "CONFIG_AND_SW_HARDENING_NEEDED"}


class Collateral(ctypes.Structure):
    """sgx_ql_qve_collateral_t"""

    PARTS = ("pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info",
             "qe_identity_issuer_chain", "qe_identity")
    _fields_ = [("version", ctypes.c_uint32), ("tee_type", ctypes.c_uint32)] + [
        field for part in PARTS
        for field in ((part, ctypes.c_char_p), (part + "_size", ctypes.c_uint32))]

    @classmethod
    def read(cls, directory):
        """The files NAME.pem, NAME.json or NAME.der of `directory`; texts get the NUL they need."""
        out = cls(version=0x00010003)
        for part in cls.PARTS:
            files = sorted(pathlib.Path(directory).glob(part + ".*"))
            if len(files) != 1:
                raise SystemExit(f"{directory} has {len(files)} files {part}.*, expected one")
            content = files[0].read_bytes()
            is_crl = part in ("root_ca_crl", "pck_crl")
            size = len(content) + (0 if is_crl else 1)
            # Bytes end in a NUL that their length does not count.
            setattr(out, part, content)
            setattr(out, part + "_size", size)
        return out


def check(function, code):
    if code != 0:
        raise SystemExit(f"{function} returns 0x{code & 0xFFFF:04x}; "
                         "set QUOTED_DEBUG=1 for the reason")


def make_quote(report):
    library = ctypes.CDLL("libsgx_dcap_ql.so.1")
    target = (ctypes.c_uint8 * 512)()
    # Makes the attestation key ready; an enclave would make its REPORT for this target.
    check("sgx_qe_get_target_info", library.sgx_qe_get_target_info(target))
    size = ctypes.c_uint32()
    check("sgx_qe_get_quote_size", library.sgx_qe_get_quote_size(ctypes.byref(size)))
    quote = (ctypes.c_uint8 * size.value)()
    check("sgx_qe_get_quote", library.sgx_qe_get_quote(report, size, quote))
    return bytes(quote)


def verify(quote, collateral):
    library = ctypes.CDLL("libsgx_dcap_quoteverify.so.1")
    expired = ctypes.c_uint32(1)
    result = ctypes.c_uint32(0xA006)
    check("tee_verify_quote", library.tee_verify_quote(
        quote, ctypes.c_uint32(len(quote)), ctypes.byref(collateral),
        ctypes.c_long(int(time.time())), ctypes.byref(expired), ctypes.byref(result), None, None))
    return RESULTS.get(result.value, f"0x{result.value:04x}"), expired.value != 0


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    report = pathlib.Path(sys.argv[1]).read_bytes()
    if len(report) != 432:
        raise SystemExit(f"{sys.argv[1]} has {len(report)} bytes, a REPORT has 432")
    quote = make_quote(report)
    result, expired = verify(quote, Collateral.read(sys.argv[2]))
    print(f"quote of {len(quote)} bytes, MRENCLAVE {quote[112:144].hex()}")
    print(f"result: {result}{', collateral expired' if expired else ''}")
    sys.exit(0 if result == "OK" and not expired else 1)


if __name__ == "__main__":
    main()
