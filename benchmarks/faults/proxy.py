"""A TCP proxy before the web server that loses requests and, above all, replies."""

import asyncio
import random
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from benchmarks.faults.students import LOCALHOST

# What can happen to a request; all but the first lose it or its reply.
DELIVERED = "delivered"
NEVER_SENT = "request never sent on"
DROPPED = "reply dropped"
RESET = "reply reset"
TRUNCATED = "reply cut in the middle"
LOST = (NEVER_SENT, DROPPED, RESET, TRUNCATED)
LINGER_ZERO = struct.pack("ii", 1, 0)  # closing sends RST instead of FIN


class LossyProxy:
    """One request a connection. Remembers what the server said to each, lost or not."""

    def __init__(self, upstream: int, loss: float, seed: int) -> None:
        """`loss` is the probability that a request or its reply is lost."""
        self.port = 0
        self.fates: Counter[str] = Counter()
        self.replies: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._upstream = upstream
        self._loss = loss
        self._random = random.Random(seed)

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, LOCALHOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._pass_on(reader, writer)
        except (OSError, EOFError):  # one of the two ends went away: so does the other
            _reset(writer)
        finally:
            writer.close()

    async def _pass_on(self, reader: StreamReader, writer: StreamWriter) -> None:
        request = await _read_request(reader)
        fate = self._random.choice(LOST) if self._random.random() < self._loss else DELIVERED
        self.fates[fate] += 1
        if fate == NEVER_SENT:
            return
        reply = await self._ask(request)
        self.replies[request].append(reply)
        if fate == RESET:
            _reset(writer)
        elif fate != DROPPED:
            writer.write(reply if fate == DELIVERED else reply[: len(reply) // 2])
            await writer.drain()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(LOCALHOST, self._upstream)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()

    def repeated(self) -> list[list[bytes]]:
        """What the server said to each answer that reached it more than once."""
        return [
            [_essence(reply) for reply in replies]
            for request, replies in self.replies.items()
            if len(replies) > 1 and b"/responses HTTP/" in request.partition(b"\r\n")[0]
        ]


async def _read_request(reader: StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    return head + await reader.readexactly(sum(lengths))


def _essence(reply: bytes) -> bytes:
    """Status, content type and body: what must not differ."""
    head, _, body = reply.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    kinds = [line for line in headers if line.lower().startswith(b"content-type:")]
    return b"\r\n".join([status, *kinds, b"", body])


def _reset(writer: StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)


@contextmanager
def lossy_proxy(upstream: int, loss: float, seed: int = 1) -> Iterator[LossyProxy]:
    """The proxy, in a thread of its own, while the block lasts."""
    proxy, loop = LossyProxy(upstream, loss, seed), asyncio.new_event_loop()
    server = loop.run_until_complete(proxy.listen())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
