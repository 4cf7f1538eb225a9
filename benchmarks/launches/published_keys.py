"""The key set of the portal, published by a process of its own: over HTTP, and over TLS as portals do it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.launches.portal import Portal
from lti_tool.demo.processes import free_port


@dataclass(frozen=True)
class SecureKeys:
    """Where the key set is over TLS, as portals have it, and the authorities that vouch for it."""

    url: str
    authorities: Path
    """Those of every browser, and ours."""


@contextmanager
def serving_keys(folder: Path, port: int, portal: Portal) -> Iterator[SecureKeys]:
    """The portal's key set at every address of its port, served by a process of its own."""
    keys, certificate, authorities = (folder / name for name in ("keys.json", "portal.pem", "authorities.pem"))
    keys.write_text(portal.key_set())
    private, public = _self_signed()
    certificate.write_bytes(private + public)
    authorities.write_bytes(certifi.contents().encode() + public)
    secure_port = free_port()
    program = str(Path(__file__).with_name("key_server.py"))
    command = [sys.executable, program, str(keys), str(port), str(secure_port), str(certificate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            if server.stdout is None or server.stdout.readline() != b"ready\n":
                raise RuntimeError("the portal's key server does not start")
            yield SecureKeys(f"https://127.0.0.1:{secure_port}/mod/lti/certs.php", authorities)
        finally:
            server.terminate()


def _self_signed() -> tuple[bytes, bytes]:
    """A private key and its certificate for this host, PEM; the kind that shakes hands fastest (P-256)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal of the proof")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM)
