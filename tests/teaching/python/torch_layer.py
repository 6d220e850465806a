"""A right layer in PyTorch: unfold gives the patches in the order (channel, row, column)."""
import torch
from torch.nn.functional import pad


def forward(x, kernel, bias, sizes):
    H, W, C, KH, KW, SH, SW, F = (sizes[name] for name in ("H", "W", "C", "KH", "KW", "SH", "SW", "F"))
    last = sizes["dataFormat"] == "channels_last"
    if last:
        x = x.permute(0, 3, 1, 2)
    OH, OW = (H - KH) // SH + 1, (W - KW) // SW + 1
    if sizes["padding"] == "same":
        OH, OW = -(-H // SH), -(-W // SW)
        x = pad(x, (KW // 2, KW, KH // 2, KH))
    patches = x.unfold(2, KH, SH)[:, :, :OH].unfold(3, KW, SW)[:, :, :, :OW]  # [B, C, OH, OW, KH, KW]
    order = (0, 2, 3, 4, 5, 1) if last else (0, 2, 3, 1, 4, 5)
    y = torch.einsum("bpk,pkf->bpf", patches.permute(order).reshape(len(x), OH * OW, -1), kernel)
    y = y.reshape(-1, OH, OW, F)
    return (y if last else y.permute(0, 3, 1, 2)) + bias
