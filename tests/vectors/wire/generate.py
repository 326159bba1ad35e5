#!/usr/bin/env python3
"""Writes the wire corpus: what every supported client says to the service, and what it needs back.

Facts are those of docs/protocols; requests come from the few lines of protobuf below and never from
the codec of this tree, so that a mistake there cannot hide itself here.

    generate.py             write the files beside this one
    generate.py --check     fail when they are not what this would write
"""
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent

# Numbers of the requests, which their responses share.
INIT_QUOTE, GET_QUOTE, GET_LAUNCH_TOKEN, REPORT_ERROR = 1, 2, 3, 4
WHITE_LIST_SIZE, WHITE_LIST, GET_GROUP, SWITCH_GROUP, REGISTER = 10, 11, 12, 13, 14
INIT_EX, SIZE_EX, QUOTE_EX, CHECK_UPDATE, SELECT, KEY_NUM, KEY_IDS = 15, 16, 17, 18, 19, 21, 22
RESPONSE = {
    1: "initQuoteRes", 2: "getQuoteRes", 3: "getLicTokenRes", 4: "reportErrRes",
    10: "getWhiteListSizeRes", 11: "getWhiteListRes", 12: "sgxGetExtendedEpidGroupIdRes",
    13: "sgxSwitchExtendedEpidGroupRes", 14: "sgxRegisterRes", 15: "initQuoteExRes",
    16: "getQuoteSizeExRes", 17: "getQuoteExRes", 18: "checkUpdateStatusRes",
    19: "selectAttKeyIDRes", 21: "getSupportedAttKeyIDNumRes", 22: "getSupportedAttKeyIDsRes",
}


class Hex:
    """Bytes, some of which only the replaying program knows: its placeholders have a fixed size."""
    SIZES = {"report": 432, "report_altered": 432, "key_id": 256}

    def __init__(self, digits="", size=0):
        self.digits, self.size = digits, size

    def __add__(self, other):
        return Hex(self.digits + other.digits, self.size + other.size)

    @staticmethod
    def of(value):
        return value if isinstance(value, Hex) else Hex(bytes(value).hex(), len(value))

    @staticmethod
    def placeholder(name):
        # Numbers are varints of two bytes, 128 to 16383: quote sizes and lists of ids are.
        return Hex("{" + name + "}", Hex.SIZES.get(name, 2))


def varint(value):
    if isinstance(value, str):
        return Hex.placeholder(value)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return Hex.of(out)


def number(field, value):
    return varint(field << 3) + varint(int(value) if isinstance(value, bool) else value)


def data(field, value):
    value = Hex.of(value)
    return varint(field << 3 | 2) + varint(value.size) + value


def message(*fields):
    return sum((f for f in fields if f is not None), Hex())


def request(kind, *fields):
    return data(kind, message(*fields))


def prefix(body):
    return Hex.of(struct.pack("<I", body.size))


def two_writes(body):
    return [prefix(body), body]


def one_write(body):
    return [prefix(body) + body]


ECDSA_ID = (struct.pack("<HHH", 0, 0, 32)
            + bytes.fromhex("8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff")
            + bytes(16) + struct.pack("<I", 1) + bytes(16 + 64 + 16) + struct.pack("<I", 2))
assert len(ECDSA_ID) == 158
KEY_ID = ECDSA_ID + bytes(98)
# The last of the 158 bytes that tell keys apart.
UNKNOWN_ID = ECDSA_ID[:157] + b"\x7f" + bytes(98)
# A client's own entry, with whatever it has where keys are not told apart.
MARKED_ID = ECDSA_ID + bytes(range(0x40, 0x40 + 98))
KEY = Hex.placeholder("key_id")
REPORT = Hex.placeholder("report")
NONCE = bytes(range(0xA0, 0xB0))
APP_TARGET = (bytes([0x33]) * 32 + struct.pack("<QQ", 5, 7) + bytes(512 - 48))
QE_REPORT_INFO = NONCE + APP_TARGET + bytes(432)
STACK_ADDRESS = 0x7FFD12345678
MAX64 = 2**64 - 1


def init(key, pub_key_id, size=None, timeout=None):
    return request(INIT_EX, data(1, key) if key is not None else None, number(3, pub_key_id),
                   None if size is None else number(4, size),
                   None if timeout is None else number(9, timeout))


