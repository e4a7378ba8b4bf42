#!/usr/bin/env python3
"""Draws the app's icons: an open door in the brand's green. Run it after changing the shape; the files are kept in git.

Only the standard library: an icon should not need an image editor to change.
"""
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).parent
GREEN = (7, 130, 70)
WALL = (255, 255, 255)
LEAF = (214, 240, 225)
KNOB = (7, 130, 70)
SAMPLES = 4  # per side of a pixel: smooth edges


def inside_round(x, y, left, top, right, bottom, radius):
    if not (left <= x <= right and top <= y <= bottom):
        return False
    cx = min(max(x, left + radius), right - radius)
    cy = min(max(y, top + radius), bottom - radius)
    return (x - cx) ** 2 + (y - cy) ** 2 <= radius**2


def colour(x, y):
    """The colour at a point of the unit square, or None outside the icon."""
    if not inside_round(x, y, 0.02, 0.02, 0.98, 0.98, 0.2):
        return None
    # The threshold under the door.
    if 0.16 <= x <= 0.84 and 0.80 <= y <= 0.855:
        return WALL
    # The frame: a door-shaped opening, with its light.
    frame = inside_round(x, y, 0.27, 0.15, 0.73, 0.95, 0.06) and y <= 0.80
    opening = 0.325 <= x <= 0.675 and 0.205 <= y <= 0.80
    # The leaf stands ajar: a slanted quadrilateral hinged on the left.
    slant = (x - 0.325) / (0.58 - 0.325)
    leaf = 0.325 <= x <= 0.58 and 0.205 + 0.06 * slant <= y <= 0.80 - 0.0 * slant
    if leaf:
        if (x - 0.535) ** 2 + (y - 0.52) ** 2 <= 0.022**2:
            return KNOB
        return WALL
    if opening:
        return LEAF if x > 0.60 else GREEN
    if frame:
        return WALL
    return GREEN


def pixels(size):
    rows = bytearray()
    for py in range(size):
        rows.append(0)
        for px in range(size):
            total, hits = [0, 0, 0], 0
            for sy in range(SAMPLES):
                for sx in range(SAMPLES):
                    c = colour((px + (sx + 0.5) / SAMPLES) / size, (py + (sy + 0.5) / SAMPLES) / size)
                    if c:
                        hits += 1
                        for i in range(3):
                            total[i] += c[i]
            n = max(hits, 1)
            rows += bytes([total[0] // n, total[1] // n, total[2] // n, hits * 255 // SAMPLES**2])
    return bytes(rows)


def png(size):
    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels(size), 9)) + chunk(b"IEND", b"")


def ico(images):
    out = struct.pack("<HHH", 0, 1, len(images))
    offset = 6 + 16 * len(images)
    for size, data in images:
        out += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return out + b"".join(data for _, data in images)


def icns(images):
    body = b"".join(name + struct.pack(">I", len(data) + 8) + data for name, data in images)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


drawn = {size: png(size) for size in (16, 32, 64, 128, 256, 512)}
(HERE / "32x32.png").write_bytes(drawn[32])
(HERE / "128x128.png").write_bytes(drawn[128])
(HERE / "icon.png").write_bytes(drawn[512])
(HERE / "icon.ico").write_bytes(ico([(size, drawn[size]) for size in (16, 32, 64, 256)]))
(HERE / "icon.icns").write_bytes(icns([(b"ic07", drawn[128]), (b"ic08", drawn[256]), (b"ic09", drawn[512])]))
