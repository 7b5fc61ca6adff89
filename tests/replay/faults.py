"""The ways an answer can go wrong, each laid over a right one."""

from __future__ import annotations

import gzip
import os
import socket
import struct
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.replay.server import Fault, Reply, send

DRIP_SECONDS = 0.05
PAGE = b"<html><body>Will be right back...</body></html>"


# Packed before anybody asks: whoever does so while a client waits runs into its patience.
GIANT = gzip.compress(b" " * 50_000_000, compresslevel=1)


def status(code: int, body: bytes = PAGE, **headers: str) -> Fault:
    """Answer with a status and a page; header names with dashes for underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        send(handler, Reply(status=code, content_type="text/html", body=body, headers=named))

    return fault


def body(content: bytes | Callable[[bytes], bytes], content_type: str | None = None) -> Fault:
    """Answer 200 with another body, or with the right one spoilt."""

    def fault(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        spoilt = content(reply.body) if callable(content) else content
        send(handler, Reply(body=spoilt, content_type=content_type or reply.content_type))

    return fault


def headers(**named: str) -> Fault:
    """Answer rightly under other headers."""
    dashed = {name.replace("_", "-"): value for name, value in named.items()}

    def fault(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        send(handler, Reply(body=reply.body, content_type=reply.content_type, headers=dashed))

    return fault


def gzipped(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Answer rightly, compressed."""
    packed = {"content-encoding": "gzip"}
    body = gzip.compress(reply.body)
    send(handler, Reply(body=body, content_type=reply.content_type, headers=packed))


def silence(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Take the question and say nothing until the client leaves."""
    handler.connection.settimeout(5.0)
    try:
        handler.connection.recv(1)
    except OSError:
        return
    finally:
        handler.close_connection = True


def slow_drip(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send a few bytes at a time, steadily, for ever."""
    handler.send_response(200)
    handler.send_header("content-type", reply.content_type)
    handler.send_header("content-length", "1000000")
    handler.end_headers()
    handler.close_connection = True
    try:
        for _ in range(200):
            handler.wfile.write(b"        ")
            time.sleep(DRIP_SECONDS)
    except OSError:
        return


def reset(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Drop the connection with a reset instead of an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    os.close(handler.connection.detach())


def cut(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Promise the whole body and send half of it."""
    handler.send_response(200)
    handler.send_header("content-type", reply.content_type)
    handler.send_header("content-length", str(len(reply.body)))
    handler.end_headers()
    handler.wfile.write(reply.body[: len(reply.body) // 2])
    handler.close_connection = True


def endless(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send fifty million bytes without saying how many there will be."""
    handler.send_response(200)
    handler.send_header("content-type", reply.content_type)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    block = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    try:
        for _ in range(50_000_000 // 0x8000):
            handler.wfile.write(block)
    except OSError:
        return


def never_ending(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send the whole answer, then a blank now and again, and never the end."""
    handler.send_response(200)
    handler.send_header("content-type", reply.content_type)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    try:
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(reply.body), reply.body))
        for _ in range(200):
            handler.wfile.write(b"1\r\n \r\n")
            time.sleep(DRIP_SECONDS)
    except OSError:
        return


def bomb(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Answer with fifty thousand bytes that unpack to fifty million."""
    packed = {"content-encoding": "gzip"}
    send(handler, Reply(body=GIANT, content_type=reply.content_type, headers=packed))


def once(fault: Fault) -> Fault:
    """Let a fault happen to the first question only."""
    done: list[bool] = []

    def now_and_never_again(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if done:
            send(handler, reply)
            return
        done.append(True)
        fault(handler, reply)

    return now_and_never_again