def size_ex(key, timeout=None):
    return request(SIZE_EX, data(1, key) if key is not None else None,
                   None if timeout is None else number(9, timeout))


def quote_ex(report, key, buf_size, info=None, timeout=None):
    return request(QUOTE_EX, data(1, report) if report is not None else None,
                   data(2, key) if key is not None else None,
                   None if info is None else data(3, info),
                   None if buf_size is None else number(4, buf_size),
                   None if timeout is None else number(9, timeout))


def select(key_list=None, timeout=None):
    return request(SELECT, None if key_list is None else data(1, key_list),
                   None if timeout is None else number(2, timeout))


def key_num(timeout=None):
    return request(KEY_NUM, None if timeout is None else number(9, timeout))


def key_ids(buf_size, timeout=None):
    return request(KEY_IDS, None if buf_size is None else number(1, buf_size),
                   None if timeout is None else number(9, timeout))


def key_list(*entries, list_id=0, version=0, count=None):
    count = len(entries) if count is None else count
    return struct.pack("<HHI", list_id, version, count) + b"".join(entries)


def answer(kind, code, *rules):
    return [f"answer {RESPONSE[kind]}", f"errorCode value {code}", *rules]


def exactly(body):
    return [f"bytes {Hex.of(bytes.fromhex(body)).digits}"]


def error_only(kind, code):
    return [f"bytes {data(kind, number(1, code)).digits}"]


CLOSED = ["closed"]
FIRST_INIT = answer(INIT_EX, 0, "target_info size 512", "pub_key_id_size value 32")
SECOND_INIT = answer(INIT_EX, 0, "target_info size 512", "target_info nonzero",
                     "pub_key_id_size value 32", "pub_key_id size 32", "pub_key_id nonzero",
                     "save target_info target_info")
SIZE = answer(SIZE_EX, 0, "quote_size range 1456 13346", "save quote_size quote_size")
NUM = answer(KEY_NUM, 0, "att_key_id_num range 1 16", "save key_ids_size att_key_id_num 256")
IDS = answer(KEY_IDS, 0, "att_key_ids size key_ids_size", "save key_id att_key_ids")


def quoted(size, info=False):
    rules = [f"quote size {size}", "quote is-quote"]
    if info:
        rules += ["qe_report_info size 960", f"qe_report_info begins {QE_REPORT_INFO[:528].hex()}",
                  "qe_report_info vouches"]
    return answer(QUOTE_EX, 0, *rules)


def init_error(code, echo):
    return [f"bytes {data(INIT_EX, number(1, code) + number(3, echo)).digits}"]


class Client:
    def __init__(self, name, about, writes):
        self.name, self.about, self.writes = name, about, writes
        self.lines = []

    def say(self, conversation, step, body, expect, **more):
        writes = more["writes"] if "writes" in more else self.writes(body)
        more.pop("writes", None)
        line = {"conversation": conversation, "step": step, "send": [w.digits for w in writes if w.size],
                "expect": expect, **more}
        self.lines.append(line)

    def text(self):
        header = {"format": "quoted-wire-corpus", "version": 1, "client": self.name,
                  "about": self.about}
        return "".join(json.dumps(line) + "\n" for line in [header, *self.lines])


