"""Writes the fixtures of npy.test.ts with NumPy: python tests/files/make_npy.py"""

import json
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

folder = Path(__file__).parent / "fixtures"
folder.mkdir(exist_ok=True)
expected = {}


def keep(name, array):
    expected[name] = {"shape": list(array.shape), "data": [float(x) for x in np.asarray(array, np.float32).ravel()]}


def write(name, array, version=None):
    with open(folder / f"{name}.npy", "wb") as file:
        npy.write_array(file, array, version=version)
    keep(name, array)


numbers = np.array([[0, 1, 2], [100, 64, 3]])
for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"]:
    write(dtype.replace("<", "little-").replace(">", "big-"), (numbers * 1 - 1).astype(dtype))
for dtype in ["u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "?"]:
    write(dtype.replace("<", "little-").replace(">", "big-").replace("?", "bool"), numbers.astype(dtype))
write("halves", np.array([0, 6e-8, 6.1e-5, 0.1, 1, -2, 65504, np.finfo("f2").tiny], "f2"))
write("fractions", np.array([0.1, -1 / 3, 1e30, 1e-40, -0.0]))
write("fortran", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
write("fortran-big", np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3)))
write("scalar", np.array(7.5, "f4"))
write("vector", np.arange(5, dtype="f4"))
write("empty", np.zeros((0, 3), "f4"))
write("version-2", np.arange(3, dtype="f4"), (2, 0))
write("version-3", np.arange(3, dtype="f4"), (3, 0))

parts = {"x": np.arange(6, dtype="f4").reshape(2, 3), "y": np.array([1, 2, 3]), "zeros": np.zeros((40, 50), "f4")}
np.savez(folder / "stored.npz", **parts)
np.savez_compressed(folder / "compressed.npz", **parts)
for name, array in parts.items():
    keep(f"npz/{name}", array)

refused = {
    "objects": np.array([{"a": 1}, None], object),
    "structured": np.zeros(2, [("a", "f4"), ("b", "i4")]),
    "complex": np.array([1 + 2j]),
    "text": np.array(["a", "bc"]),
    "dates": np.array(["2020-01-01"], "M8[D]"),
    "long": np.array([2**24 + 1]),
    "very-long": np.array([2**60 + 1]),
    "huge": np.array([1e300]),
}
for name, array in refused.items():
    np.save(folder / f"refused-{name}.npy", array, allow_pickle=True)

(folder / "expected.json").write_text(json.dumps(expected) + "\n")
