"""A certificate of one's own for a page that is served beyond this machine (X.509, RFC 5280): nobody vouches for it, whoever opens the page
compares its fingerprint with the console's."""

import hashlib
import ipaddress
from collections.abc import Collection
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ..basics.clock import china_time
from ..basics.numbers import UnixMs

DAYS_VALID = 820
"""Browsers take no certificate that is good for more than 825 days."""
COMMON_NAME = "Zhanggui terminal page"


def make_certificate(names: Collection[str], now: UnixMs) -> tuple[bytes, bytes]:
    """A new key and its certificate for these names and addresses: certificate and key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    began = china_time(now) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=DAYS_VALID))
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in dict.fromkeys(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key_pem


def fingerprint(certificate_pem: bytes) -> str:
    """SHA-256 of the certificate as browsers show it, `AB:CD:…`. ValueError when it is none."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return ":".join(
        f"{byte:02X}" for byte in hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
    )


def is_good(certificate_pem: bytes, now: UnixMs) -> bool:
    """Whether it can be read and is in its time."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError:
        return False
    return certificate.not_valid_before_utc <= china_time(now) < certificate.not_valid_after_utc


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