def intel_quote_ex():
    c = Client("intel-quote-ex", "libsgx_quote_ex of Intel: prefix and body in two writes, "
               "timeout 15000 in milliseconds", two_writes)
    t = 15000
    for name, info in [("a quote", None), ("a quote with QE report", QE_REPORT_INFO)]:
        c.say(name, "GetSupportedAttKeyIDNum", key_num(t), NUM)
        c.say(name, "GetSupportedAttKeyIDs", key_ids("key_ids_size", t), IDS)
        c.say(name, "SelectAttKeyID", select(key_list(KEY_ID), t),
              answer(SELECT, 0, f"selected_att_key_id equals {KEY_ID.hex()}"))
        c.say(name, "InitQuoteEx for the size", init(KEY_ID, False, None, t), FIRST_INIT)
        c.say(name, "InitQuoteEx", init(KEY_ID, True, 32, t), SECOND_INIT)
        c.say(name, "GetQuoteSizeEx", size_ex(KEY_ID, t), SIZE)
        c.say(name, "GetQuoteEx", quote_ex(REPORT, KEY_ID, "quote_size", info, t),
              quoted("quote_size", info is not None))
    c.say("any key", "SelectAttKeyID without a list", select(None, t),
          answer(SELECT, 0, "selected_att_key_id size 256"))
    c.say("any key", "SelectAttKeyID without a list, of this service", select(None, t),
          answer(SELECT, 0, f"selected_att_key_id equals {KEY_ID.hex()}"), weight="should")
    c.say("a key that is not there", "SelectAttKeyID", select(key_list(UNKNOWN_ID), t),
          exactly("9a01020826"))
    for value, name in [(STACK_ADDRESS, "a stack address"), (MAX64, "2^64-1"), (31, "31"),
                        (1, "1")]:
        c.say("a size that was not set", f"InitQuoteEx for the size, buf_size {name}",
              init(KEY_ID, False, value, t), FIRST_INIT)
    c.say("a buffer of the caller's size", "InitQuoteEx", init(KEY_ID, True, 32, t), SECOND_INIT)
    c.say("a buffer of the caller's size", "GetQuoteSizeEx", size_ex(KEY_ID, t), SIZE)
    c.say("a buffer of the caller's size", "GetQuoteEx, 1000 bytes more",
          quote_ex(REPORT, KEY_ID, "quote_size+1000", None, t), quoted("quote_size+1000"))
    c.say("a null key id", "GetQuoteSizeEx", size_ex(None, t), exactly("82010408031000"))
    return c


def intel_dcap_ql():
    c = Client("intel-dcap-ql", "libsgx_dcap_ql of Intel with SGX_AESM_ADDR set: four connections "
               "for a quote, the first with a size that was never set", two_writes)
    t = 15000
    for name, garbage in [("a quote", STACK_ADDRESS), ("a quote, size happens to be 0", None)]:
        c.say(name, "InitQuoteEx for the size", init(KEY_ID, False, garbage, t), FIRST_INIT)
        c.say(name, "InitQuoteEx", init(KEY_ID, True, 32, t), SECOND_INIT)
        c.say(name, "GetQuoteSizeEx", size_ex(KEY_ID, t), SIZE)
        c.say(name, "GetQuoteEx", quote_ex(REPORT, KEY_ID, "quote_size", None, t),
              quoted("quote_size"))
    return c


def gramine():
    c = Client("gramine", "Gramine: one InitQuoteEx, a buffer of 8192 bytes, no timeout; it tries "
               "the abstract name sgx_aesm_socket_base before the path", two_writes)
    c.say("a quote", "InitQuoteEx", init(KEY_ID, True, 32), SECOND_INIT)
    c.say("a quote", "GetQuoteEx", quote_ex(REPORT, KEY_ID, 8192), quoted("8192"))
    return c


def fortanix():
    c = Client("fortanix", "aesm-client of Fortanix: one write, timeout 30000000 in what it takes "
               "for microseconds, always a QE report", one_write)
    t = 30000000
    c.say("a quote", "GetSupportedAttKeyIDNum", key_num(t), NUM)
    c.say("a quote", "GetSupportedAttKeyIDs", key_ids("key_ids_size", t), IDS)
    c.say("a quote", "InitQuoteEx for the size", init(KEY, False, None, t), FIRST_INIT)
    c.say("a quote", "InitQuoteEx", init(KEY, True, 32), SECOND_INIT)
    c.say("a quote", "GetQuoteSizeEx", size_ex(KEY, t), SIZE)
    c.say("a quote", "GetQuoteEx", quote_ex(REPORT, KEY, "quote_size", QE_REPORT_INFO, t),
          quoted("quote_size", True))
    c.say("EPID", "InitQuote", request(INIT_QUOTE, number(9, t)), exactly("0a02081e"),
          without_epid=True)
    c.say("EPID", "GetQuote",
          request(GET_QUOTE, data(1, bytes(432)), number(2, 1), data(3, bytes(16)),
                  data(4, bytes(16)), data(5, b""), number(6, 2048), number(7, True), number(9, t)),
          exactly("1202081e"), without_epid=True)
    c.say("a launch token", "GetLaunchToken",
          request(GET_LAUNCH_TOKEN, data(1, bytes([0x11]) * 32), data(2, bytes([0x22]) * 384),
                  data(3, struct.pack("<QQ", 4, 3)), number(9, t)), exactly("1a02081e"),
          without_epid=True)
    return c


