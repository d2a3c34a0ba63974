"""Certificates to start with: a small authority and what it issues, or one without an authority.

https://www.rfc-editor.org/rfc/rfc5280 (profile), https://www.rfc-editor.org/rfc/rfc5958 (keys)

Keys are EC P-256, signatures ECDSA with SHA-256: every client of the last ten years takes them.
Whoever has an authority of their own needs nothing of this.

- What an authority issues ends with it at the latest.
- A certificate begins an hour early, for machines whose clock is behind.
- A server certificate that vouches for itself is no authority: who trusts it trusts nothing else.
"""

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from Crypto.PublicKey.ECC import EccKey

AUTHORITY_DAYS = 3650
ISSUED_DAYS = 825
"""The longest that Apple's clients take: https://support.apple.com/103769"""

_EARLY = timedelta(hours=1)
_SERIAL_BITS = 127  # positive, and at most 20 octets (RFC 5280, 4.1.2.2)
_MOST_NAME = 64  # ub-common-name, ub-organizational-unit-name (RFC 5280, A.1)
_UTC_TIME_ENDS = 2050  # RFC 5280, 4.1.2.5
_CURVE = "P-256"
_NUMBER_BYTES = 32
_NAMELESS = "ferrox"

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_is_dns_name = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*", re.ASCII).fullmatch


class Issued(NamedTuple):
    """A certificate and its private key (PKCS #8, not encrypted), each as PEM."""

    certificate: str
    key: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as tools show it: pairs of hexadecimal digits and colons."""
        return fingerprint(self.certificate)


class _Purpose(NamedTuple):
    """What a certificate may be used for."""

    key_usage: frozenset[str]
    extended: tuple[str, ...] = ()
    is_authority: bool = False


_AUTHORITY = _Purpose(frozenset({"key_cert_sign", "crl_sign"}), is_authority=True)
_SERVER = _Purpose(frozenset({"digital_signature"}), ("server_auth",))
_CLIENT = _Purpose(frozenset({"digital_signature"}), ("client_auth",))


def make_authority(common_name: str, now_ms: int, *, days: int = AUTHORITY_DAYS) -> Issued:
    """An authority that issues certificates of servers and clients, and no further authorities."""
    return _make(_AUTHORITY, {"common_name": common_name}, (), now_ms, days)


def make_server(
    names: Sequence[str], now_ms: int, *, authority: Issued | None = None, days: int = ISSUED_DAYS
) -> Issued:
    """A certificate for a server; one that vouches for itself when there is no authority.

    names   host names, `*.` in front of one for those below it, and IP addresses
    raises  ValueError for what is none, or an authority that cannot be used
    """
    if not names:
        raise ValueError("a server needs a name")
    for name in names:
        _general_name(name)
    first = names[0] if len(names[0]) <= _MOST_NAME else _NAMELESS
    return _make(_SERVER, {"common_name": first}, names, now_ms, days, authority=authority)


def make_client(
    common_name: str,
    now_ms: int,
    *,
    authority: Issued,
    organizational_unit: str = "",
    days: int = ISSUED_DAYS,
) -> Issued:
    """A certificate for a client; its subject says who it is and, if wanted, of which unit."""
    subject = {"common_name": common_name}
    if organizational_unit:
        subject["organizational_unit_name"] = organizational_unit
    return _make(_CLIENT, subject, (), now_ms, days, authority=authority)


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate (PEM) in pairs of hexadecimal digits with colons between them."""
    return hashlib.sha256(_der(certificate, "CERTIFICATE")).digest().hex(":").upper()


class Facts(NamedTuple):
    """What a server wants to know of a certificate: DNS names in lower case, IPs, and its end."""

    names: tuple[str, ...]
    ends_ms: int
    addresses: tuple[str, ...] = ()


def facts_of(certificate: str) -> Facts:
    """What the first certificate of a PEM text says; ValueError when that cannot be read.

    Where there are no alternative names, the common name is one, as clients once had it.
    """
    from asn1crypto import x509

    parsed = x509.Certificate.load(_der(certificate, "CERTIFICATE"))
    found = parsed.subject_alt_name_value
    if found is None:
        names, addresses = [parsed.subject.native.get("common_name", "")], []
    else:
        names = [one.native for one in found if one.name == "dns_name"]
        addresses = [one.native for one in found if one.name == "ip_address"]
    return Facts(
        tuple(str(name).lower() for name in names if name),
        round(parsed.not_valid_after.timestamp() * 1000),
        tuple(addresses),
    )


