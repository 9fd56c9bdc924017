"""Certificates for a test: a certificate authority, and servers that it vouches for."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


_CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = asked
[asked]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:false
subjectAltName = {names}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Authority:
    """A certificate authority in a directory; `file` is the certificate that a client has to trust."""

    def __init__(self, openssl: str, directory: Path) -> None:
        self._openssl = openssl
        self._directory = directory
        directory.mkdir()
        (directory / "index.txt").touch()
        (directory / "serial").write_text("01\n")
        self._configure("DNS:none.example")
        self.file = self._new("authority", "-x509", "-extensions", "root", "-days", "2")

    def vouch(
        self, names: str, *, since: str = "20200101000000Z", until: str = "20991231235959Z"
    ) -> ssl.SSLContext:
        """Return a server with a valid certificate for names like `IP:127.0.0.1,DNS:speech.example`."""
        self._configure(names)
        request = self._new("server")
        period = ["-startdate", since, "-enddate", until]
        signer = ["-cert", "authority.pem", "-keyfile", "authority.key", "-extensions", "server"]
        self._run("ca", "-batch", "-notext", *signer, *period, "-in", request.name, "-out", "certificate.pem")
        return self._context("certificate.pem", "server.key")

    def directory(self) -> Path:
        """Return a directory for SSL_CERT_DIR, with the certificate under the hash of its subject."""
        found = self._run("x509", "-hash", "-noout", "-in", self.file.name, config=False)
        directory = self._directory / "trusted"
        directory.mkdir()
        (directory / f"{found.strip()}.0").write_bytes(self.file.read_bytes())
        return directory

    def stranger(self, names: str) -> ssl.SSLContext:
        """Return a server with a self-signed certificate."""
        self._configure(names)
        self._new("stranger", "-x509", "-extensions", "server", "-days", "2")
        return self._context("stranger.pem", "stranger.key")

    def _context(self, certificate: str, key: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / certificate, self._directory / key)
        return context

    def _configure(self, names: str) -> None:
        (self._directory / "openssl.cnf").write_text(_CONFIGURATION.format(names=names))

    def _new(self, name: str, *options: str) -> Path:
        """Create a key, and a certificate request or, with -x509, the certificate itself."""
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        self._run("req", "-new", "-nodes", "-sha256", "-subj", f"/CN=The {name}", *curve, *files, *options)
        return self._directory / f"{name}.pem"

    def _run(self, command: str, *options: str, config: bool = True) -> str:
        run = subprocess.run(
            [self._openssl, command, *(["-config", "openssl.cnf"] if config else []), *options],
            cwd=self._directory,
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return run.stdout
