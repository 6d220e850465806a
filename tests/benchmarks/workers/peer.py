"""What the Python peers share: the numbers, the protocol, and the clock.

A peer answers one JSON object a line: {"do": "prepare" | "run" | "results" | "memory" | "stop", ...}; see ../contender.ts.
"""

import base64
import gc
import json
import os
import resource
import sys
import time

import numpy as np

SEEDS = dict(x=1, kernel=2, bias=3, dy=4, labels=5, weights=100)
MOST_COMPARED = 2**14


def numbers(length, seed, scale=1.0):
    """As numbers() in ../data.ts."""
    h = np.arange(length, dtype=np.uint32)
    h += np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return ((h >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)) * np.float32(scale)


def labels(length, seed, classes):
    return np.floor((numbers(length, seed).astype(np.float64) + 1) / 2 * classes).astype(np.float32)


def sample(values):
    flat = np.asarray(values, dtype="<f4").ravel()
    step = -(-flat.size // MOST_COMPARED)
    return base64.b64encode(np.ascontiguousarray(flat[::step]).tobytes()).decode()


class Sizes:
    """A layer's sizes, in the letters of the library."""

    def __init__(self, input_shape, kernel_size, strides, filters, implementation):
        self.H, self.W, self.C = input_shape
        self.KH, self.KW = kernel_size
        self.SH, self.SW = strides
        self.F = filters
        self.OH = (self.H - self.KH) // self.SH + 1
        self.OW = (self.W - self.KW) // self.SW + 1
        self.P, self.K = self.OH * self.OW, self.KH * self.KW * self.C
        self.implementation = implementation

    def channels_first_patches(self, kernel):
        """[P, (kh, kw, c), F] to [P, (c, kh, kw), F]."""
        parts = kernel.reshape(self.P, self.KH, self.KW, self.C, self.F)
        return np.ascontiguousarray(parts.transpose(0, 3, 1, 2, 4)).reshape(self.P, self.K, self.F)

    def channels_last_patches(self, kernel):
        parts = np.asarray(kernel).reshape(self.P, self.C, self.KH, self.KW, self.F)
        return np.ascontiguousarray(parts.transpose(0, 2, 3, 1, 4)).reshape(self.P, self.K, self.F)


class LayerCase(Sizes):
    """The sizes and numbers of a case with one layer; the kernel as implementation 1 stores it, [P, K, F]."""

    def __init__(self, case):
        super().__init__(
            case["inputShape"], case["kernelSize"], case["strides"], case["filters"], case["implementation"]
        )
        self.B = case["batch"]
        self.learning_rate = case["learningRate"]

    def x(self):
        return numbers(self.B * self.H * self.W * self.C, SEEDS["x"]).reshape(self.B, self.H, self.W, self.C)

    def kernel(self):
        return numbers(self.P * self.K * self.F, SEEDS["kernel"], 0.125).reshape(self.P, self.K, self.F)

    def bias(self):
        return numbers(self.P * self.F, SEEDS["bias"], 0.125).reshape(self.OH, self.OW, self.F)

    def dy(self):
        return numbers(self.B * self.P * self.F, SEEDS["dy"]).reshape(self.B, self.OH, self.OW, self.F)


class Stack:
    """A stack of LocallyConnected2D, Flatten and Dense, of which the last gives logits; its data and weights."""

    def __init__(self, case):
        self.batch, self.samples, self.epochs = case["batch"], case["samples"], case["epochs"]
        self.adam = case.get("optimizer", "adam") == "adam"
        shape = [case["samples"], *case["inputShape"]]
        self.x = numbers(np.prod(shape), SEEDS["x"]).reshape(shape)
        self.y = labels(case["samples"], SEEDS["labels"], case["classes"]).astype(np.int32)
        self.layers, self.weights = [], []
        seed, size = SEEDS["weights"], list(case["inputShape"])
        for kind, options, *_ in case["layers"]:
            layer = dict(kind=kind, relu=options.get("activation") == "relu")
            self.layers.append(layer)
            if kind == "Flatten":
                size = [int(np.prod(size))]
                continue
            if kind == "LocallyConnected2D":
                pair = lambda value: [value, value] if isinstance(value, int) else value
                sizes = layer["sizes"] = Sizes(
                    size, pair(options["kernelSize"]), pair(options.get("strides", 1)), options["filters"], 1
                )
                shapes = [(sizes.P, sizes.K, sizes.F), (sizes.P, sizes.F)]
                size = [sizes.OH, sizes.OW, sizes.F]
            else:
                shapes = [(size[0], options["units"]), (options["units"],)]
                size = [options["units"]]
            for shape in shapes:
                self.weights.append(numbers(np.prod(shape), seed, 0.125 / 2).reshape(shape))
                seed += 1
            if kind == "LocallyConnected2D":
                self.weights[-2] = sizes.channels_first_patches(self.weights[-2])

    def batches(self, order):
        return [order[i : i + self.batch] for i in range(0, self.samples, self.batch)]

    def order(self, shuffle):
        return np.random.permutation(self.samples) if shuffle else np.arange(self.samples)


def timed(run, times, warm):
    """Milliseconds of each of `times` runs, after `warm` that are not counted."""
    for _ in range(warm):
        run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def memory():
    """Bytes now, and the most since the start."""
    gc.collect()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return dict(resident=resident() if os.path.exists("/proc/self/statm") else most, peak=most)


def serve(load):
    """Answers until the input ends. `load()` imports the peer and returns (version, prepare); prepare(case) gives an
    object with first_ms, runs {what: function} and results()."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not meet the answers

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    start = time.perf_counter()
    version, prepare = load()
    answer(dict(version=version, importMs=(time.perf_counter() - start) * 1e3, memory=memory()))
    prepared = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if command["do"] == "prepare":
                prepared = prepare(command["case"])
                answer(dict(firstMs=prepared.first_ms, quantities=list(prepared.runs)))
            elif command["do"] == "run":
                run = prepared.runs[command["what"]]
                answer(dict(ms=timed(run, command["times"], command["warm"])))
            elif command["do"] == "results":
                answer(dict(results={name: sample(values) for name, values in prepared.results().items()}))
            elif command["do"] == "memory":
                answer(dict(memory=memory()))
            else:
                answer(dict(error="unknown command " + command["do"]))
        except Exception as error:  # told to the harness, which decides
            answer(dict(error=f"{type(error).__name__}: {error}"[:2000]))
