"""Keys that sign nothing but the mail of a test.

The key is made when the tests are collected, so none is kept in the project.
"""

from __future__ import annotations

import subprocess

PRIVATE_KEY = subprocess.run(
    ["/usr/bin/openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True
).stdout
"""A private RSA key in PEM."""
