"""A card terminal in one file, as anybody would write it who has to talk to the host and has never seen its source.

It stands on two libraries from the package index, and on nothing else of this distribution:

    pip install pyiso8583 psec

    python foreign_terminal.py 127.0.0.1 8583        one session with the demo host: sign in, sell, reverse, in hexadecimal

docs/guides/talk-to-the-host.md explains each step with the bytes of a true session.
"""

import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

import iso8583
from psec import des, pinblock

Fields = dict[str, str]
"""A message as pyiso8583 has it: "t" is the message type, "4" is field 4. Digits as text, bytes as hexadecimal text."""

# --------------------------------------------------------------------------------------------------------- field table


def digits(length: int, prefix_bytes: int = 0, pad: str = "right_pad") -> dict[str, object]:
    """A field of digits: two to a byte, its length counted in digits, an odd one filled with a zero on one side."""
    layout = {"data_enc": "b", "len_enc": "bcd", "len_type": prefix_bytes, "max_len": length}
    return {**layout, "len_count": "nibbles", pad: "0"}


def text(length: int, prefix_bytes: int = 0) -> dict[str, object]:
    """A field of characters; Chinese ones take two bytes."""
    return {"data_enc": "gb18030", "len_enc": "bcd", "len_type": prefix_bytes, "max_len": length}


def raw(length: int, prefix_bytes: int = 0) -> dict[str, object]:
    """A field of bytes."""
    return {"data_enc": "b", "len_enc": "bcd", "len_type": prefix_bytes, "max_len": length}


LL, LLL = 1, 2
"""Bytes of the length before a field: two or three digits, two to a byte."""

SPEC = {
    "h": text(0),
    "t": raw(2),
    "p": raw(8),
    "1": raw(8),
    "2": digits(19, LL),  # card number
    "3": digits(6),  # processing code
    "4": digits(12),  # amount in fen
    "11": digits(6),  # trace number
    "12": digits(6),  # host time hhmmss
    "13": digits(4),  # host date MMDD
    "14": digits(4),  # card expiry YYMM
    "15": digits(4),  # settlement date MMDD
    "22": digits(3),  # entry mode
    "23": digits(3, pad="left_pad"),  # card sequence number
    "25": digits(2),  # condition code
    "26": digits(2),  # longest PIN
    "32": digits(11, LL),  # acquirer code
    "35": digits(37, LL),  # track 2, with D for =
    "37": text(12),  # reference number
    "38": text(6),  # authorisation code
    "39": text(2),  # response code
    "41": text(8),  # terminal number
    "42": text(15),  # merchant number
    "44": text(25, LL),  # issuer and acquirer
    "48": digits(322, LLL),  # totals, or details of a batch
    "49": text(3),  # currency
    "52": raw(8),  # PIN block
    "53": digits(16),  # what field 52 is: format and key
    "54": text(40, LLL),  # what the account holds
    "55": raw(255, LLL),  # chip data
    "59": text(999, LLL),  # payment code or payment voucher
    "60": digits(17, LLL),  # type, batch, network code
    "61": digits(29, LLL),  # batch and trace of the payment that this one is about
    "62": raw(512, LLL),  # working keys
    "63": text(163, LLL),  # operator
    "64": raw(8),  # MAC
}

# ---------------------------------------------------------------------------------------------------------------- keys

KEY_NAMES = {"001": ("PIK", "MAK"), "003": ("PIK", "MAK"), "004": ("PIK", "MAK", "TDK")}
"""What field 62 of a sign-in answer holds, by the network code that was asked for."""
CHECK_BYTES = 4


class WrongKey(Exception):
    """A key's check value does not fit: the master key here is not the master key there."""


class WrongMac(Exception):
    """The answer was not made by the host: take it for no answer at all, and reverse."""


def open_working_keys(field_62: bytes, network_code: str, master_key: bytes) -> dict[str, bytes]:
    """The working keys, each decrypted under the master key and compared with its check value.

    A single-length MAK stands in a place of sixteen bytes as eight enciphered bytes and eight zero bytes.
    """
    width = 8 if network_code == "001" else 16
    keys = {}
    for at, name in enumerate(KEY_NAMES[network_code]):
        start = at * (width + CHECK_BYTES)
        enciphered, check = field_62[start : start + width], field_62[start + width :][:CHECK_BYTES]
        if name == "MAK" and enciphered.endswith(bytes(8)):
            enciphered = enciphered[:8]
        key = des.decrypt_tdes_ecb(master_key, enciphered)
        if des.encrypt_tdes_ecb(key, bytes(8))[:CHECK_BYTES] != check:
            raise WrongKey(f"check value of the {name}")
        keys[name] = key
    if len(field_62) != len(keys) * (width + CHECK_BYTES):
        raise WrongKey("field 62 holds another number of keys")
    return keys