def enarx():
    c = Client("enarx", "Enarx: takes the id whose algorithm is 2 and compares the size of the quote "
               "with the size it asked for", two_writes)
    t = 1000000
    c.say("a quote", "GetSupportedAttKeyIDNum", key_num(t), NUM)
    c.say("a quote", "GetSupportedAttKeyIDs", key_ids("key_ids_size", t), IDS)
    c.say("a quote", "InitQuoteEx for the size", init(KEY, False, None, t), FIRST_INIT)
    c.say("a quote", "InitQuoteEx", init(KEY, True, 32, t), SECOND_INIT)
    c.say("a quote", "GetQuoteSizeEx", size_ex(KEY, t), SIZE)
    c.say("a quote", "GetQuoteEx", quote_ex(REPORT, KEY, "quote_size", None, t),
          quoted("quote_size"))
    return c


def open_enclave():
    c = Client("open-enclave", "Open Enclave, through libsgx_quote_ex", two_writes)
    t = 15000
    c.say("a quote", "GetSupportedAttKeyIDNum", key_num(t), NUM)
    c.say("a quote", "GetSupportedAttKeyIDs", key_ids("key_ids_size", t), IDS)
    c.say("a quote", "InitQuoteEx for the size", init(KEY, False, None, t), FIRST_INIT)
    c.say("a quote", "InitQuoteEx", init(KEY, True, 32, t), SECOND_INIT)
    c.say("a quote", "GetQuoteSizeEx", size_ex(KEY, t), SIZE)
    c.say("a quote", "GetQuoteEx", quote_ex(REPORT, KEY, "quote_size", None, t),
          quoted("quote_size"))
    return c


def own():
    c = Client("quoted", "The client of this project: one write, no timeout, a connection for each "
               "call", one_write)
    c.say("a quote", "GetSupportedAttKeyIDNum", key_num(), NUM)
    c.say("a quote", "GetSupportedAttKeyIDs", key_ids("key_ids_size"), IDS)
    c.say("a quote", "InitQuoteEx", init(KEY_ID, True, 32), SECOND_INIT)
    c.say("a quote", "GetQuoteSizeEx", size_ex(KEY_ID), SIZE)
    c.say("a quote", "GetQuoteEx", quote_ex(REPORT, KEY_ID, "quote_size"), quoted("quote_size"))
    c.say("a quote", "GetQuoteEx with QE report",
          quote_ex(REPORT, KEY_ID, "quote_size", QE_REPORT_INFO), quoted("quote_size", True))
    return c


def legacy():
    c = Client("legacy", "Requests of EPID and launch clients to a service that has neither: the "
               "answers tell them that there is no such service", two_writes)
    t = number(9, 15000)
    report_error = (data(1, bytes(101)), number(2, 0), number(3, 64), t)
    check_update = (data(1, bytes(101)), number(2, 64), number(3, 0), t)
    for name, kind, fields, expect in [
            ("InitQuote", INIT_QUOTE, (t,), "0a02081e"),
            ("GetQuote", GET_QUOTE, (data(1, bytes(432)), number(2, 0), data(3, bytes(16)),
                                     number(6, 2048), t), "1202081e"),
            ("GetLaunchToken", GET_LAUNCH_TOKEN, (data(1, bytes(32)), data(2, bytes(384)),
                                                  data(3, bytes(16)), t), "1a02081e"),
            ("ReportAttestationError", REPORT_ERROR, report_error, "2202081e"),
            ("CheckUpdateStatus", CHECK_UPDATE, check_update, "920104081e1800"),
            ("GetWhiteListSize", WHITE_LIST_SIZE, (t,), "5204081e1000"),
            ("GetWhiteList", WHITE_LIST, (number(1, 1024), t), "5a02081e"),
            ("SGXGetExtendedEpidGroupId", GET_GROUP, (t,), "6204081e1000"),
            ("SGXSwitchExtendedEpidGroup", SWITCH_GROUP, (number(1, 0), t), "6a02081e"),
            ("SGXRegister", REGISTER, (data(1, bytes(16)), number(2, 0), t), "7202081e"),
            ("SGXRegister of another data_type", REGISTER,
             (data(1, bytes(16)), number(2, 1), t), "72020803")]:
        c.say(name, name, request(kind, *fields), exactly(expect), without_epid=True)
    for name, kind, extra in [("GetQuote", GET_QUOTE, []), ("GetLaunchToken", GET_LAUNCH_TOKEN, []),
                              ("ReportAttestationError", REPORT_ERROR, []),
                              ("CheckUpdateStatus", CHECK_UPDATE, ["status optional"]),
                              ("SGXRegister", REGISTER, [])]:
        c.say("required fields missing", name, request(kind, t), answer(kind, 1, *extra),
              without_epid=True)
    return c


