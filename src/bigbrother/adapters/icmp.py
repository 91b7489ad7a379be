"""ICMP echoes with a socket of our own, where the system permits it. Sources: RFC 792, RFC 4443."""

import os
import select
import socket
import struct

from bigbrother.kernel.clock import Clock

_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_LARGEST_PACKET_BYTES = 2048


class Pinger:
    """Sends echoes to one address. Raises PermissionError where this account may not."""

    def __init__(self, family: int, address: str, clock: Clock) -> None:
        self._family = family
        self._address = address
        self._clock = clock
        self._raw = False
        protocol = _PROTOCOL[socket.AddressFamily(family)]
        try:
            self._socket = socket.socket(family, socket.SOCK_DGRAM, protocol)
        except PermissionError:
            self._socket = socket.socket(family, socket.SOCK_RAW, protocol)
            self._raw = True
        # With a datagram socket the kernel puts a mark of its own in its place.
        self._mark = int.from_bytes(os.urandom(2), "big")

    def ping(self, number: int, within_seconds: float) -> float | None:
        """Seconds until the answer; None without one. Raises OSError when there is no way."""
        kind = _REQUEST[socket.AddressFamily(self._family)]
        began = self._clock.monotonic_seconds()
        self._socket.sendto(_packet(kind, self._mark, number), (self._address, 0))
        while (left := within_seconds - (self._clock.monotonic_seconds() - began)) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                return None
            answer = self._socket.recv(_LARGEST_PACKET_BYTES)
            if self._is_ours(answer, number):
                return self._clock.monotonic_seconds() - began
        return None

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()

    def _is_ours(self, answer: bytes, number: int) -> bool:
        if self._raw and self._family == socket.AF_INET:
            answer = answer[(answer[0] & 0x0F) * 4 :] if answer else answer
        if len(answer) < 8:
            return False
        kind, _, _, mark, sequence = struct.unpack("!BBHHH", answer[:8])
        ours = not self._raw or mark == self._mark
        return kind == _REPLY[socket.AddressFamily(self._family)] and sequence == number and ours


def _packet(kind: int, mark: int, number: int) -> bytes:
    head = struct.pack("!BBHHH", kind, 0, 0, mark, number)
    payload = b"bigbrother-diagnose."
    return struct.pack("!BBHHH", kind, 0, _checksum(head + payload), mark, number) + payload


def _checksum(packet: bytes) -> int:
    """Of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    return 0xFFFF - ((total + (total >> 16)) & 0xFFFF)