def make_mac(mac_key: bytes, covered: bytes) -> bytes:
    """UnionPay's ECB method over everything from the message type to the end of field 63."""
    folded = bytes(8)
    for at in range(0, len(covered), 8):
        block = covered[at : at + 8].ljust(8, b"\0")
        folded = bytes(left ^ right for left, right in zip(folded, block, strict=True))
    characters = folded.hex().upper().encode()
    first = des.encrypt_tdes_ecb(mac_key, characters[:8])
    second = bytes(left ^ right for left, right in zip(first, characters[8:], strict=True))
    return des.encrypt_tdes_ecb(mac_key, second).hex().upper().encode()[:8]


# ---------------------------------------------------------------------------------------------------------------- line


class Line:
    """One TCP connection to the host. A frame is two bytes of length and as many bytes of payload."""

    def __init__(self, host: str, port: int, timeout_s: float = 10.0) -> None:
        self.socket = socket.create_connection((host, port), timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, payload: bytes) -> None:
        self.socket.sendall(len(payload).to_bytes(2, "big") + payload)

    def receive(self) -> bytes:
        return self._read(int.from_bytes(self._read(2), "big"))

    def ask(self, payload: bytes) -> bytes:
        self.send(payload)
        return self.receive()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise ConnectionError("the host closed the line")
            data += chunk
        return data

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()


# ------------------------------------------------------------------------------------------------------------ terminal

TPDU = bytes.fromhex("6000030000")
HEADER = bytes.fromhex("602200000000")
HEAD_BYTES = len(TPDU) + len(HEADER)


@dataclass(frozen=True)
class Card:
    """A card with a magnetic stripe."""

    number: str
    expiry: str
    pin: str = "123456"
    track_rest: str = "2200000000000"

    @property
    def track2(self) -> str:
        return f"{self.number}D{self.expiry}{self.track_rest}"


TEST_CARD = Card("6217000000000000012", "4912")


