"""Credentials, certificates and faults of a served API server."""

from __future__ import annotations

import base64
import datetime
import json
import sys
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import collect, connect
from readiness_kit.snapshot import Snapshot
from tests.collect.conftest import READS, small
from tests.support.served import Fault, Reply, Request, ServedCluster

TOKEN = "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu"


@pytest.fixture
def cluster() -> Iterator[ServedCluster]:
    with ServedCluster(small(), token=TOKEN) as served:
        yield served


def plugin(folder: Path, *lines: str) -> dict[str, Any]:
    """A kubeconfig user whose exec plugin is this Python script."""
    script = folder / "plugin"
    script.write_text("\n".join([f"#!{sys.executable}", "import json, os, sys, time, subprocess", *lines]), "utf-8")
    script.chmod(0o700)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script)}}


def prints(**of_status: str) -> str:
    body = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": of_status}
    return f"print({json.dumps(json.dumps(body))})"


def certificate(folder: Path, name: str, days: int) -> tuple[Path, Path]:
    """A self-signed certificate for `name` that ends in so many days (negative: has ended), and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.crt").write_bytes(pem)
    (folder / "tls.key").write_bytes(private)
    return folder / "tls.crt", folder / "tls.key"


def secure_config(folder: Path, port: int, authority: Path | None) -> Path:
    cluster: dict[str, Any] = {"server": f"https://localhost:{port}"}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority.read_bytes()).decode()
    config = {
        "current-context": "tls",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "tls", "context": {"cluster": "c", "user": "u"}}],
    }
    path = folder / "config"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


NODES = "/api/v1/nodes"


def run_with(
    folder: Path, fault: Fault | None = None, timeout: float = 5, **changes: Any
) -> tuple[Snapshot, ServedCluster]:
    with (
        ServedCluster(small(**changes), fault=fault) as cluster,
        connect(str(cluster.kubeconfig(folder)), timeout=timeout) as connection,
    ):
        found = collect(connection, READS)
    assert cluster.violations == []
    return found, cluster


def reply_to(path: str, *replies: Reply | None) -> Fault:
    """These replies to the first requests of a path; the last one for ever, unless it is None."""
    left = list(replies)

    def fault(request: Request) -> Reply | None:
        if request.path != path:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return fault
