"""A right layer in NumPy."""
import numpy as np


def windows(x, sizes):
    """For each place the patch of every sample, [B, K], and where it comes from in the padded image."""
    H, W, KH, KW, SH, SW = (sizes[name] for name in ("H", "W", "KH", "KW", "SH", "SW"))
    if sizes["dataFormat"] == "channels_first":
        x = x.transpose(0, 2, 3, 1)
    if sizes["padding"] == "same":
        OH, OW = -(-H // SH), -(-W // SW)
        padded = np.pad(x, ((0, 0), (KH // 2, KH), (KW // 2, KW), (0, 0)))
    else:
        OH, OW = (H - KH) // SH + 1, (W - KW) // SW + 1
        padded = x
    for oh in range(OH):
        for ow in range(OW):
            where = (slice(None), slice(oh * SH, oh * SH + KH), slice(ow * SW, ow * SW + KW))
            yield oh, ow, OH, OW, padded, where


def flatten(patch, sizes):
    if sizes["dataFormat"] == "channels_first":
        patch = patch.transpose(0, 3, 1, 2)
    return patch.reshape(len(patch), -1)


def forward(x, kernel, bias, sizes):
    first = sizes["dataFormat"] == "channels_first"
    y = np.repeat(bias[None], len(x), 0)
    for oh, ow, OH, OW, padded, where in windows(x, sizes):
        at = (slice(None), slice(None), oh, ow) if first else (slice(None), oh, ow)
        y[at] += flatten(padded[where], sizes) @ kernel[oh * OW + ow]
    return y


def backward(dy, x, kernel, sizes):
    first = sizes["dataFormat"] == "channels_first"
    B, H, W, C, KH, KW = (sizes[name] for name in ("B", "H", "W", "C", "KH", "KW"))
    dkernel = np.zeros_like(kernel)
    dpadded = None
    for oh, ow, OH, OW, padded, where in windows(x, sizes):
        if dpadded is None:
            dpadded = np.zeros_like(padded)
        d = dy[:, :, oh, ow] if first else dy[:, oh, ow]
        dkernel[oh * OW + ow] = flatten(padded[where], sizes).T @ d
        dpatch = d @ kernel[oh * OW + ow].T
        dpadded[where] += dpatch.reshape(B, C, KH, KW).transpose(0, 2, 3, 1) if first else dpatch.reshape(B, KH, KW, C)
    top, left = (KH // 2, KW // 2) if sizes["padding"] == "same" else (0, 0)
    dx = dpadded[:, top : top + H, left : left + W]
    return dx.transpose(0, 3, 1, 2) if first else dx, dkernel, dy.sum(0)