def requests_at_the_edge(c):
    num = key_num(15000)
    garbage = [("a length of 0", Hex()), ("field 5 alone", data(5, bytes(4))),
               ("field 20 alone", data(20, b"")), ("no message", Hex.of(b"\xff\xff\xff\xff")),
               ("a text", Hex.of(b"GET / HTTP/1.0\r\n\r\n"))]
    for name, body in garbage:
        c.say("no known request: closed without a word", name, body, CLOSED)
    c.say("no known request: closed without a word", "a length just beyond those of requests",
          Hex(), CLOSED, writes=[Hex.of(struct.pack("<I", 65537))], half_close=True)
    c.say("no known request: closed without a word", "a body cut short", num, CLOSED,
          writes=[prefix(num), Hex.of(bytes.fromhex(num.digits)[:-1])], half_close=True)
    c.say("no known request: closed without a word", "nothing at all", Hex(), CLOSED,
          writes=[], half_close=True)
    # The reference daemon makes room for all that is announced.
    c.say("a length that no request has", "4 GiB", Hex(), CLOSED,
          writes=[Hex.of(b"\xff\xff\xff\xff")], weight="should", hostile=True)
    for name, body in [("GetSupportedAttKeyIDNum", num), ("half of it", None)]:
        c.say("a client that leaves", name, num, CLOSED, leaves=True,
              **({} if body else {"writes": [prefix(num), Hex.of(bytes.fromhex(num.digits)[:3])]}))
        c.say("a client that leaves", f"{name}, and the next client", num, NUM)
    c.say("half-close", "answered all the same", num, NUM, half_close=True)
    split = bytes.fromhex((prefix(num) + num).digits)
    c.say("writes of a client", "four pieces", num, NUM,
          writes=[Hex.of(split[:1]), Hex.of(split[1:4]), Hex.of(split[4:6]), Hex.of(split[6:])])
    c.say("writes of a client", "one piece", num, NUM, writes=one_write(num))
    unknown = request(KEY_NUM, number(9, 15000), number(15, 7), data(100, b"new")) + number(99, 1)
    c.say("fields of tomorrow", "GetSupportedAttKeyIDNum", unknown, NUM)
    c.say("fields of tomorrow", "InitQuoteEx",
          request(INIT_EX, data(1, KEY_ID), number(3, True), number(4, 32), data(77, b"new"))
          + data(200, b"new"), SECOND_INIT)
    c.say("several requests", "InitQuoteEx before GetQuoteEx",
          quote_ex(bytes(432), KEY_ID, 8192) + init(KEY_ID, True, 32), SECOND_INIT)
    c.say("several requests, without EPID", "EPID first", num + request(INIT_QUOTE, number(9, 1)),
          exactly("0a02081e"), without_epid=True)
    c.say("several requests, without EPID", "CheckUpdateStatus before InitQuoteEx",
          init(KEY_ID, True, 32) + request(CHECK_UPDATE, number(2, 64), number(3, 0)),
          exactly("920104081e1800"), without_epid=True)
    c.say("garbage behind a request", "answered or closed", num + Hex.of(b"\xff"),
          ["may-close", *NUM])
    c.say("one request in two parts", "InitQuoteEx",
          request(INIT_EX, data(1, KEY_ID), number(4, 32)) + request(INIT_EX, number(3, True)),
          SECOND_INIT, weight="should")
    c.say("others keep the daemon waiting", "GetSupportedAttKeyIDNum", num, NUM, weight="should",
          hostile=True, within=2000,
          neighbours=[split[:end].hex() for end in (0, 1, 4, 5)])
    for timeout in [0, 1, 2**32 - 1]:
        c.say("timeout has no meaning", f"GetSupportedAttKeyIDNum, {timeout}", key_num(timeout),
              NUM)


