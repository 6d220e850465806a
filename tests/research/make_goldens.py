#!/usr/bin/env python3
"""Golden values of the layers of unshared/research, from their definitions in the papers, in float64 NumPy.

    pip install numpy
    python tests/research/make_goldens.py        # writes goldens.json beside this file

Each function below is a definition, written with one index for each axis. Gradients of sum(y * dy) are central
differences of it, so nothing here derives them. The fixtures in the repository were written with NumPy 2.4.6.
"""

import itertools
import json
import os

import numpy as np

rng = np.random.default_rng(21)


def places(sizes, window, strides):
    """The number of places along each axis, without padding."""
    return [(n - k) // s + 1 for n, k, s in zip(sizes, window, strides)]


def pad_same(x, window, strides):
    """Zeros around images [rows, columns, channels], as TensorFlow's convolutions add them for 'same'."""
    total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape, window, strides)]
    return np.pad(x, [(t // 2, t - t // 2) for t in total] + [(0, 0)])


def channels_last(layer):
    """Lets a definition for one sample with the channels last take batches in both formats."""

    def batches(config, weights, x):
        first = config.get("dataFormat") == "channels_first"
        rows = [layer(config, weights, np.moveaxis(sample, 0, -1) if first else sample) for sample in x]
        return np.stack([np.moveaxis(y, -1, 0) if first else y for y in rows])

    return batches


def patch_of(config, x, place, axes):
    """What a place reads, flat, in the order in which the layer's input is stored."""
    strides = config.get("strides", [1] * axes)
    patch = x[tuple(slice(i * s, i * s + k) for i, s, k in zip(place, strides, config["kernelSize"]))]
    return (np.moveaxis(patch, -1, 0) if config.get("dataFormat") == "channels_first" else patch).ravel()


def bias_of(config, weights, grid):
    """The bias [*grid, filters]: for channels first, Keras reads its numbers as [filters, *grid]."""
    if "bias" not in weights:
        return np.zeros([*grid, config["filters"]])
    bias = weights["bias"]
    if config.get("dataFormat") == "channels_first":
        return np.moveaxis(bias.reshape([config["filters"], *grid]), 0, -1)
    return bias


@channels_last
def locally_connected_3d(config, weights, x):
    grid = places(x.shape, config["kernelSize"], config.get("strides", [1, 1, 1]))
    kernel = weights["kernel"].reshape([*grid, -1, config["filters"]])
    y = bias_of(config, weights, grid).copy()
    for place in np.ndindex(*grid):
        y[place] += patch_of(config, x, place, 3) @ kernel[place]
    return y


@channels_last
def tiled(config, weights, x):
    grid = places(x.shape, config["kernelSize"], config.get("strides", [1, 1]))
    tile = [min(n, t) for n, t in zip(grid, config["tile"])]
    kernel = weights["kernel"].reshape([*tile, -1, config["filters"]])
    bias = bias_of(config, weights, tile)
    y = np.empty([*grid, config["filters"]])
    for i, j in np.ndindex(*grid):
        own = (i % tile[0], j % tile[1])
        y[i, j] = bias[own] + patch_of(config, x, (i, j), 2) @ kernel[own]
    return y


@channels_last
def low_rank(config, weights, x):
    window, strides = config["kernelSize"], config.get("strides", [1, 1])
    rank, filters = config["spatialRank"], config["filters"]
    if config.get("padding") == "same":
        x = pad_same(x, window, strides)
    oh, ow = places(x.shape, window, strides)
    bases = weights["kernel_bases"].reshape(*window, x.shape[-1], rank, filters)
    combining = np.zeros([oh, ow, rank])
    combining += weights.get("combining_weights", 0)
    if "combining_weights_row" in weights:
        combining += weights["combining_weights_row"][:, None]
    if "combining_weights_col" in weights:
        combining += weights["combining_weights_col"][None]
    kind = config.get("normalizeWeights", "softmax")
    if kind == "softmax":
        combining = np.exp(combining) / np.exp(combining).sum(-1, keepdims=True)
    elif kind == "norm":
        combining = combining / np.sqrt(np.maximum((combining**2).sum(-1, keepdims=True), 1e-12))
    y = np.zeros([oh, ow, filters])
    for name in ["spatial_bias", "bias_row", "bias_col", "bias_channels"]:
        y += weights.get(name, 0)
    for i, j in np.ndindex(oh, ow):
        kernel = np.einsum("r,abcrf->abcf", combining[i, j], bases)
        a, b = i * strides[0], j * strides[1]
        y[i, j] += np.einsum("abc,abcf->f", x[a : a + window[0], b : b + window[1]], kernel)
    return y


@channels_last
def connection_table(config, weights, x):
    window, strides, table = config["kernelSize"], config.get("strides", [1, 1]), config["table"]
    if config.get("padding") == "same":
        x = pad_same(x, window, strides)
    links = sorted((c, f) for f, channels in enumerate(table) for c in channels)
    y = np.zeros([*places(x.shape, window, strides), len(table)]) + weights.get("bias", 0)
    for i, j in np.ndindex(*y.shape[:2]):
        a, b = i * strides[0], j * strides[1]
        for number, (c, f) in enumerate(links):
            y[i, j, f] += (x[a : a + window[0], b : b + window[1], c] * weights["kernel"][:, :, number]).sum()
    return y


@channels_last
def constant_padding(config, _weights, x):
    return np.pad(x, [*config["padding"], (0, 0)], constant_values=config["value"])


def soft_threshold(_config, weights, x):
    relu = lambda z: np.maximum(z, 0)
    return relu(x - weights["threshold"]) - relu(-x - weights["threshold"])


def scaled_tanh(_config, _weights, x):
    return 1.7159 * np.tanh(2 / 3 * x)


def numbers(*shape):
    return rng.uniform(-1, 1, shape).astype(np.float32).astype(np.float64)


def gradient(f, at, step=1e-5):
    result = np.empty_like(at)
    for index in np.ndindex(*at.shape):
        kept = at[index]
        at[index] = kept + step
        above = f()
        at[index] = kept - step
        result[index] = (above - f()) / (2 * step)
        at[index] = kept
    return result


def case(layer, definition, config, shapes, input_shape, weights=None):
    weights = weights or {name: numbers(*shape) for name, shape in shapes.items()}
    x = numbers(2, *input_shape)
    y = definition(config, weights, x)
    dy = numbers(*y.shape)
    value = lambda: float((definition(config, weights, x) * dy).sum())
    listed = lambda a: {"shape": list(a.shape), "data": [float(f"{v:.9g}") for v in a.ravel()]}
    return {
        "layer": layer,
        "config": config,
        "inputShape": list(input_shape),
        "weights": {name: listed(w) for name, w in weights.items()},
        "x": listed(x),
        "y": listed(y),
        "dy": listed(dy),
        "dx": listed(gradient(value, x)),
        "gradients": {name: listed(gradient(value, w)) for name, w in weights.items()},
    }


first = {"dataFormat": "channels_first"}


def all_cases():
    rows, cols = [True, False], [True, False]
    for by_row, by_col, kind in itertools.product(rows, cols, ["softmax", "norm", None]):
        config = {
            **{"spatialRank": 3, "filters": 2, "kernelSize": [2, 3], "normalizeWeights": kind},
            **{"shareRowCombiningWeights": by_row, "shareColCombiningWeights": by_col},
        }
        oh, ow, full = 3, 2, not by_row and not by_col
        shapes = {
            **{"kernel_bases": [2, 3, 2, 6]},
            **({"combining_weights": [oh, ow, 3]} if full else {}),
            **({"combining_weights_row": [oh, 3]} if by_row else {}),
            **({"combining_weights_col": [ow, 3]} if by_col else {}),
            **({"spatial_bias": [oh, ow, 1]} if full else {}),
            **({"bias_row": [oh, 1, 1]} if by_row else {}),
            **({"bias_col": [1, ow, 1]} if by_col else {}),
            **{"bias_channels": [1, 1, 2]},
        }
        yield case("LowRankLocallyConnected2D", low_rank, config, shapes, [4, 4, 2])
    config = {
        **{"spatialRank": 2, "filters": 3, "kernelSize": [3, 2], "strides": [2, 1], "padding": "same"},
        **{"useSpatialBias": False, **first},
    }
    shapes = {
        **{"kernel_bases": [3, 2, 2, 6], "combining_weights_row": [2, 2], "combining_weights_col": [3, 2]},
        **{"bias_channels": [1, 1, 3]},
    }
    yield case("LowRankLocallyConnected2D", low_rank, config, shapes, [2, 4, 3])

    config = {"tile": [2, 3], "filters": 2, "kernelSize": [2, 1]}
    yield case("TiledLocallyConnected2D", tiled, config, {"kernel": [6, 4, 2], "bias": [2, 3, 2]}, [5, 4, 2])
    config = {"tile": [9, 2], "filters": 3, "kernelSize": [2, 2], "strides": [2, 1], **first}
    yield case("TiledLocallyConnected2D", tiled, config, {"kernel": [4, 8, 3], "bias": [2, 2, 3]}, [2, 4, 4])
    config = {"tile": [1, 1], "filters": 2, "kernelSize": [2, 2], "useBias": False}
    yield case("TiledLocallyConnected2D", tiled, config, {"kernel": [1, 8, 2]}, [3, 4, 2])

    config = {"filters": 2, "kernelSize": [2, 1, 2], "strides": [1, 2, 1]}
    shapes = {"kernel": [8, 8, 2], "bias": [2, 2, 2, 2]}
    yield case("LocallyConnected3D", locally_connected_3d, config, shapes, [3, 3, 3, 2])
    config = {"filters": 3, "kernelSize": [1, 2, 2], **first}
    shapes = {"kernel": [8, 8, 3], "bias": [2, 1, 4, 3]}
    yield case("LocallyConnected3D", locally_connected_3d, config, shapes, [2, 2, 2, 5])

    config = {"table": [[0, 2], [1], [0, 1, 2], [2]], "kernelSize": [2, 3]}
    shapes = {"kernel": [2, 3, 7], "bias": [4]}
    yield case("ConnectionTableConv2D", connection_table, config, shapes, [3, 4, 3])
    config = {
        **{"table": [[1], [2, 0]], "kernelSize": [3, 2], "strides": [1, 2], "padding": "same"},
        **{"useBias": False, **first},
    }
    yield case("ConnectionTableConv2D", connection_table, config, {"kernel": [3, 2, 3]}, [3, 3, 4])

    yield case("ConstantPadding2D", constant_padding, {"padding": [[1, 0], [2, 1]], "value": -1}, {}, [2, 3, 2])
    yield case("ConstantPadding2D", constant_padding, {"padding": [[0, 2], [1, 1]], "value": 0.5, **first}, {}, [2, 3, 2])

    for threshold in [0.25, 0.0, -0.5]:
        yield case("SoftThreshold", soft_threshold, {}, {}, [3, 5], {"threshold": np.array([threshold])})
    yield case("Activation", scaled_tanh, {"activation": "scaled_tanh"}, {}, [7])


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each) for each in all_cases()) + "\n]\n")
