"""One side of a comparison: holds workloads by name, reads lines and answers each with one line of JSON, as server.hpp says.

usage: server.py MODULE FOLDER     the module's workloads, with the numbers of the folder
"""
import importlib
import json
import os
import sys
import time

import numpy as np


class Store:
    """Numbers in files FOLDER/NAME.bin, as they lie in memory."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, name, dtype, *shape):
        return np.fromfile(f"{self.folder}/{name}.bin", dtype).reshape(shape or -1)

    def weights(self, name, whose="ours"):
        return f"{self.folder}/{name}-{whose}.safetensors"

    def write(self, name, values):
        np.ascontiguousarray(values, np.float64).tofile(f"{self.folder}/{name}.bin")


class Workload:
    """What is timed: call(). prepare(self) runs once before the first batch, reset(index) before each. check(), or check(whose) with
    weights of that side's file, gives numbers that the other side must find, too; exact() the same in double precision."""

    def __init__(self, call=None, reset=lambda index: None, check=None, exact=None, prepare=lambda self: None):
        self.call, self.reset, self.check, self.exact, self.prepare = call, reset, check, exact, prepare
        self.note, self.bytes, self.prepared = "", 0, False


def answer(module, store, kept, line):
    command, name, *rest = line.split()
    if kept.get("name") != name:
        kept.clear()
        if name not in module.workloads:
            raise KeyError(f"there is no workload of this name: {name}")
        kept["workload"] = module.workloads[name](store)
        kept["name"] = name
    w = kept["workload"]
    if command in ("check", "exact"):
        w.reset(0)
        values = np.concatenate([np.ravel(np.asarray(v, np.float64)) for v in getattr(w, command)(*rest)])
        file = f"{command}-{module.__name__}-{name.replace('/', '-')}"
        store.write(file, values)
        return {"values": len(values), "file": file}
    threads, count, index = map(int, rest)
    module.use_threads(threads)
    if not w.prepared:
        w.prepare(w)
        w.prepared = True
    w.reset(index)
    call = w.call
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        call()
    cpu = time.process_time() - cpu
    return {"seconds": (time.perf_counter() - start) / count, "cpu": cpu / count, "note": w.note, "bytes": w.bytes}


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    answers = os.fdopen(os.dup(1), "w", buffering=1)   # what a library prints goes elsewhere
    os.dup2(2, 1)
    module, store, kept = importlib.import_module(sys.argv[1]), Store(sys.argv[2]), {}
    print(json.dumps({"peer": module.peer}), file=answers)
    for line in sys.stdin:
        try:
            result = answer(module, store, kept, line)
        except Exception as e:
            result = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(result), file=answers)


if __name__ == "__main__":
    main()