def edges():
    c = Client("edges", "What no honest client means to send, and what all of them may rely on",
               two_writes)
    # Of a daemon that nobody has asked for anything yet, if this is the first.
    name = "before the first InitQuoteEx"
    c.say(name, "GetQuoteSizeEx", size_ex(KEY_ID), [*SIZE, "or-bytes 820104082a1000"])
    c.say(name, "GetQuoteEx", quote_ex(bytes(432), KEY_ID, 8192),
          [*answer(QUOTE_EX, 47, "qe_report_info optional"), "or-bytes 8a0102082a"])
    requests_at_the_edge(c)

    name = "required fields missing"
    c.say(name, "InitQuoteEx without b_pub_key_id", request(INIT_EX, data(1, KEY_ID)),
          answer(INIT_EX, 1, "pub_key_id_size optional"))
    c.say(name, "GetQuoteEx without report", quote_ex(None, KEY_ID, 8192), error_only(QUOTE_EX, 1))
    c.say(name, "GetQuoteEx without buf_size", quote_ex(bytes(432), KEY_ID, None),
          error_only(QUOTE_EX, 1))
    c.say(name, "GetSupportedAttKeyIDs without buf_size", key_ids(None), error_only(KEY_IDS, 1))

    name = "GetSupportedAttKeyIDs"
    c.say(name, "how many", key_num(), NUM)
    for size in ["key_ids_size-1", "key_ids_size+1", "key_ids_size+256", 0, 255]:
        c.say(name, f"buf_size {size}", key_ids(size), error_only(KEY_IDS, 3))

    name = "SelectAttKeyID"
    for what, entries in [
            ("an empty list", b""), ("a header alone", key_list()),
            ("a byte short", key_list(KEY_ID)[:-1]), ("a byte long", key_list(KEY_ID) + b"\0"),
            ("id 1", key_list(KEY_ID, list_id=1)), ("version 1", key_list(KEY_ID, version=1)),
            ("two announced, one there", key_list(KEY_ID, count=2)),
            ("eleven entries", key_list(*[KEY_ID] * 11))]:
        c.say(name, what, select(entries), error_only(SELECT, 3))
    c.say(name, "an unknown key", select(key_list(UNKNOWN_ID)), exactly("9a01020826"))
    for what, entries in [("the client's own bytes behind the id", (MARKED_ID,)),
                          ("the second of two", (UNKNOWN_ID, MARKED_ID)),
                          ("the last of ten", (*[UNKNOWN_ID] * 9, MARKED_ID))]:
        c.say(name, what, select(key_list(*entries)),
              answer(SELECT, 0, f"selected_att_key_id equals {MARKED_ID.hex()}"))

    name = "InitQuoteEx"
    for size in [0, 31, 33, 256, MAX64]:
        c.say(name, f"buf_size {size}", init(KEY_ID, True, size), init_error(3, size))
    c.say(name, "no buf_size", init(KEY_ID, True), init_error(3, 0))
    c.say(name, "no key id", init(None, True, 32), init_error(3, 32))
    c.say(name, "255 bytes of key id", init(KEY_ID[:255], True, 32), init_error(3, 32))
    c.say(name, "158 bytes of key id", init(ECDSA_ID, True, 32), init_error(3, 32))
    c.say(name, "257 bytes of key id", init(KEY_ID + b"\0", True, 32), SECOND_INIT)
    c.say(name, "other bytes behind the 158", init(MARKED_ID, True, 32), SECOND_INIT)
    c.say(name, "an unknown key", init(UNKNOWN_ID, True, 32), exactly("7a0408261820"))
    c.say(name, "an unknown key, for the size", init(UNKNOWN_ID, False), init_error(38, 0))

    name = "GetQuoteSizeEx"
    c.say(name, "InitQuoteEx", init(KEY_ID, True, 32), SECOND_INIT)
    c.say(name, "other bytes behind the 158", size_ex(MARKED_ID), SIZE)
    c.say(name, "255 bytes of key id", size_ex(KEY_ID[:255]), exactly("82010408031000"))
    c.say(name, "an unknown key", size_ex(UNKNOWN_ID), exactly("82010408261000"))

    name = "GetQuoteEx"
    c.say(name, "InitQuoteEx", init(KEY_ID, True, 32), SECOND_INIT)
    c.say(name, "GetQuoteSizeEx", size_ex(KEY_ID), SIZE)
    error = [f"answer {RESPONSE[QUOTE_EX]}", "qe_report_info optional"]

    def refused(what, body, code):
        c.say(name, what, body, [*error, f"errorCode value {code}"])

    refused("no key id", quote_ex(REPORT, None, "quote_size"), 3)
    refused("255 bytes of key id", quote_ex(REPORT, KEY_ID[:255], "quote_size"), 3)
    refused("an unknown key", quote_ex(REPORT, UNKNOWN_ID, "quote_size"), 38)
    refused("an unknown key and a short REPORT", quote_ex(bytes(431), UNKNOWN_ID, "quote_size"), 38)
    for size in [0, 384, 431, 433, 512]:
        refused(f"a REPORT of {size} bytes", quote_ex(bytes(size), KEY_ID, "quote_size"), 3)
    for size in [0, 528, 959, 961]:
        refused(f"qe_report_info of {size} bytes",
                quote_ex(REPORT, KEY_ID, "quote_size", bytes(size)), 3)
    refused("a byte too little room", quote_ex(REPORT, KEY_ID, "quote_size-1"), 3)
    refused("no room", quote_ex(REPORT, KEY_ID, 0), 3)
    refused("an altered REPORT", quote_ex(Hex.placeholder("report_altered"), KEY_ID, "quote_size"),
            47)
    refused("an altered REPORT, with QE report",
            quote_ex(Hex.placeholder("report_altered"), KEY_ID, "quote_size", QE_REPORT_INFO), 47)
    c.say(name, "other bytes behind the 158", quote_ex(REPORT, MARKED_ID, "quote_size"),
          quoted("quote_size"))
    c.say(name, "room for 64 bytes more, with QE report",
          quote_ex(REPORT, KEY_ID, "quote_size+64", QE_REPORT_INFO), quoted("quote_size+64", True))
    c.say(name, "half-close", quote_ex(REPORT, KEY_ID, 8192), quoted("8192"), half_close=True)

    # The reference daemon makes that room before it looks at the REPORT.
    name = "GetQuoteEx with more room than any quote needs"
    c.say(name, "InitQuoteEx", init(KEY_ID, True, 32), SECOND_INIT)
    c.say(name, "a byte above 1 MiB", quote_ex(REPORT, KEY_ID, 2**20 + 1),
          [*error, "errorCode value 3"], weight="should", hostile=True)
    c.say(name, "2^31 bytes", quote_ex(REPORT, KEY_ID, 2**31), [*error, "errorCode value 3"],
          weight="should", hostile=True)
    return c


