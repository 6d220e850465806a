"""A layer in NumPy that shares its weights, and knows padding 'valid' only."""
import numpy as np


def forward(x, kernel, bias, sizes):
    KH, KW, SH, SW = (sizes[name] for name in ("KH", "KW", "SH", "SW"))
    y = np.repeat(bias[None], len(x), 0)
    for oh in range(bias.shape[0]):
        for ow in range(bias.shape[1]):
            patch = x[:, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
            y[:, oh, ow] += patch.reshape(len(x), -1) @ kernel[0]
    return y