class ForeignTerminal:
    """A terminal that counts its trace numbers, keeps its keys, and builds and reads messages. It does no input or output."""

    def __init__(self, terminal_no: str, merchant_no: str, master_key: bytes, operator_no: str = "01") -> None:
        self.terminal_no = terminal_no
        self.merchant_no = merchant_no
        self.master_key = master_key
        self.operator_no = operator_no
        self.batch_no = "000001"
        self.trace = 0
        self.keys: dict[str, bytes] = {}

    # Messages without their MAC.

    def sign_in(self, network_code: str = "003") -> Fields:
        """0800: asks for working keys. 003: PIN and MAC key, double length; 004: a track key too; 001: single length."""
        return self._identified("0800", {"60": f"00{self.batch_no}{network_code}", "63": f"{self.operator_no} "})

    def sign_off(self) -> Fields:
        """0820 with 002."""
        return self._identified("0820", {"60": f"00{self.batch_no}002"})

    def echo(self) -> Fields:
        """0820 with 301."""
        return self._identified("0820", {"60": f"00{self.batch_no}301"})

    def sale(self, amount_fen: int, card: Card = TEST_CARD, *, pin: str | None = None) -> Fields:
        """0200 for a swiped card with its PIN."""
        return self._identified(
            "0200",
            {
                "3": "000000",
                "4": f"{amount_fen:012d}",
                "22": "021",
                "25": "00",
                "26": "06",
                "35": card.track2,
                "49": "156",
                "52": self.pin_block(pin or card.pin, card.number).hex().upper(),
                "53": "2600000000000000",
                "60": f"22{self.batch_no}00050",
                "63": f"{self.operator_no} ",
            },
        )

    def balance(self, card: Card = TEST_CARD, *, pin: str | None = None) -> Fields:
        """0200 that asks what the account holds: as a sale, without an amount."""
        sale = self.sale(0, card, pin=pin)
        return {**{name: value for name, value in sale.items() if name != "4"}, "3": "310000"} | {
            "60": f"01{self.batch_no}00050"
        }

    def void(self, sale: Fields, sold: Fields, card: Card = TEST_CARD) -> Fields:
        """0200 that takes a sale back, whole: the request of the sale and its answer name it in 37 and 61."""
        fields = {
            name: value for name, value in self.sale(int(sale["4"]), card).items() if name not in ("26", "52", "53")
        }
        named = {"37": sold["37"], "61": f"{sale['60'][2:8]}{sale['11']}"}
        return {**fields, **named, "3": "200000", "60": f"23{self.batch_no}00050"}

    def qr_sale(self, amount_fen: int, code: str) -> Fields:
        """0200 for the code on a customer's phone: told from a card's by 22 = 032, and the code stands in 59, tag A3."""
        card = ("26", "35", "52", "53")
        fields = {name: value for name, value in self.sale(amount_fen).items() if name not in card}
        return {**fields, "22": "032", "59": f"A3{len(code):03d}{code}"}

    def qr_void(self, sale: Fields, sold: Fields) -> Fields:
        """0200 that takes it back: 61 names it, and in 59 its payment voucher (A4) as the answer had it."""
        fields = {**self.qr_sale(int(sale["4"]), ""), "59": sold["59"], "61": f"{sale['60'][2:8]}{sale['11']}"}
        return {**fields, "3": "200000", "60": f"23{self.batch_no}00050"}

    def qr_refund(self, sale: Fields, sold: Fields, amount_fen: int) -> Fields:
        """0220 that gives a part of it back, or all, in whatever batch: by its voucher alone, with zeros in 61 but for its day."""
        fields = {**self.qr_sale(amount_fen, ""), "59": sold["59"], "61": f"{'0' * 12}{sold['13']}"}
        return {**fields, "t": "0220", "3": "200000", "60": f"25{self.batch_no}00050"}

    def refund(self, sale: Fields, sold: Fields, amount_fen: int, card: Card = TEST_CARD) -> Fields:
        """0220 that gives a part of a sale back, or all: in whatever batch, found by its reference number (37) and its day (61.3)."""
        named = {"37": sold["37"], "61": f"{sale['60'][2:8]}{sale['11']}{sold['13']}"}
        asked = {**self._about(self.sale(amount_fen, card)), **named}
        return {**asked, "t": "0220", "3": "200000", "60": f"25{self.batch_no}00050"}

    def preauth(self, amount_fen: int, card: Card = TEST_CARD) -> Fields:
        """0100 that has money held on the account: as a sale, with another condition (25 = 06)."""
        return {**self.sale(amount_fen, card), "t": "0100", "3": "030000", "25": "06", "60": f"10{self.batch_no}00050"}

    def preauth_cancel(self, held: Fields, approved: Fields, card: Card = TEST_CARD) -> Fields:
        """0100 that lets go of what is held: the authorisation code (38) and the day name it, in whatever batch."""
        asked = {**self._about(self.preauth(int(held["4"]), card)), **self._named(approved)}
        return {**asked, "3": "200000", "60": f"11{self.batch_no}00050"}

    def completion(self, approved: Fields, amount_fen: int, card: Card = TEST_CARD) -> Fields:
        """0200 that takes what was held, or up to 115 % of it."""
        asked = {**self._about(self.preauth(amount_fen, card)), **self._named(approved)}
        return {**asked, "t": "0200", "3": "000000", "60": f"20{self.batch_no}00050"}

    def completion_notice(self, approved: Fields, amount_fen: int, card: Card = TEST_CARD) -> Fields:
        """0220: the same, told and not asked; it is sent again until it is answered, and no reversal undoes it."""
        return {**self.completion(approved, amount_fen, card), "t": "0220", "60": f"24{self.batch_no}00050"}

    def completion_void(self, completion: Fields, completed: Fields, card: Card = TEST_CARD) -> Fields:
        """0200 that takes a completion back, whole, in its batch; the pre-authorisation stands again."""
        asked = self._about(self.preauth(int(completion["4"]), card))
        named = {"37": completed["37"], "61": f"{completion['60'][2:8]}{completion['11']}{completed['13']}"}
        return {**asked, **named, "t": "0200", "3": "200000", "60": f"21{self.batch_no}00050"}

    def preauth_increment(self, approved: Fields, amount_fen: int, card: Card = TEST_CARD) -> Fields:
        """0100 that has more held (25 = 60)."""
        return {**self._about(self.preauth(amount_fen, card)), **self._named(approved), "25": "60"}

    @staticmethod
    def _named(approved: Fields) -> Fields:
        """A pre-authorisation by its code and its day; batch and trace stay zeros, as of a slip that somebody brings back."""
        return {"38": approved["38"], "61": f"{'0' * 12}{approved['13']}"}

    @staticmethod
    def _about(sale: Fields) -> Fields:
        """A payment about another needs no PIN: a supervisor stands beside it."""
        return {name: value for name, value in sale.items() if name not in ("26", "52", "53")}

    def reversal(self, sale: Fields, reason: str = "98") -> Fields:
        """0400 for a sale: its trace number, its amount, no card data, and why. 98: no answer came in time."""
        kept = ("3", "4", "11", "22", "25", "41", "42", "49", "60", "61")
        fields: Fields = {name: sale[name] for name in kept if name in sale}
        return {"t": "0400", **fields, "39": reason}

    def script_notice(self, sale: Fields, sold: Fields, results: str) -> Fields:
        """0620 with 951: what became of an issuer's scripts that came with the answer to a sale by chip. Five bytes each, in DF31."""
        repeated = {name: sale[name] for name in ("3", "4", "22", "25", "49")}
        named = {"32": sold["32"], "37": sold["37"], "61": f"{sale['60'][2:8]}{sale['11']}{sold['13']}"}
        told = f"95050000048000DF31{len(results) // 2:02X}{results}"
        return self._identified("0620", {**repeated, **named, "55": told, "60": f"00{self.batch_no}951"})

    def _identified(self, message_type: str, fields: Fields) -> Fields:
        self.trace = self.trace % 999_999 + 1
        return {"t": message_type, "11": f"{self.trace:06d}", "41": self.terminal_no, "42": self.merchant_no, **fields}

    def pin_block(self, pin: str, card_number: str) -> bytes:
        """ISO 9564 format 0 under the PIN key."""
        return bytes(des.encrypt_tdes_ecb(self.keys["PIK"], pinblock.encode_pinblock_iso_0(pin, card_number)))

    # From fields to payloads and back.

    def plain(self, fields: Fields) -> bytes:
        """The payload of a message that needs no MAC."""
        encoded, _ = iso8583.encode(dict(fields), SPEC)
        return TPDU + HEADER + bytes(encoded)

    def signed(self, fields: Fields) -> bytes:
        """The payload of a message with its MAC in field 64."""
        payload = self.plain({**fields, "64": "00" * 8})
        return payload[:-8] + make_mac(self.keys["MAK"], payload[HEAD_BYTES:-8])

    def read(self, payload: bytes) -> Fields:
        """The fields of an answer; WrongMac when it carries a MAC that does not fit, or is approved without one."""
        body = payload[HEAD_BYTES:]
        fields, _ = iso8583.decode(body, SPEC)
        if "64" in fields:
            if make_mac(self.keys["MAK"], body[:-8]) != body[-8:]:
                raise WrongMac(fields["t"])
        elif fields["t"] in ("0110", "0210", "0230", "0410") and fields.get("39") == "00":
            raise WrongMac(fields["t"])
        return dict(fields)

    def take_keys(self, answer: Fields, network_code: str) -> None:
        """Take the working keys and the host's batch number out of a sign-in answer."""
        self.keys = open_working_keys(bytes.fromhex(answer["62"]), network_code, self.master_key)
        self.batch_no = answer["60"][2:8]

    # The usual exchanges.

    def go_sign_in(self, line: Line, network_code: str = "003") -> Fields:
        """Sign in and take the keys. The answer's field 39 says whether it went well."""
        answer = self.read(line.ask(self.plain(self.sign_in(network_code))))
        if answer["39"] == "00":
            self.take_keys(answer, network_code)
        return answer

    def ask(self, line: Line, fields: Fields) -> Fields:
        """Send a payment or a reversal with its MAC, and read the answer."""
        return self.read(line.ask(self.signed(fields)))


