#!/usr/bin/env python3
"""Golden values of the research tools, from the definitions in their papers, in float64.

    python tests/research/make_tool_goldens.py > tests/research/tool-goldens.json

Needs NumPy only. Kernels are in the form of implementation 1, [places, patch, filters]; patches are in the order row,
column, channel, or channel, row, column for 'channels_first'.
"""

import json

import numpy as np


def geometry(case):
    """The output size, and mask[place, patch element]: whether the element is inside the image."""
    first = case["dataFormat"] == "channels_first"
    rows, cols, channels = np.roll(case["inputShape"], -1) if first else case["inputShape"]
    (kh, kw), (sh, sw) = case["kernelSize"], case["strides"]
    if case["padding"] == "same":
        (oh, ow), (top, left) = (-(-rows // sh), -(-cols // sw)), (kh // 2, kw // 2)
    else:
        (oh, ow), (top, left) = ((rows - kh) // sh + 1, (cols - kw) // sw + 1), (0, 0)
    mask = np.zeros((oh, ow, kh, kw, channels), bool)
    for i in range(oh):
        for j in range(ow):
            for a in range(kh):
                for b in range(kw):
                    h, w = i * sh - top + a, j * sw - left + b
                    mask[i, j, a, b] = 0 <= h < rows and 0 <= w < cols
    if first:
        mask = mask.transpose(0, 1, 4, 2, 3)
    return int(oh), int(ow), mask.reshape(oh * ow, kh * kw * channels)


def sharing(kernel, mask):
    """The sum over places of |K_p - mean|^2, divided by that of |K_p|^2, over the weights inside the image."""
    m = mask[:, :, None]
    count = np.maximum(m.sum(0), 1)
    mean = np.where(m, kernel, 0).sum(0) / count
    return (np.where(m, kernel - mean, 0) ** 2).sum() / (np.where(m, kernel, 0) ** 2).sum()


def kernel_distance(kernel, mask, oh, ow, radius):
    k = kernel.reshape(oh, ow, *kernel.shape[1:])
    m = mask.reshape(oh, ow, -1)
    down = np.where((m[radius:] & m[:-radius])[..., None], k[radius:] - k[:-radius], 0)
    right = np.where((m[:, radius:] & m[:, :-radius])[..., None], k[:, radius:] - k[:, :-radius], 0)
    norms = [np.sqrt((d**2).sum(2)).ravel() for d in (down, right)]
    return np.concatenate(norms).mean()


def divisors(filters):
    r = max(d for d in range(1, filters + 1) if filters % d == 0 and d * d <= filters)
    return r, filters // r


def sheet_loss(kernel, bias, mask, oh, ow, circular):
    """The loss of Lu et al. for one layer: (1 - mean cosine of neighbours) / 2."""
    kernel = np.where(mask[:, :, None], kernel, 0)
    cr, cc = divisors(kernel.shape[2])
    sheet = kernel.reshape(oh, ow, -1, cr, cc).transpose(0, 3, 1, 4, 2).reshape(oh * cr, ow * cc, -1)
    if bias is not None:
        b = bias.reshape(oh, ow, cr, cc).transpose(0, 2, 1, 3).reshape(oh * cr, ow * cc, 1)
        sheet = np.concatenate([sheet, b], 2)
    unit = sheet / np.sqrt(np.maximum((sheet**2).sum(2, keepdims=True), 1e-12))
    similarities = []
    for axis in (0, 1):
        n = unit.shape[axis]
        if n == 1:
            continue
        cosines = (unit * np.roll(unit, -1, axis)).sum(2)
        if not circular:
            cosines = np.take(cosines, range(n - 1), axis)
        similarities.append(cosines.mean())
    return (1 - np.mean(similarities)) / 2


def slopes(function, array):
    """Central differences of fourth order."""
    found = np.zeros_like(array)
    h = 1e-4
    for i in np.ndindex(*array.shape):
        kept = array[i]
        values = []
        for step in (-2, -1, 1, 2):
            array[i] = kept + step * h
            values.append(function())
        array[i] = kept
        found[i] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    return found


def case(random, filters, input_shape, kernel_size, strides=(1, 1), padding="valid", data_format="channels_last", **more):
    options = {
        "filters": filters,
        "inputShape": list(input_shape),
        "kernelSize": list(kernel_size),
        "strides": list(strides),
        "padding": padding,
        "dataFormat": data_format,
    }
    oh, ow, mask = geometry(options)
    kernel = np.where(mask[:, :, None], random.normal(size=(*mask.shape, filters)), 0).astype(np.float32).astype(float)
    bias = random.normal(size=(oh * ow, filters)).astype(np.float32).astype(float) if more["useBias"] else None
    circular = more["circular"]
    loss = lambda: sheet_loss(kernel, bias, mask, oh, ow, circular)
    flat = lambda array: None if array is None else [float(v) for v in np.asarray(array).ravel()]
    radii = [r for r in (1, 2) if r < max(oh, ow)]
    found = {
        "kernel": flat(kernel),
        "bias": flat(bias),
        "sharing": float(sharing(kernel, mask)),
        "kernelDistance": {r: float(kernel_distance(kernel, mask, oh, ow, r)) for r in radii},
        "sheetLoss": float(loss()),
        "sheetGradient": {"kernel": flat(slopes(loss, kernel).round(9)), "bias": flat(None if bias is None else slopes(loss, bias).round(9))},
    }
    return {**options, **more, **found}


if __name__ == "__main__":
    random = np.random.default_rng(21)
    cases = [
        case(random, 4, (4, 4, 1), (2, 2), useBias=True, circular=True),
        case(random, 6, (4, 5, 2), (3, 2), strides=(1, 2), useBias=True, circular=False),
        case(random, 3, (4, 3, 1), (3, 3), padding="same", useBias=True, circular=True),
        case(random, 4, (2, 4, 3), (2, 2), data_format="channels_first", useBias=True, circular=True),
        case(random, 2, (2, 4, 3), (3, 2), padding="same", data_format="channels_first", useBias=False, circular=False),
        case(random, 3, (1, 7, 2), (1, 3), useBias=True, circular=True),
    ]
    print(json.dumps({"numpy": np.__version__, "cases": cases}))
