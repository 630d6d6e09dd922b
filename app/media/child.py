"""The child process: it loads the decoders, raises its walls, and only then reads the first byte of the file."""

import os
import sys

from app.media import frames, walls
from app.media.channel import Channel, RemoteFile, Stop


def main(arguments: list[str]) -> None:
    """`decode` one file, or, to try the walls, `attack` from behind them or `look` around before the filter."""
    walls.leave_nothing_behind()
    channel = Channel()
    size, limits = channel.setup()
    match arguments:
        case ["decode"]:
            os.environ["OPENBLAS_NUM_THREADS"] = "1"
            from app.media import decoding  # noqa: PLC0415  # the decoders are loaded before the walls stand

            decoding.load()
            walls.confine(limits, size)
            channel.send(frames.encode(frames.READY))
            try:
                decoding.decode(channel, RemoteFile(channel, size), limits)
            except Stop as stop:
                channel.failed(stop.code)
        case ["look"]:
            from app.media import attacks  # noqa: PLC0415  # not loaded where files are decoded

            channel.send(frames.encode(frames.READY))
            channel.send(frames.fact("leaks", " ".join(attacks.look())))
            channel.send(frames.encode(frames.DONE))
        case ["attack", name]:
            from app.media import attacks  # noqa: PLC0415  # not loaded where files are decoded

            walls.confine(limits, size)
            channel.send(frames.encode(frames.READY))
            channel.send(frames.fact("outcome", attacks.ATTACKS[name]()))
            channel.send(frames.encode(frames.DONE))
        case _:
            sys.exit(2)
