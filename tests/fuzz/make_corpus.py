#!/usr/bin/env python3
"""The first inputs of each fuzz target, small ones of every branch: python3 tests/fuzz/make_corpus.py writes corpus/FORMAT/. Python's own library only."""
import gzip
import io
import json
import os
import shutil
import struct
import zipfile
import zlib

here = os.path.dirname(os.path.abspath(__file__))


def put(kind, name, data):
    folder = f"{here}/corpus/{kind}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}", "wb") as f:
        f.write(data)


def npy(descr, shape, data, fortran=False, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    mark = 10 if version == 1 else 12
    header += b" " * (-(mark + len(header) + 1) % 16) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


put("npy", "f4", npy("<f4", "(2, 3)", struct.pack("<6f", 1, 2, 3, -4, 1e30, 0.5)))
put("npy", "f8_fortran", npy("<f8", "(2, 2)", struct.pack("<4d", 1, 2, 3, 4), fortran=True))
put("npy", "i2", npy("<i2", "(3,)", struct.pack("<3h", -1, 2, 300)))
put("npy", "u8", npy("<u8", "(1, 2)", struct.pack("<2Q", 5, 1 << 63), version=2))
put("npy", "bool", npy("|b1", "(3,)", bytes([1, 0, 1])))
put("npy", "scalar", npy("<i8", "()", struct.pack("<q", 7), version=3))
put("npy", "empty", npy("<f4", "(0, 1099511627776)", b""))
put("npy", "huge", npy("<f8", "(1073741824, 1073741824)", b"1234"))   # 2^60 elements
put("npy", "nan", npy("<f8", "(1,)", struct.pack("<d", float("nan"))))

small, other = npy("<f4", "(2,)", struct.pack("<2f", 1, 2)), npy("|u1", "(4, 40)", bytes(160))
for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    for zip64 in (False, True):
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w", method) as z:
            for member, data in (("a.npy", small), ("b.npy", other)):
                with z.open(zipfile.ZipInfo(member), "w", force_zip64=zip64) as f:
                    f.write(data)
        put("npz", name + ("_zip64" if zip64 else ""), b.getvalue())


def zip64(data, compressed, method):
    """One member with everything as zip64's 64 bits."""
    head = struct.pack("<HHHHHIIIHH", 45, 0, method, 0, 0x21, zlib.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF, 5, 20)
    local = struct.pack("<I", 0x04034B50) + head + b"a.npy" + struct.pack("<HHQQ", 1, 16, len(data), len(compressed)) + compressed
    head = head[:-2] + struct.pack("<H", 28)
    directory = struct.pack("<IH", 0x02014B50, 45) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0xFFFFFFFF) + b"a.npy" + struct.pack("<HHQQQ", 1, 24, len(data), len(compressed), 0)
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(directory), len(local))
    end += struct.pack("<IIQI", 0x07064B50, 0, len(local) + len(directory), 1) + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + directory + end


put("npz", "wide_stored", zip64(small, small, 0))
pack = zlib.compressobj(9, zlib.DEFLATED, -15)
put("npz", "wide_deflated", zip64(other, pack.compress(other) + pack.flush(), 8))

idx = bytes([0, 0, 8, 2]) + struct.pack(">2I", 2, 3) + bytes([1, 2, 3, 4, 5, 255])
put("idx", "matrix", idx)
put("idx", "labels", bytes([0, 0, 8, 1]) + struct.pack(">I", 3) + bytes([7, 8, 9]))
put("idx", "gzip", gzip.compress(idx, mtime=0))
put("idx", "two_members", gzip.compress(idx[:9], mtime=0) + gzip.compress(idx[9:], mtime=0))
put("idx", "huge", bytes([0, 0, 8, 3]) + struct.pack(">3I", 0xFFFFFFFF, 0xFFFFFFFF, 0))

record = bytes([3]) + bytes(range(256)) * 12
put("cifar", "one.gz", gzip.compress(record, mtime=0))
put("cifar", "two.gz", gzip.compress(bytes([9]) + bytes(3072) + record, mtime=0))

put("csv", "named", b'# made by hand\nx, "y"\n1,2\r\n3,\n-1e3,nan\n')
put("csv", "spaces", b"1  2 3\n4 5   6\n")
put("csv", "tabs", b"a\tb\n1\tNA\n+3\t4e-400\n")
put("csv", "semicolons", b"1;2\ninf;-1e400\n")
put("csv", "one", b"0.1")


def safetensors(entries, data, metadata=None):
    header = json.dumps(({"__metadata__": metadata} if metadata else {}) | {n: {"dtype": t, "shape": s, "data_offsets": list(o)} for n, t, s, o in entries}).encode()
    return struct.pack("<Q", len(header)) + header + data


put("safetensors", "two", safetensors([("a", "F32", [2], (0, 8)), ("b.w", "F64", [1, 2], (8, 24))], struct.pack("<2f2d", 1, 2, 3, 4), {"format": "pt"}))
put("safetensors", "kinds", safetensors([(t, t, [1], o) for t, o in (("F16", (0, 2)), ("BF16", (2, 4)), ("I64", (4, 12)), ("U8", (12, 13)), ("BOOL", (13, 14)))], bytes(range(14))))
put("safetensors", "empty", safetensors([("none", "F32", [0, 1 << 40], (0, 0))], b""))
put("safetensors", "nothing", safetensors([], b""))
put("safetensors", "huge", safetensors([("a", "F32", [1 << 30, 1 << 30], (0, 8))], bytes(8)))
put("safetensors", "names", struct.pack("<Q", 66) + rb'{"\u00e9\ud83c\udf0c\n":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}'.ljust(66) + b"x")

os.makedirs(f"{here}/corpus/checkpoint", exist_ok=True)
shutil.copyfile(f"{here}/../golden/checkpoint_1_0", f"{here}/corpus/checkpoint/version_1_0")