def _make(
    purpose: _Purpose,
    subject: dict[str, str],
    names: Iterable[str],
    now_ms: int,
    days: int,
    *,
    authority: Issued | None = None,
) -> Issued:
    from Crypto.PublicKey import ECC

    for text in subject.values():
        _check_name(text)
    key = ECC.generate(curve=_CURVE)
    begins = datetime.fromtimestamp(now_ms // 1000, UTC) - _EARLY
    ends = begins + timedelta(days=days)
    parent, parent_key = None, key
    if authority is not None:
        parent, parent_key = _opened(authority, begins + _EARLY)
        ends = min(ends, parent.not_valid_after)
    details = _details(purpose, subject, names, key, parent)
    details["validity"] = {"not_before": _time(begins), "not_after": _time(ends)}
    certificate = _signed(details, parent_key)
    return Issued(_pem(certificate, "CERTIFICATE"), _pem(_private(key), "PRIVATE KEY"))


def _details(
    purpose: _Purpose,
    subject: dict[str, str],
    names: Iterable[str],
    key: "EccKey",
    parent: "Certificate | None",
) -> dict[str, Any]:
    """What a certificate says, in the words of asn1crypto, but for its validity."""
    from asn1crypto import x509

    name = x509.Name.build(subject)
    return {
        "version": "v3",
        "serial_number": secrets.randbits(_SERIAL_BITS) + 1,
        "signature": {"algorithm": "sha256_ecdsa"},
        "issuer": name if parent is None else parent.subject,
        "subject": name,
        "subject_public_key_info": {
            "algorithm": {"algorithm": "ec", "parameters": ("named", "secp256r1")},
            "public_key": _point(key),
        },
        "extensions": [
            {"extn_id": name, "critical": is_critical, "extn_value": value}
            for name, is_critical, value in _extensions(purpose, names, key, parent)
        ],
    }


def _extensions(
    purpose: _Purpose, names: Iterable[str], key: "EccKey", parent: "Certificate | None"
) -> list[tuple[str, bool, object]]:
    """Name, whether it is critical, and value of each (RFC 5280, 4.2.1)."""
    own_id = _key_id(_point(key))
    parent_id = own_id if parent is None else parent.key_identifier
    constraints = {"ca": True, "path_len_constraint": 0} if purpose.is_authority else {"ca": False}
    extensions: list[tuple[str, bool, object]] = [
        ("basic_constraints", True, constraints),
        ("key_usage", True, set(purpose.key_usage)),
        ("key_identifier", False, own_id),
        ("authority_key_identifier", False, {"key_identifier": parent_id}),
    ]
    if purpose.extended:
        extensions.append(("extended_key_usage", False, list(purpose.extended)))
    alternatives = [_general_name(name) for name in dict.fromkeys(names)]
    if alternatives:
        extensions.append(("subject_alt_name", False, alternatives))
    return extensions


def _signed(details: dict[str, Any], key: "EccKey") -> bytes:
    from asn1crypto import x509
    from Crypto.Hash import SHA256
    from Crypto.Signature import DSS

    to_be_signed = x509.TbsCertificate(details)
    signature = DSS.new(key, "fips-186-3", encoding="der").sign(SHA256.new(to_be_signed.dump()))
    certificate = x509.Certificate(
        {
            "tbs_certificate": to_be_signed,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature_value": signature,
        }
    )
    return bytes(certificate.dump())


def _opened(authority: Issued, now: datetime) -> "tuple[Certificate, EccKey]":
    """An authority that can issue now."""
    from asn1crypto import keys, x509
    from Crypto.PublicKey import ECC

    certificate = x509.Certificate.load(_der(authority.certificate, "CERTIFICATE"))
    private = keys.PrivateKeyInfo.load(_der(authority.key, "PRIVATE KEY"))
    try:
        number = private["private_key"].parsed["private_key"].native
        key = ECC.construct(curve=_CURVE, d=number)
        is_its_key = certificate.public_key["public_key"].native == _point(key)
        is_authority = bool(certificate.ca)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the authority has no key of the curve P-256") from error
    if not is_its_key:
        raise ValueError("the key is not that of the authority's certificate")
    if not is_authority:
        raise ValueError("the certificate is not that of an authority")
    if not certificate.not_valid_before <= now < certificate.not_valid_after:
        raise ValueError("the authority's certificate is not valid now")
    return certificate, key


def _private(key: "EccKey") -> bytes:
    from asn1crypto import keys

    own = keys.ECPrivateKey(
        {"version": "ecPrivkeyVer1", "private_key": int(key.d), "public_key": _point(key)}
    )
    own["private_key"].set_encoded_width(_NUMBER_BYTES)
    algorithm = {"algorithm": "ec", "parameters": ("named", "secp256r1")}
    info = keys.PrivateKeyInfo(
        {"version": 0, "private_key_algorithm": algorithm, "private_key": own}
    )
    return bytes(info.dump())


def _point(key: "EccKey") -> bytes:
    """A public key, not compressed (RFC 5480, 2.2)."""
    x, y = (int(number).to_bytes(_NUMBER_BYTES, "big") for number in (key.pointQ.x, key.pointQ.y))
    return b"\4" + x + y


def _key_id(point: bytes) -> bytes:
    """RFC 7093, 2, method 1: 160 bits of a digest that is not SHA-1."""
    return hashlib.sha256(point).digest()[:20]


def _general_name(name: str) -> object:
    from asn1crypto import x509

    try:
        return x509.GeneralName("ip_address", str(ipaddress.ip_address(name)))
    except ValueError:
        pass
    if len(name) > 253 or not _is_dns_name(name.lower()):
        raise ValueError(f"{name!r} is neither a host name nor an IP address")
    return x509.GeneralName("dns_name", name.lower())


def _check_name(text: str) -> None:
    if not 1 <= len(text) <= _MOST_NAME or not text.isprintable():
        raise ValueError(f"a name in a certificate has 1 to {_MOST_NAME} visible characters")


def _time(instant: datetime) -> object:
    from asn1crypto import x509

    kind = "utc_time" if instant.year < _UTC_TIME_ENDS else "general_time"
    return x509.Time(kind, instant)


def _pem(der: bytes, kind: str) -> str:
    from asn1crypto import pem

    return bytes(pem.armor(kind, der)).decode("ascii")


def _der(text: str, kind: str) -> bytes:
    """The first thing of a kind in a PEM text."""
    from asn1crypto import pem

    try:
        for found, _, der in pem.unarmor(text.encode(), multiple=True):
            if found == kind:
                return bytes(der)
    except ValueError:
        pass
    raise ValueError(f"there is no {kind} in PEM form")