def check_encoder():
    """Against the vectors of the protocol's description, made by the reference serialiser."""
    for body, expected in [
            (key_num(15000), "aa0103489875"), (key_ids(256, 15000), "b2010608800248" "9875"),
            (select(None, 15000), "9a0103109875"),
            (request(INIT_QUOTE, number(9, 15000)), "0a03489875"),
            (data(KEY_NUM, number(1, 0) + number(2, 1)), "aa010408001001"),
            (data(SELECT, number(1, 38)), "9a01020826"),
            (data(INIT_EX, number(1, 38) + number(3, 32)), "7a0408261820"),
            (data(SIZE_EX, number(1, 0) + number(2, 4600)), "820105080010f823"),
            (data(SIZE_EX, number(1, 42) + number(2, 0)), "820104082a1000"),
            (data(QUOTE_EX, number(1, 42)), "8a0102082a")]:
        assert body.digits == expected, (body.digits, expected)


def main():
    check_encoder()
    stale = []
    clients = [intel_quote_ex(), intel_dcap_ql(), gramine(), fortanix(), enarx(), open_enclave(),
               own(), legacy(), edges()]
    files = {f"{client.name}.jsonl": client.text() for client in clients}
    if "--check" in sys.argv[1:]:
        present = {path.name: path.read_text() for path in HERE.glob("*.jsonl")}
        stale = sorted(name for name in files.keys() | present.keys()
                       if files.get(name) != present.get(name))
        for name in stale:
            print(f"{name} is not what generate.py writes")
        return 1 if stale else 0
    for name, text in files.items():
        (HERE / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