# ------------------------------------------------------------------------------------------------------------- session

DEMO_TERMINAL, DEMO_MERCHANT = "20000001", "102100058120001"
DEMO_MASTER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def session(line: Line, terminal: ForeignTerminal) -> Iterator[tuple[str, bytes, bytes]]:
    """Sign in, sell for 128.50, reverse the sale: name, payload sent, payload received."""
    request = terminal.plain(terminal.sign_in("003"))
    answer = line.ask(request)
    yield "sign-in", request, answer
    terminal.take_keys(terminal.read(answer), "003")
    sale = terminal.sale(128_50)
    request = terminal.signed(sale)
    answer = line.ask(request)
    yield "sale", request, answer
    terminal.read(answer)
    request = terminal.signed(terminal.reversal(sale))
    answer = line.ask(request)
    yield "reversal", request, answer
    terminal.read(answer)


def main(host: str, port: int) -> None:
    """Print one session."""
    with Line(host, port) as line:
        terminal = ForeignTerminal(DEMO_TERMINAL, DEMO_MERCHANT, DEMO_MASTER_KEY)
        for name, request, answer in session(line, terminal):
            print(name)
            for arrow, payload in (("→", request), ("←", answer)):
                print(f"{arrow} {len(payload):04X}{payload.hex().upper()}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
