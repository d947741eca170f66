"""The private authority of the border, and one certificate per NATS server."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.state import write_private

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 825
_RENEW_DAYS = 30


@dataclass(frozen=True)
class Authority:
    """The border's own certificate authority: no public one is ever trusted there."""

    certificate: x509.Certificate
    key: Ed25519PrivateKey

    @classmethod
    def load_or_make(cls, folder: Path) -> "Authority":
        if not (folder / "ca.pem").exists():
            _make_authority(folder)
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the border authority's key is not Ed25519")
        return cls(certificate, key)

    def issue(self, name: str, folder: Path) -> None:
        """Put `cert.pem`, `key.pem` and `ca.pem` into the folder; renewed when little of its life is left."""
        write_private(folder / "ca.pem", _pem(self.certificate))
        if not _expires_soon(folder / "cert.pem"):
            return
        key = Ed25519PrivateKey.generate()
        certificate = (
            _builder(name, self.certificate.subject, key, _SERVER_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(_names(name), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, None)
        )
        write_private(folder / "key.pem", _private_pem(key))
        write_private(folder / "cert.pem", _pem(certificate))


def _make_authority(folder: Path) -> None:
    key = Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Safar border")])
    certificate = (
        _builder("Safar border", subject, key, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, None)
    )
    write_private(folder / "ca.key", _private_pem(key))
    write_private(folder / "ca.pem", _pem(certificate))


def _builder(name: str, issuer: x509.Name, key: Ed25519PrivateKey, days: int) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names(name: str) -> x509.SubjectAlternativeName:
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName(name), loopback])


def _expires_soon(path: Path) -> bool:
    if not path.exists():
        return True
    left = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc - dt.datetime.now(dt.UTC)
    return left < dt.timedelta(days=_RENEW_DAYS)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
